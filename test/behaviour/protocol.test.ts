import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ask } from './support/long-sessions';
import { RawConnection, rawAnswer, requestHead } from './support/raw';
import { report } from './support/report';
import { trafficFixture } from './support/traffic';
import { sleep } from './support/wait';

const MIB = 2 ** 20;
const SLOW_CLIENTS = 200;
const SLOW_MS = 8_000;
const RACES = 300;
const RACERS = 6;

let url: string;

beforeAll(async () => {
  ({ url } = await trafficFixture());
});

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

describe('bodies', () => {
  it('an answer that comes before the body is there reaches the client at once', async () => {
    const connection = await RawConnection.open(url);
    connection.write(requestHead('POST', '/extra/refuse', { 'Content-Length': `${50 * MIB}` }));
    const began = performance.now();
    const sending = setInterval(() => connection.write(Buffer.alloc(64 * 2 ** 10)), 50);
    try {
      const answer = await connection.answer();
      expect(answer?.status).toBe(413);
      expect(answer?.body).toContain('too large');
      expect(performance.now() - began).toBeLessThan(2_000);
    } finally {
      clearInterval(sending);
      connection.destroy();
    }
  });

  it('a client that asks first is told to continue', async () => {
    const connection = await RawConnection.open(url);
    const headers = { 'Content-Length': '4', Expect: '100-continue' };
    connection.write(requestHead('POST', '/extra/upload', headers));
    expect((await connection.answer())?.status).toBe(100);
    connection.write('body');
    const answer = await connection.answer();
    connection.destroy();
    expect(answer?.status).toBe(200);
    expect(JSON.parse(answer!.body)).toEqual({ bytes: 4, sha256: sha256('body') });
  });

  it('100 MB arrive whole', async () => {
    const part = Buffer.alloc(MIB, 'large');
    const expected = createHash('sha256');
    const parts = Array.from({ length: 100 }, () => part);
    for (const one of parts) expected.update(one);
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = request(`${url}/extra/upload`, { method: 'POST', headers: { 'Content-Length': `${100 * MIB}` } });
      sent.on('response', (response) => void text(response).then(resolve, reject));
      sent.on('error', reject);
      Readable.from(parts).pipe(sent);
    });
    expect(JSON.parse(answer)).toEqual({ bytes: 100 * MIB, sha256: expected.digest('hex') });
  });

  it('chunks of any size arrive whole', async () => {
    const parts = ['a', 'bc'.repeat(3_000), 'd'.repeat(70_000), 'e'];
    const chunks = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
    const head = requestHead('POST', '/extra/upload', { 'Transfer-Encoding': 'chunked' });
    const answer = await rawAnswer(url, `${head}${chunks}0\r\n\r\n`);
    expect(JSON.parse(answer!.body)).toMatchObject({ sha256: sha256(parts.join('')) });
  });
});

describe('requests', () => {
  it.each(['//a/../b', '/a/./b//c?x=%20&y=..', '/%2e%2e/a%2Fb'])(
    '%s reaches the service as it was sent',
    async (path) => {
      const answer = await rawAnswer(url, requestHead('GET', path));
      expect(JSON.parse(answer!.body)).toEqual({ error: `no ${path}` });
    },
  );

  it('a client may speak HTTP/2 without TLS', async () => {
    const session = connectHttp2(url);
    session.on('error', () => {});
    try {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const stream = session.request({ ':method': 'POST', ':path': `/echo?n=${n}` });
          stream.end(`body ${n}`);
          return JSON.parse(await text(stream)) as { n: string; body: string };
        }),
      );
      expect(answers.map(({ n, body }) => [n, body])).toEqual(answers.map((_, n) => [`${n}`, `body ${n}`]));
    } finally {
      session.destroy();
    }
  });
});

describe('clients that are slow', () => {
  it(`${SLOW_CLIENTS} that send their headers byte by byte keep nobody waiting`, async () => {
    const slow = await Promise.all(Array.from({ length: SLOW_CLIENTS }, () => RawConnection.open(url)));
    const head = requestHead('GET', '/version', { 'X-Slow': 's'.repeat(100) });
    let sent = 0;
    const dripping = setInterval(() => {
      for (const one of slow) one.write(head[sent]!);
      sent++;
    }, 200);
    const times: number[] = [];
    const end = performance.now() + SLOW_MS;
    try {
      while (performance.now() < end) {
        const began = performance.now();
        const response = await fetch(`${url}/version`);
        await response.text();
        expect(response.status).toBe(200);
        times.push(performance.now() - began);
        await sleep(20);
      }
    } finally {
      clearInterval(dripping);
      for (const one of slow) one.destroy();
    }
    const slowest = Math.max(...times);
    report({
      name: 'clients with slow headers',
      requests: times.length,
      failed: 0,
      note: `max ${Math.round(slowest)} ms`,
    });
    expect(slowest).toBeLessThan(1_000);
  });
});

describe('connections that are kept', () => {
  it('no request is lost to a replica that closes idle ones, whether it may be repeated or not', async () => {
    const reasons: string[] = [];
    const race = async (session: Parameters<typeof ask>[0], worker: number) => {
      for (let n = 0; n < RACES / RACERS; n++) {
        const body = `race ${worker} ${n}`;
        let step = 'GET';
        try {
          await text(await ask(session, '/linger?close_ms=15'));
          await sleep(10 + (n % 10));
          step = 'POST';
          const response = await ask(session, '/echo', { method: 'POST' }, body);
          const answer = await text(response);
          if (response.statusCode !== 200) reasons.push(`POST: status ${response.statusCode}`);
          else if ((JSON.parse(answer) as { body: string }).body !== body) reasons.push('POST: wrong body');
        } catch (error) {
          reasons.push(`${step}: ${(error as Error).message}`);
        }
      }
    };
    await Promise.all(
      Array.from({ length: RACERS }, async (_, worker) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        await race({ url, prefix: '', agent, signal: AbortSignal.timeout(120_000) }, worker);
        agent.destroy();
      }),
    );
    report({ name: 'keep-alive races', requests: RACES, failed: reasons.length });
    expect(reasons).toEqual([]);
  });
});
