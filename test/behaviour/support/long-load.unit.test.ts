import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { LongLoad, startLong, describeLong, type LongKind, type LongOptions } from './long-load';
import { echoSocket, eventStream, pausingUpload, slowPost, streamedGet, type Session } from './long-sessions';
import { sleep } from './wait';

type Fault = 'cut' | 'status' | 'gap' | 'twice' | 'silent' | undefined;

/** The fixture's long endpoints, with a fault for one of the requests. */
async function serve(fault?: Fault, at = 0) {
  let count = 0;
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url!);
    answer(request, response, count++ === at ? fault : undefined).catch(() => response.destroy());
  });
  // The server forgets the connections that it has handed over.
  server.on('upgrade', (_, socket) => closers.push(() => socket.destroy()));
  server.on('upgrade', (request, socket) => upgrade(request, socket, count++ === at ? fault : undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}`, seen };
}

async function answer(request: IncomingMessage, response: ServerResponse, fault: Fault): Promise<void> {
  const { pathname, searchParams } = new URL(request.url!, 'http://x');
  const [seconds, interval] = ['seconds', 'interval'].map((name) => Number(searchParams.get(name)));
  const body = createHash('sha256');
  for await (const part of request) body.update(part as Buffer);
  if (fault === 'silent') return;
  response.setHeader('x-replica', 'r1');
  if (fault === 'status') return void response.writeHead(502).end();
  if (pathname === '/slow') {
    await sleep(seconds! * 1_000);
    if (fault === 'cut') return void request.socket.destroy();
    return void response.end(JSON.stringify({ id: searchParams.get('id'), executions: fault === 'twice' ? 2 : 1 }));
  }
  if (pathname === '/upload') {
    if (fault === 'cut') return void request.socket.destroy();
    return void response.end(JSON.stringify({ bytes: 1, sha256: fault === 'gap' ? 'x' : body.digest('hex') }));
  }
  const all = createHash('sha256');
  const n = Math.round(seconds! / interval!);
  for (let number = 0; number < n && !response.destroyed; number++) {
    if (fault === 'cut' && number === n / 2) return void request.socket.destroy();
    const text = pathname === '/stream' ? `${number} serving .\n` : `id: ${number}\ndata: ${number}\n\n`;
    all.update(text);
    if (fault !== 'gap' || number !== 1) response.write(text);
    if (fault === 'twice' && number === 1) response.write(text);
    await sleep(interval! * 1_000);
  }
  response.end(pathname === '/stream' ? `end ${n} ${all.digest('hex')}\n` : `event: end\ndata: ${n}\n\n`);
}

function upgrade(request: IncomingMessage, socket: Duplex, fault: Fault): void {
  if (fault === 'status') return void socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
  if (fault === 'silent') return;
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${accept}\r\nX-Replica: r1\r\n\r\n`);
  socket.write(Buffer.from([0x89, 1, 0x70]));
  let messages = 0;
  socket.on('error', () => {});
  socket.on('data', (data: Buffer) => {
    for (let rest = data; rest.length > 0;) {
      const [opcode, size] = [rest[0]! & 0x0f, rest[1]! & 0x7f];
      const mask = rest.subarray(2, 6);
      const payload = rest.subarray(6, 6 + size).map((byte, index) => byte ^ mask[index % 4]!);
      rest = rest.subarray(6 + size);
      if (opcode === 0x1 && messages++ === 1) {
        if (fault === 'cut') return void socket.destroy();
        if (fault === 'gap') continue;
        if (fault === 'twice') payload[0] = 0x58;
      }
      const reply = { 0x1: 0x81, 0x8: 0x88, 0x9: 0x8a }[opcode];
      if (reply !== undefined) socket.write(Buffer.concat([Buffer.from([reply, payload.length]), payload]));
    }
  });
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const KINDS = { slowPost, streamedGet, eventStream, echoSocket, pausingUpload };
const kind = (name: keyof typeof KINDS): LongKind => ({ kind: name, count: 1, seconds: 1, run: KINDS[name] });

/** One session of a second against a server with a fault. */
async function one(name: keyof typeof KINDS, fault?: Fault) {
  const { url, seen } = await serve(fault);
  const load = new LongLoad({ url, margin: 300 }, [kind(name)]);
  const result = await load.finish();
  return { result, figures: result.kinds[0]!, seen };
}

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s', (name) => {
  it('is whole when nothing cuts it', async () => {
    const { result, figures } = await one(name);
    expect(figures).toEqual({ kind: name, started: 1, finished: 1, cut: 0, samples: [] });
    expect(result.cut).toEqual([]);
    expect(result.ids[name]).toHaveLength(1);
  });

  it.each(['cut', 'status', 'silent'] as const)('counts as cut, and is not sent again, after: %s', async (fault) => {
    const { result, figures, seen } = await one(name, fault);
    expect(figures).toMatchObject({ started: 1, finished: 0, cut: 1 });
    expect(figures.samples).toEqual(result.cut);
    expect(seen.length).toBeLessThanOrEqual(1);
  });
});

describe('a session whose content is wrong counts as cut', () => {
  it.each([
    ['slowPost', 'twice', 'executed 2 times'],
    ['streamedGet', 'gap', 'line 2 where line 1 should be'],
    ['streamedGet', 'twice', 'line 1 where line 2 should be'],
    ['eventStream', 'gap', /bytes of other events/],
    ['eventStream', 'twice', /bytes of other events/],
    ['echoSocket', 'twice', '"Xessage 1" for "message 1"'],
    ['pausingUpload', 'gap', 'another body of 1 bytes'],
  ] as const)('%s: %s', async (name, fault, reason) => {
    const { result } = await one(name, fault);
    expect(result.cut.map((cut) => cut.reason)).toEqual([expect.stringMatching(reason)]);
  });
});

it('a stream says when its replica began to terminate', async () => {
  const server = createServer((_, response) => {
    response.write('0 serving\n');
    setTimeout(() => response.write('1 terminating\n'), 200);
    setTimeout(() => response.destroy(), 700);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = { url, prefix: '', id: 'a', seconds: 5, signal: AbortSignal.timeout(5_000) } as Session;
  const { wrong, terminatingAt, endedAt } = await streamedGet(session);
  expect(wrong).toMatch(/in the answer/);
  expect(endedAt - terminatingAt!).toBeGreaterThan(400);
  expect(endedAt - terminatingAt!).toBeLessThan(700);
});

describe('the long load', () => {
  const load = (url: string, options: Partial<LongOptions> = {}, count = 3) =>
    new LongLoad({ url, margin: 300, ...options }, [{ ...kind('slowPost'), count }]);

  it('starts one session after the other, not all at the same time, and lets the last ones end', async () => {
    const { url, seen } = await serve();
    const long = load(url);
    await sleep(1_500);
    const { kinds, seconds } = await long.finish();
    expect(kinds[0]).toMatchObject({ started: 6, finished: 6, cut: 0 });
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
    expect(seconds).toBeGreaterThanOrEqual(2);
  });

  it('says in which part of the scenario a session was cut', async () => {
    const { url } = await serve('cut', 1);
    const long = load(url, {}, 1);
    expect(await long.during('first', () => sleep(1_100), 0)).toEqual([]);
    const cut = await long.during('second', () => sleep(1_200), 0);
    expect(cut).toMatchObject([{ kind: 'slowPost', during: 'second' }]);
    const result = await long.finish();
    expect(result.cut).toEqual(cut);
    expect(describeLong(result)).toMatch(/slowPost: \d whole, 1 cut in .*\n {2}second, at \d+ ms: slowPost \S+-1 on/);
  });

  it('knows the replica of a session that was cut after its answer had begun', async () => {
    const { url } = await serve('cut');
    const { cut } = await new LongLoad({ url }, [kind('streamedGet')]).finish();
    expect(cut).toMatchObject([{ replica: 'r1' }]);
  });

  it('never runs longer than it may', async () => {
    const { url, seen } = await serve();
    const long = load(url, { maxTime: 500 }, 1);
    await sleep(1_300);
    await expect(long.finish()).rejects.toThrow('the scenario did not end within 500 ms');
    expect(seen).toHaveLength(1);
  });

  it('ends at once when it is aborted', async () => {
    const { url } = await serve();
    const long = startLong({ url, posts: 2, streams: 2, sse: 2, uploads: 2 });
    await sleep(300);
    const began = performance.now();
    await long.abort();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(long.cut).toEqual([]);
  });

  it('runs as many sessions of each kind at once, and those of other kinds', async () => {
    const { url, seen } = await serve();
    const extra: LongKind = { kind: 'extra', count: 1, seconds: 1, run: () => sleep(1_000).then(() => ({})) };
    const long = startLong({ url, prefix: '/extra', posts: 1, streams: 2, sse: 3, uploads: 4, others: [extra] });
    await sleep(500);
    await long.abort();
    const count = (path: string) => seen.filter((one) => one.startsWith(`/extra${path}?`)).length;
    expect([count('/slow'), count('/stream'), count('/events'), count('/upload')]).toEqual([1, 2, 3, 4]);
  });
});
