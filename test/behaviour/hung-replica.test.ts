import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { haproxyConfiguration } from '../../components/haproxy/configuration';
import { RULES } from '../../components/haproxy/rules';
import { backend, check, proxy } from '../support/proxies';
import { dnsServer } from './support/dns';
import { engine, TEST_LABEL } from './support/engine';
import { haproxyImage } from './support/environment';
import { onDocker } from './support/only';
import { report } from './support/report';
import { sleep, waitFor } from './support/wait';

/** Two replicas on the machine itself; a proxy in its network finds them by a DNS server of the test. */
const REPLICAS = ['127.0.0.2', '127.0.0.3'] as const;
const [FIRST] = REPLICAS;
/** Longer than the proxy takes to be certain that a replica hangs, shorter than its time-outs. */
const SLOW = 6_000;
/** A failed check, with the one after it, has taken a replica out by then, and no request was looked at yet. */
const DOWN = 3_100;

const hung = new Set<string>();
const notReady = new Set<string>();
const gone = new Set<string>();
const servers: Server[] = [];
let folder: string;
let url: string;
let container: { remove: (options: { force: boolean }) => Promise<unknown> };
let dns: Awaited<ReturnType<typeof dnsServer>>;

const readyAt = (port: number) => check({ kind: 'http', path: '/readyz', port }, { interval: 500 });

function answer(address: string, request: IncomingMessage, response: ServerResponse): void {
  if (hung.has(address)) return;
  const delay = request.url === '/slow' ? SLOW : 0;
  if (request.url === '/readyz' && notReady.has(address)) response.statusCode = 503;
  setTimeout(() => !hung.has(address) && response.end(address), delay);
}

onDocker('requests that wait for a replica', () => {
  beforeAll(async () => {
    let port = 0;
    for (const address of REPLICAS) {
      const server = createServer((request, response) => answer(address, request, response)).listen(port, address);
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
      servers.push(server);
    }
    dns = await dnsServer(() => REPLICAS.filter((address) => !gone.has(address)));
    const front = createServer().listen(0, '127.0.0.1');
    await once(front, 'listening');
    const bind = `127.0.0.1:${(front.address() as AddressInfo).port}`;
    front.close();
    url = `http://${bind}`;
    folder = mkdtempSync(join(tmpdir(), 'hung-'));
    const configuration = haproxyConfiguration(
      proxy({
        listeners: [{ name: 'api', bind: [bind], mode: 'http', backend: 'api' }],
        backends: [{ ...backend, port, dnsName: 'replicas.test', check: readyAt(port) }],
        nameserver: dns.address,
        rulesFile: '/rules/rules.lua',
      }),
    );
    writeFileSync(join(folder, 'haproxy.cfg'), configuration);
    writeFileSync(join(folder, 'rules.lua'), RULES);
    const created = await engine.createContainer({
      Image: haproxyImage(),
      Entrypoint: ['haproxy'],
      Cmd: ['-db', '-f', '/rules/haproxy.cfg'],
      User: '0',
      Labels: { [TEST_LABEL]: 'helper' },
      HostConfig: { NetworkMode: 'host', Binds: [`${folder}:/rules:ro`] },
    });
    await created.start();
    container = created;
    await ready();
  });

  afterAll(async () => {
    await container.remove({ force: true });
    dns.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    for (const set of [hung, notReady, gone]) set.clear();
    await ready();
  });

  /** Waits until both replicas get requests. */
  async function ready(): Promise<void> {
    await waitFor('both replicas to answer', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => get('/').catch(() => undefined)));
      return REPLICAS.every((address) => answers.some((one) => one?.from === address));
    });
  }

  async function get(path: string): Promise<{ status: number; from: string; ms: number }> {
    const start = Date.now();
    const response = await fetch(url + path, { headers: { connection: 'close' } });
    return { status: response.status, from: await response.text(), ms: Date.now() - start };
  }
  const many = (path: string) => Promise.all(Array.from({ length: 6 }, () => get(path)));

  /** All are answered, and the first replica has finished those that it had. */
  async function expectFinished(answers: ReturnType<typeof many>): Promise<void> {
    const found = await answers;
    expect(found.every(({ status }) => status === 200)).toBe(true);
    expect(found.some(({ from }) => from === FIRST)).toBe(true);
  }

  it('that hangs are answered by another, also when it has left DNS by then', async () => {
    for (const leaves of [false, true]) {
      hung.add(FIRST);
      const answers = many('/');
      await sleep(DOWN);
      if (leaves) gone.add(FIRST);
      const found = await answers;
      const longest = Math.max(...found.map(({ ms }) => ms));
      expect(found.map(({ status, from }) => ({ status, from }))).toEqual(
        found.map(() => ({ status: 200, from: REPLICAS[1] })),
      );
      expect(longest).toBeGreaterThan(DOWN);
      expect(longest).toBeLessThan(5_000);
      report({ name: `hung replica${leaves ? ' that leaves DNS' : ''}`, note: `answered after ${longest} ms` });
      hung.clear();
      gone.clear();
      await ready();
    }
  });

  it('that says it is not ready, and then leaves DNS, are answered by it', async () => {
    const answers = many('/slow');
    await sleep(200);
    notReady.add(FIRST);
    await sleep(DOWN - 600);
    gone.add(FIRST);
    await expectFinished(answers);
  });

  it('that leaves DNS are answered by it', async () => {
    const answers = many('/slow');
    await sleep(200);
    gone.add(FIRST);
    await expectFinished(answers);
  });

  it('that hung, was looked at and is back, are its own again', async () => {
    hung.add(FIRST);
    await many('/');
    hung.clear();
    await ready();
    // What was known of it before must not cut what it works on now.
    const answers = many('/slow');
    await sleep(200);
    gone.add(FIRST);
    await expectFinished(answers);
  });
});
