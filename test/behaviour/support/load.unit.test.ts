import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { underLoad, type LoadOptions, type Shot } from './load';

type Handler = (n: number, request: IncomingMessage, response: ServerResponse) => void;

/** A server on a free port of the loopback address; counts connections and requests. */
async function serve(handler: Handler) {
  const seen = { requests: 0, connections: 0, keys: new Map<string, number>() };
  const server: Server = createServer((request, response) => {
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string') seen.keys.set(key, (seen.keys.get(key) ?? 0) + 1);
    request.resume();
    request.on('end', () => handler(seen.requests++, request, response));
  });
  server.on('connection', () => seen.connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

const get: Shot = {
  kind: 'GET',
  method: 'GET',
  path: '/',
  verify: ({ status, body }) => (status !== 200 ? `status ${status}` : body === 'ok' ? undefined : `body ${body}`),
};
const post = (n: number): Shot => ({
  ...get,
  kind: 'POST',
  method: 'POST',
  headers: { 'idempotency-key': `k${n}` },
  body: 'x',
});
const ok: Handler = (_, __, response) => response.end('ok');
const quick: Pick<LoadOptions, 'rate' | 'after' | 'maxTime'> = { rate: 1e9, after: 0, maxTime: 20_000 };

const servers: (() => Promise<void>)[] = [];
async function against(handler: Handler, options: Partial<LoadOptions> = {}, scenario?: () => Promise<void>) {
  const server = await serve(handler);
  servers.push(server.close);
  const result = await underLoad({ url: server.url, shot: () => get, requests: 200, ...quick, ...options }, scenario);
  return { result, seen: server.seen };
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((close) => close()));
});

describe('the load generator counts as failed', () => {
  it('nothing, when every answer is right', async () => {
    const { result, seen } = await against(ok);
    expect(result.failed).toBe(0);
    expect(result.requests).toBeGreaterThanOrEqual(200);
    expect(seen.requests).toBe(result.requests);
  });

  it('a wrong status', async () => {
    const { result } = await against((n, _, response) => {
      response.statusCode = n === 50 ? 503 : 200;
      response.end('ok');
    });
    expect(result.failed).toBe(1);
    expect(result.byReason).toEqual({ 'status 503': 1 });
    expect(result.samples).toHaveLength(1);
  });

  it('a wrong body', async () => {
    const { result } = await against((n, _, response) => response.end(n === 7 ? 'other' : 'ok'));
    expect(result.byReason).toEqual({ 'body other': 1 });
  });

  it('a connection that closes without an answer, once, and does not repeat the request', async () => {
    const { result, seen } = await against(
      (n, request, response) => (n === 20 ? request.socket.destroy() : response.end('ok')),
      { shot: post },
    );
    expect(result.failed).toBe(1);
    expect(Math.max(...seen.keys.values())).toBe(1);
    expect(seen.requests).toBe(result.requests);
  });

  it('an answer that breaks off', async () => {
    const { result } = await against((n, request, response) => {
      if (n !== 20) return response.end('ok');
      response.writeHead(200, { 'content-length': '100' });
      response.write('o');
      setTimeout(() => request.socket.destroy(), 20);
      return response;
    });
    expect(result.failed).toBe(1);
  });

  it('an answer that is slower than allowed', async () => {
    const { result } = await against(
      (n, _, response) => {
        setTimeout(() => response.end('ok'), n === 20 ? 4_000 : 0);
      },
      { slow: 2_000 },
    );
    expect(result.byReason).toEqual({ 'no answer within 2000 ms': 1 });
  });

  it('an answer that trickles in for longer than allowed', async () => {
    const { result } = await against(
      (n, _, response) => {
        if (n !== 20) return void response.end('ok');
        response.write('o');
        const drip = setInterval(() => response.write(' '), 50);
        setTimeout(() => (clearInterval(drip), response.end('k')), 4_000);
      },
      { slow: 2_000 },
    );
    expect(result.failed).toBe(1);
  });

  it('refused connections, for as long as the server is away', async () => {
    const server = await serve(ok);
    const result = await underLoad({ url: server.url, shot: () => get, requests: 50, ...quick }, async () => {
      await sleep(100);
      await server.close();
      await sleep(200);
    });
    expect(result.failed).toBeGreaterThan(0);
    expect(result.lastFailure).toBeGreaterThan(result.firstFailure!);
    expect(Object.keys(result.byReason).join()).toContain('ECONNREFUSED');
  });
});

describe('the load generator', () => {
  it('keeps connections where it should and opens a new one for each request where it should', async () => {
    const kept = await against(ok, { keptAlive: 3, fresh: 0 });
    expect(kept.seen.connections).toBe(3);
    const fresh = await against(ok, { keptAlive: 0, fresh: 3 });
    expect(fresh.seen.connections).toBe(fresh.result.requests);
  });

  it('honours `Connection: close` on a kept connection', async () => {
    const { result, seen } = await against(
      (n, _, response) => {
        if (n % 10 === 0) response.setHeader('connection', 'close');
        response.end('ok');
      },
      { keptAlive: 2, fresh: 0 },
    );
    expect(result.failed).toBe(0);
    expect(seen.connections).toBeGreaterThan(10);
  });

  it('gives every request a number of its own', async () => {
    const { result, seen } = await against(ok, { shot: post });
    expect(seen.keys.size).toBe(result.requests);
  });

  it('goes on until the scenario has ended and some time after', async () => {
    const { result } = await against(ok, { requests: 1, rate: 200, after: 300 }, () => sleep(500));
    expect(result.seconds).toBeGreaterThanOrEqual(0.8);
  });

  it('keeps to its rate', async () => {
    const { result } = await against(ok, { requests: 100, rate: 200 });
    expect(result.seconds).toBeGreaterThanOrEqual(0.4);
    expect(result.seconds).toBeLessThan(2);
  });

  it('stops and says so when the scenario fails', async () => {
    await expect(against(ok, {}, () => Promise.reject(new Error('no such replica')))).rejects.toThrow(
      /no such replica[^]*0 failed/,
    );
  });

  it('never runs longer than it may', async () => {
    await expect(against(ok, { rate: 10, requests: 1e6, maxTime: 400 })).rejects.toThrow(
      /of 1000000 requests within 400 ms/,
    );
    await expect(against(ok, { maxTime: 400 }, () => new Promise<void>(() => {}))).rejects.toThrow(
      'did not end within 400 ms',
    );
  });
});
