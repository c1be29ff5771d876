import type Docker from 'dockerode';
import { join } from 'node:path';
import { applicationSpec } from '../../components/application-spec';
import { checkLines, checkOptions } from '../../components/haproxy/check';
import { healthcheck, PROBE, PROBE_FOLDER } from '../../components/docker/health';
import type { MicroserviceArgs } from '../../components';
import { parseDuration } from '../../components/quantity';
import { engine, exec, logs, TEST_LABEL } from './support/engine';
import { haproxyImage, pythonImage, root } from './support/environment';
import { onDocker } from './support/only';
import { report } from './support/report';
import { sleep, waitFor } from './support/wait';

/** Python's own server, whose log has a stack trace for each connection that is reset. */
const SERVER = `
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        size = int(self.path.split('=')[1])
        self.send_response(200)
        self.send_header('Content-Length', str(size))
        self.end_headers()
        self.wfile.write(b'x' * size)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(('', 8080), Handler).serve_forever()
`;
const CHECK = { interval: '500ms', timeout: '500ms', failures: 3 } as const;
const started: Docker.Container[] = [];

afterEach(async () => {
  for (const container of started.splice(0)) await container.remove({ force: true });
});

async function start(options: Docker.ContainerCreateOptions): Promise<Docker.Container> {
  const container = await engine.createContainer({ Labels: { [TEST_LABEL]: 'probe' }, ...options });
  started.push(container);
  await container.start();
  return container;
}

function specOf(args: Partial<MicroserviceArgs>) {
  return applicationSpec('shop', { services: { api: { image: pythonImage(), port: 8080, ...args } } }).services[0]!;
}

/** A replica as the engine runs it, with its health check. */
async function replica(args: Partial<MicroserviceArgs>, script = SERVER): Promise<Docker.Container> {
  const check = healthcheck(specOf(args))!;
  const nanoseconds = (time: unknown) => (parseDuration(time) ?? 0) * 1e6;
  const { Architecture } = await engine.version().then(({ Arch }) => ({ Architecture: Arch }));
  const binary = join(root, 'components', 'docker', 'probe', `probe-linux-${Architecture}`);
  const container = await start({
    Image: pythonImage(),
    Cmd: ['python3', '-c', script],
    User: '10001:10001',
    Healthcheck: {
      Test: check.tests as string[],
      Interval: nanoseconds(check.interval),
      Timeout: nanoseconds(check.timeout),
      Retries: check.retries as number,
      StartPeriod: nanoseconds(check.startPeriod),
    },
    HostConfig: {
      Init: true,
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      Binds: [`${binary}:${PROBE}:ro`],
      Tmpfs: { [PROBE_FOLDER]: 'mode=777' },
    },
  });
  await waitFor('the replica to be healthy', async () => (await stateOf(container)).Health?.Status === 'healthy');
  return container;
}

/** Stops every process but Docker's init, which nobody inside the container can stop. */
async function hang(container: Docker.Container): Promise<void> {
  await exec(container.id, ['sh', '-c', 'kill -STOP -1']);
}

async function stateOf(container: Docker.Container) {
  return (await container.inspect()).State;
}

const http = (path: string) => ({ http: { path }, ...CHECK });

onDocker('a replica that does not answer `alive`', () => {
  const [interval, timeout] = [CHECK.interval, CHECK.timeout].map((time) => parseDuration(time)!) as [number, number];

  it('is gone as soon as it has failed often enough, though it hangs', async () => {
    const container = await replica({ alive: http('/?size=2'), ready: http('/?size=2') });
    const since = performance.now();
    await hang(container);
    await waitFor('the container to end', async () => !(await stateOf(container)).Running, { timeout: 20_000 });
    const took = Math.round(performance.now() - since);
    report({ name: 'hung replica killed by the probe', note: `${took} ms` });
    // The probe waits a second between its two signals. A machine that is busy starts it late.
    expect(took).toBeLessThan(CHECK.failures * (interval + timeout) + interval + 1_000 + 3_000);
    expect((await stateOf(container)).ExitCode).toBe(137);
  });

  it('has a second to end by itself', async () => {
    const polite = `import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n${SERVER}`;
    const container = await replica({ alive: { exec: ['sleep', '30'], ...CHECK }, ready: http('/?size=2') }, polite);
    await waitFor('the container to end', async () => !(await stateOf(container)).Running, { timeout: 20_000 });
    expect((await stateOf(container)).ExitCode).toBe(7);
  });

  it('is left to the engine where it has storage', async () => {
    const storage = { path: '/data', size: '1Gi' } as const;
    const container = await replica({ storage, alive: http('/?size=2'), ready: http('/?size=2') });
    await hang(container);
    await waitFor('the replica to be unhealthy', async () => (await stateOf(container)).Health?.Status === 'unhealthy');
    await sleep(3_000);
    expect((await stateOf(container)).Running).toBe(true);
  });

  it.each([
    [
      'answers that it is not alive',
      SERVER.replace('send_response(200)', 'send_response(503 if self.server.n > 2 else 200)'),
    ],
    // As one that was told to stop, and finishes what it works on.
    [
      'refuses connections',
      SERVER.replace('send_response(200)', 'send_response(200); self.server.n > 2 and self.server.socket.close()'),
    ],
  ])('is left to the engine where it %s', async (_, script) => {
    const counting = script.replace('size = ', 'self.server.n = getattr(self.server, "n", 0) + 1; size = ');
    const container = await replica({ alive: http('/?size=2'), ready: http('/?size=2') }, counting);
    await waitFor('the replica to be unhealthy', async () => (await stateOf(container)).Health?.Status === 'unhealthy');
    await sleep(3_000);
    expect((await stateOf(container)).Running).toBe(true);
  });

  it('is not killed for failures with a pass between them', async () => {
    const flaky = SERVER.replace('size = ', 'self.server.n = getattr(self.server, "n", 0) + 1; size = ').replace(
      'send_response(200)',
      'send_response(200 if self.server.n % 3 == 1 else 503)',
    );
    const container = await replica({ alive: http('/?size=2'), ready: http('/?size=2') }, flaky);
    await sleep(8_000);
    expect((await stateOf(container)).Running).toBe(true);
  });
});

onDocker('a check', () => {
  it.each([2, 100_000])('of an answer of %d bytes leaves no error in the log', async (size) => {
    const { alive: check } = specOf({ alive: { http: { path: `/?size=${size}` }, interval: '200ms', timeout: '1s' } });
    const server = await replica({ alive: http(`/?size=${size}`), ready: http(`/?size=${size}`) });
    const { IPAddress } = Object.values((await server.inspect()).NetworkSettings.Networks)[0]!;
    const configuration = [
      'defaults',
      '  timeout connect 1s',
      '  timeout client 1s',
      '  timeout server 1s',
      'listen checked',
      '  bind 127.0.0.1:8080',
      '  mode http',
      '  option log-health-checks',
      ...checkLines(check).map((line) => `  ${line}`),
      `  server one ${IPAddress}:8080${checkOptions(check, 8080)}`,
      '',
    ].join('\n');
    const proxy = await start({
      Image: haproxyImage(),
      Env: [`CONFIGURATION=${configuration}`],
      Entrypoint: ['sh', '-c', 'printf %s "$CONFIGURATION" > /tmp/haproxy.cfg && exec haproxy -f /tmp/haproxy.cfg'],
      Cmd: [],
    });
    await sleep(20_000);
    expect(await logs(proxy.id)).toMatch(/Health check for server checked\/one succeeded/);
    expect((await stateOf(server)).Health?.Status).toBe('healthy');
    expect(await logs(server.id)).toBe('');
  });
});
