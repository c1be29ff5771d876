import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const A = 1;
/** An answer, to a question that wanted it, by who is in charge. */
const FLAGS = 0x8580;
const HEADER = 12;

/** A DNS server that has one list of IPv4 addresses for every name; the list may change at any time. */
export async function dnsServer(addresses: () => readonly string[]): Promise<{ address: string; close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, HEADER);
    const question = query.subarray(HEADER, end + 5);
    const found = query.readUInt16BE(end + 1) === A ? addresses() : [];
    const header = Buffer.alloc(HEADER);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(FLAGS, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found.length, 6);
    socket.send(Buffer.concat([header, question, ...found.map(record)]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

/** The name of the question, type A, class IN, one second, four bytes. */
function record(address: string): Buffer {
  return Buffer.from([0xc0, HEADER, 0, A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
}
