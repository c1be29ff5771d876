// Clients that read a large download slowly, in a process of their own: what is measured beside them must not wait for them.
import { connect } from 'node:net';

const [address, path, count, rate, everyMs] = process.argv.slice(2);
const { hostname, port, host } = new URL(address);
const readers = [];

/** Reads a little now and then, and keeps none of it. */
function start() {
  const reader = { bytes: 0, closed: false };
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  socket.on('data', (data) => {
    reader.bytes += data.length;
    socket.pause();
    setTimeout(() => socket.resume(), Number(everyMs));
  });
  socket.on('error', () => (reader.closed = true));
  socket.on('close', () => (reader.closed = true));
  readers.push(reader);
}

const starting = setInterval(
  () => {
    start();
    if (readers.length < Number(count)) return;
    clearInterval(starting);
    process.send('started');
  },
  1_000 / Number(rate),
);

process.on('message', () => {
  const closed = readers.filter((one) => one.closed).length;
  const empty = readers.filter(({ bytes }) => bytes === 0).length;
  const bytes = readers.reduce((sum, one) => sum + one.bytes, 0);
  process.send({ closed, empty, bytes }, () => process.exit());
});
