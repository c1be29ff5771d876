import { once } from 'node:events';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { isIP } from 'node:net';
import { Executions } from './support/executions';
import { rawAnswer, RawConnection, requestHead, type RawAnswer } from './support/raw';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, target } from './support/target';
import { droppedLines, HOST, proxyLines, TIMEOUT_SECONDS, trafficFixture } from './support/traffic';
import { sleep, waitFor } from './support/wait';

const KIB = 2 ** 10;
const PING_SECONDS = 45;
const PAUSE_MS = 61_000;
const IN_FLIGHT = 30;

let stack: Stack;
let url: string;
let run: string;
let executions: Record<'echo' | 'caller', Executions>;
/** What takes a minute goes on beside the rest. */
let patient: { silent: Promise<RawConnection>; events: Promise<string>; upload: Promise<RawAnswer | undefined> };

beforeAll(async () => {
  ({ stack, url } = await trafficFixture());
  await fullStrength(stack.scope, 'caller', 2);
  run = `r${Date.now()}`;
  executions = { echo: new Executions(stack.scope, 'echo'), caller: new Executions(stack.scope, 'caller') };
  patient = { silent: silentConnection(), events: pingedEvents(), upload: pausedUpload() };
  for (const one of Object.values(patient)) one.catch(() => {});
});

afterAll(async () => {
  await Promise.all(Object.values(executions).map((one) => one.stop()));
});

async function silentConnection(): Promise<RawConnection> {
  const connection = await RawConnection.open(url);
  await connection.closed(90_000);
  return connection;
}

async function pingedEvents(): Promise<string> {
  const path = `/extra/events?ping=${PING_SECONDS}&seconds=${PING_SECONDS}`;
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(90_000) });
  return response.text();
}

async function pausedUpload(): Promise<RawAnswer | undefined> {
  const connection = await RawConnection.open(url);
  connection.write(`${requestHead('POST', '/extra/upload', { 'Content-Length': '10' })}first`);
  await sleep(PAUSE_MS);
  connection.write('later');
  const answer = await connection.answer();
  connection.destroy();
  return answer;
}

const statusOf = async (head: string) => (await rawAnswer(url, head))?.status;

describe('a request that is slower than the timeout', () => {
  const METHODS = ['GET', 'PUT', 'DELETE', 'HEAD', 'POST'];
  const idsOf = (method: string) => [`${run}-${method}`, `${run}-${method}-nested`] as const;
  const answers = new Map<string, { status: number | undefined; seconds: number }[]>();

  /** To echo directly, and through caller. */
  async function send(method: string): Promise<void> {
    const began = performance.now();
    const [direct, nested] = idsOf(method);
    const paths = [`/echo?id=${direct}&ms=6000`, `/call?id=${nested}&ms=6000`];
    const sent = paths.map(async (path) => {
      const answer = await rawAnswer(url, requestHead(method, path), 20_000);
      return { status: answer?.status, seconds: (performance.now() - began) / 1_000 };
    });
    answers.set(method, await Promise.all(sent));
  }

  beforeAll(async () => {
    await Promise.all(METHODS.map(send));
    // Time for another attempt to begin.
    await sleep(3_000);
    await executions.echo.look();
  });

  it.each(METHODS)('%s gets 504 and is executed once', (method) => {
    const [direct, nested] = answers.get(method)!;
    const executed = idsOf(method).map((id) => executions.echo.of(id).length);
    report({ name: `${method} slower than the timeout`, note: JSON.stringify({ direct, nested, executed }) });
    expect(executed).toEqual([1, 1]);
    // The caller says 502 when the load balancer between the services does not get its answer.
    const nestedStatus = target.repeatsBetweenServices ? 502 : 200;
    expect([direct!.status, nested!.status]).toEqual([504, nestedStatus]);
    expect(direct!.seconds).toBeGreaterThanOrEqual(TIMEOUT_SECONDS);
    expect(direct!.seconds).toBeLessThan(TIMEOUT_SECONDS + 1.5);
  });
});

describe('headers that say who the client is', () => {
  it('are those of the gateway, whatever the client sends', async () => {
    const forged = {
      'X-Forwarded-For': '6.6.6.6',
      'X-Real-IP': '6.6.6.6',
      Forwarded: 'for=6.6.6.6;host=evil.example',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Port': '666',
      'X-Forwarded-Proto': 'https',
      // For a server that makes no difference between - and _.
      X_Forwarded_For: '6.6.6.6',
      'Forwarded-For': '6.6.6.6',
      'X.Forwarded.For': '6.6.6.6',
      'Client-IP': '6.6.6.6',
      'WL-Proxy-Client-IP': '6.6.6.6',
      // A proxy behind would take these off.
      Connection: 'close, X-Forwarded-For, X-Real-IP',
      Host: 'honest.example:8443',
    };
    const answer = await rawAnswer(url, requestHead('GET', '/headers', forged));
    const { headers } = JSON.parse(answer!.body) as { headers: [string, string][] };
    const values = (name: string) => headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
    expect(JSON.stringify(headers)).not.toMatch(/6\.6\.6\.6|evil|666/);
    const [client, ...others] = values('x-forwarded-for');
    expect(others).toEqual([]);
    expect(isIP(client!)).not.toBe(0);
    expect(values('x-forwarded-proto')).toEqual(['http']);
    expect(values('connection').join()).not.toMatch(/forwarded/i);
    expect(values('host')).toEqual(['honest.example:8443']);
    const host = values('x-forwarded-host');
    expect(host.length === 0 || host[0] === 'honest.example:8443').toBe(true);
  });
});

describe('a request that names no host', () => {
  it.each([
    ['1.1', 400],
    ['1.0', 200],
  ])('gets, with HTTP/%s, %d', async (version, status) => {
    expect(await statusOf(`GET /headers HTTP/${version}\r\nConnection: close\r\n\r\n`)).toBe(status);
  });
});

/** Status of an HTTP/2 request without TLS; the client adds `:authority` unless one of these headers names the host. */
async function http2Status(headers: OutgoingHttpHeaders): Promise<unknown> {
  const session = connectHttp2(url);
  session.on('error', () => {});
  try {
    const stream = session.request({ ':path': '/headers', ...headers });
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
    return answer[':status'];
  } finally {
    session.destroy();
  }
}

describe('an HTTP/2 request', () => {
  it.each<[string, OutgoingHttpHeaders, number]>([
    // An empty list is sent as no header, and keeps the client from adding one.
    ['that names no host', { ':authority': [] }, 400],
    ['with a host', { host: 'shop.example.com' }, 200],
    ['with an authority', { ':authority': 'shop.example.com:8080' }, 200],
    ['whose authority has a port that is none', { ':authority': 'shop.example.com:abc' }, 400],
    ['whose host has a port that is none', { host: 'shop.example.com:65536' }, 400],
  ])('%s gets a status', async (_, headers, status) => {
    expect(await http2Status(headers)).toBe(status);
  });
});

describe('a host whose port is none', () => {
  it.each([
    ['shop.example.com:abc', 400],
    ['shop.example.com:80x', 400],
    ['shop.example.com:65536', 400],
    ['shop.example.com:4294967376', 400],
    ['[::1]:x', 400],
    ['[::1]', 200],
    ['[::1]:8080', 200],
    ['shop.example.com:', 200],
    ['shop.example.com:65535', 200],
  ])('%s gets %d', async (Host, status) => {
    expect(await statusOf(requestHead('GET', '/headers', { Host, Connection: 'close' }))).toBe(status);
  });
});

describe('a tunnel, in which no rule would see the requests', () => {
  it.each(['shop.example.com:443', 'shop.example.com:80'])('CONNECT %s gets 405', async (target) => {
    expect(await statusOf(requestHead('CONNECT', target, { Host: target }))).toBe(405);
  });

  it.each(['h2c', 'H2C', 'other, h2c'])('Upgrade: %s is not passed on', async (upgrade) => {
    const head = requestHead('GET', '/headers', {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: upgrade,
      'HTTP2-Settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
    });
    const answer = await rawAnswer(url, head);
    expect(answer?.status).toBe(200);
    const seen = (JSON.parse(answer!.body) as { headers: [string, string][] }).headers.filter(([name]) =>
      /upgrade/i.test(name),
    );
    expect(JSON.stringify(seen)).not.toMatch(/h2c/i);
  });
});

const many = (count: number, bytes: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-Own-${n}`, 'v'.repeat(bytes)]));

describe('the limits of headers', () => {
  it.each([
    ['15 KiB of cookies', { Cookie: `a=${'c'.repeat(15 * KIB)}` }],
    ['31 KiB of headers', many(8, 3.8 * KIB)],
    ['150 headers', many(150, 10)],
  ])('%s reach the service', async (_, headers: Record<string, string>) => {
    const answer = await rawAnswer(url, requestHead('GET', '/headers', headers));
    expect(answer?.status).toBe(200);
    const own = (JSON.parse(answer!.body) as { headers: [string, string][] }).headers;
    const seen = new Map(own.map(([name, value]) => [name.toLowerCase(), value]));
    for (const [name, value] of Object.entries(headers))
      expect(seen.get(name.toLowerCase())?.length).toBe(value.length);
  });

  it.each([
    ['36 KiB of headers', many(9, 4 * KIB), 431],
    ['250 headers', many(250, 10), 431],
    ['64 KiB of headers, more than the buffer,', many(16, 4 * KIB), 400],
  ])('%s get a status', async (_, headers: Record<string, string>, status) => {
    expect(await statusOf(requestHead('GET', '/headers', headers))).toBe(status);
  });

  it.each([
    ['15.5 KiB', 15.5 * KIB, 1],
    ['15.5 KiB in 150 headers', 15.5 * KIB, 150],
    ['30 KiB', 30 * KIB, 10],
  ])('an answer with %s reaches the client', async (_, bytes, count) => {
    const answer = await rawAnswer(url, requestHead('GET', `/answer-headers?bytes=${bytes}&count=${count}`));
    expect(answer?.status).toBe(200);
    expect(answer!.header(`x-large-${count - 1}`)).toMatch(/^v+$/);
    expect(answer!.length).toBeGreaterThan(bytes - count);
  });
});

describe('the host of a route', () => {
  it.each([
    [HOST, 'keeper'],
    [`${HOST}.`, 'keeper'],
    [`${HOST.toUpperCase()}.:8080`, 'keeper'],
    ['other.example.com', '1'],
  ])('%s leads to version %s', async (host, version) => {
    const answer = await rawAnswer(url, requestHead('GET', '/version', { Host: host }));
    expect((JSON.parse(answer!.body) as { version: string }).version).toBe(version);
  });
});

describe('a killed replica', () => {
  it('leaves a status for each of its requests that may not be repeated', async () => {
    const connections = await Promise.all(Array.from({ length: IN_FLIGHT }, () => RawConnection.open(url)));
    // Half of them have carried a request before.
    for (const used of connections.slice(IN_FLIGHT / 2)) {
      used.write(requestHead('GET', '/other/version'));
      expect((await used.answer())?.status).toBe(200);
    }
    const ids = connections.map((_, n) => `${run}-kill-${n}`);
    connections.forEach((one, n) => one.write(requestHead('POST', `/other/slow?id=${ids[n]}&seconds=4`)));
    await sleep(1_500);
    const [victim] = await target.replicas(stack.scope, 'caller');
    await target.kill(victim!.id);
    const answers = await Promise.all(connections.map((one) => one.answer(20_000)));
    for (const one of connections) one.destroy();
    await executions.caller.look();
    const statuses = answers.map((one) => one?.status ?? 'none');
    const counted = Object.fromEntries(
      [...new Set(statuses)].map((s) => [s, statuses.filter((one) => one === s).length]),
    );
    report({ name: `killed with ${IN_FLIGHT} POSTs in flight`, note: JSON.stringify(counted) });
    expect(Object.keys(counted).sort()).toEqual(['200', '502']);
    expect(ids.filter((id) => executions.caller.of(id).length > 1)).toEqual([]);
    await fullStrength(stack.scope, 'caller', 2, { timeout: 90_000 });
  });
});

describe('connections on which little happens', () => {
  it('a client that says nothing is left without a byte', async () => {
    const { received, closedAfter } = await patient.silent;
    report({ name: 'silent connection', note: `closed after ${closedAfter} ms` });
    expect(received.toString()).toBe('');
  });

  it(`events with ${PING_SECONDS} s between them are not cut`, async () => {
    expect(await patient.events).toBe(': ping\n\nevent: end\ndata: 1\n\n');
  });

  it('an upload that pauses for a minute is read to its end', async () => {
    const answer = await patient.upload;
    expect(answer?.status).toBe(200);
    expect((JSON.parse(answer!.body) as { bytes: number }).bytes).toBe(10);
  });
});

describe('the log of a proxy', () => {
  it('has a line for each error that the proxy made: which service, which replica, and why', async () => {
    const lines = await proxyLines(stack.scope, 'gateway');
    const of = (status: number, path: string) => lines.filter((one) => one.status === status && one.path === path);
    const late = of(504, '/echo').filter(({ service }) => service === 'echo');
    const died = of(502, '/other/slow').filter(({ service }) => service === 'caller');
    const dropped = await droppedLines(stack.scope, 'gateway');
    expect(late.length + dropped).toBeGreaterThanOrEqual(5);
    expect(died.length).toBeGreaterThanOrEqual(1);
    report({ name: 'log', note: `${lines.length} lines, ${dropped} dropped` });
    for (const { replica, cause } of [...late, ...died]) {
      expect(replica).toMatch(/^replica-\d+$/);
      expect(cause).toMatch(/\w{4}/);
    }
    expect(new Set([...late, ...died].map(({ cause }) => cause)).size).toBe(2);
    expect(lines.filter(({ status }) => status === 431)).toHaveLength(2);
    if (target.name === 'kubernetes') return;
    const between = await proxyLines(stack.scope, 'load-balancer');
    const lateBetween = between.filter(({ status, path }) => status === 504 && path === '/echo');
    expect(lateBetween.length + (await droppedLines(stack.scope, 'echo'))).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['with every character', '/{}[]<>^`|~!$&()*+,;:@=%20"\\\''],
    ['longer than a line', `/${'"'.repeat(3_000)}`],
  ])('is JSON for a path %s', async (_, path) => {
    expect(await statusOf(requestHead('GET', `${path}?secret=1`, many(250, 1)))).toBe(431);
    await waitFor('the line', async () => {
      const lines = await proxyLines(stack.scope, 'gateway');
      return lines.some((one) => one.status === 431 && one.path?.slice(0, 1_000) === path.slice(0, 1_000));
    });
  });

  it('has none for a connection that says nothing', async () => {
    const lines = await proxyLines(stack.scope, 'gateway');
    expect(lines.filter(({ status }) => status === 408)).toEqual([]);
  });
});
