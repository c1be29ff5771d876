import { createServer, type AddressInfo, type Socket } from 'node:net';
import { headOf, rawAnswer, RawConnection, requestHead } from './raw';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that does something with each connection. */
async function serve(handler: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => {});
    handler(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the head of an answer', () => {
  it('is there once its empty line is', () => {
    expect(headOf(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n'))).toBeUndefined();
    const head = headOf(Buffer.from('HTTP/1.1 404 Not Found\r\nX-One: a: b \r\n\r\nbody'));
    expect(head).toMatchObject({ status: 404, length: 40 });
    expect(head!.header('x-ONE')).toBe('a: b');
    expect(head!.header('other')).toBeUndefined();
  });
});

describe('a raw connection', () => {
  it('gives one answer after the other, however they are cut into packets', async () => {
    const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 503 X\r\n\r\n';
    const url = await serve((socket) => {
      for (const part of text.match(/[^]{1,9}/g)!) socket.write(part);
    });
    const connection = await RawConnection.open(url);
    closers.push(() => connection.destroy());
    expect(await connection.answer()).toMatchObject({ status: 100, body: '' });
    expect(await connection.answer()).toMatchObject({ status: 200, body: 'ok' });
    expect(await connection.answer()).toMatchObject({ status: 503, body: '' });
    expect(connection.closedAfter).toBeUndefined();
  });

  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('has no answer when it is %s without one', async (_, end) => {
    const connection = await RawConnection.open(await serve((socket) => socket.once('data', () => end(socket))));
    connection.write(requestHead('GET', '/'));
    expect(await connection.answer()).toBeUndefined();
    expect(await connection.closed(1_000)).toBeGreaterThanOrEqual(0);
  });

  it('says that nothing came in time', async () => {
    const connection = await RawConnection.open(await serve(() => {}));
    closers.push(() => connection.destroy());
    await expect(connection.answer(100)).rejects.toThrow('gave up after 100 ms waiting for the head of an answer');
    await expect(connection.closed(100)).rejects.toThrow('the connection to close');
  });
});

it('a request goes as it is written, and a HEAD has no body', async () => {
  let seen = '';
  const url = await serve((socket) =>
    socket.on('data', (data) => {
      seen += data.toString();
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
    }),
  );
  expect(await rawAnswer(url, requestHead('HEAD', '//a', { A: 'b' }), 1_000)).toMatchObject({ status: 200, body: '' });
  expect(seen).toBe('HEAD //a HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n\r\n');
});
