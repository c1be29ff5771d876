import { containers, engine, helper, replicas, TEST_LABEL } from '../test/behaviour/support/engine';
import { baseImage, nginxImage } from '../test/behaviour/support/environment';
import { fixtureStack } from '../test/behaviour/support/fixture';
import { command } from '../test/behaviour/support/command';
import { fullStrength, target } from '../test/behaviour/support/target';
import { sleep } from '../test/behaviour/support/wait';
import type { Section } from './section';
import { median, noise } from './statistics';

const SECONDS = 6;
const ROUNDS = 3;
const CONNECTIONS = 32;
const WRK = 'bench-wrk:debian';

interface Measured {
  perSecond: number;
  p99: number;
}

/** `wrk` from Debian, in an image of its own: it must sit in the same networks as what it loads. */
async function wrkImage(): Promise<void> {
  if ((await command('docker', ['image', 'inspect', WRK])).code === 0) return;
  const recipe = `FROM ${baseImage('debian:trixie-slim')}\nUSER root\nRUN apt-get update && apt-get install -y --no-install-recommends wrk`;
  const built = await command('sh', ['-c', `printf '%s\\n' "$RECIPE" | docker build --network host --tag ${WRK} -`], {
    env: { RECIPE: recipe },
  });
  if (built.code !== 0) throw new Error(built.output);
}

async function load(network: string, address: string): Promise<Measured> {
  const { code, output } = await helper(
    [
      'wrk',
      '--threads',
      '1',
      '--connections',
      String(CONNECTIONS),
      '--duration',
      `${SECONDS}s`,
      '--latency',
      `http://${address}:8080/echo?n=1`,
    ],
    { NetworkMode: network },
    { image: WRK },
  );
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
  const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? [];
  if (code !== 0 || !perSecond || /Non-2xx|Socket errors/.test(output)) throw new Error(output);
  return { perSecond, p99: Number(amount) * { us: 0.001, ms: 1, s: 1_000 }[unit as 'us' | 'ms' | 's'] };
}

/** nginx as people set it up: the same replicas, kept connections on both sides, no logs. */
async function nginx(publicNetwork: string, replicaNetwork: string, servers: string[]): Promise<string> {
  const configuration = `worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  upstream replicas {
    least_conn;
    ${servers.map((server) => `server ${server}:8080;`).join('\n    ')}
    keepalive 64;
  }
  server {
    listen 8080;
    location / {
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}`;
  const container = await engine.createContainer({
    Image: nginxImage(),
    Entrypoint: ['sh', '-c'],
    Cmd: ['printf %s "$CONFIGURATION" > /tmp/bench.conf; exec nginx -c /tmp/bench.conf -g "daemon off;"'],
    Env: [`CONFIGURATION=${configuration}`],
    User: '0',
    Labels: { [TEST_LABEL]: 'nginx' },
    HostConfig: { NetworkMode: replicaNetwork },
  });
  await engine.getNetwork(publicNetwork).connect({ Container: container.id });
  await container.start();
  return container.id;
}

async function address(id: string, network: string): Promise<string> {
  const { NetworkSettings } = await engine.getContainer(id).inspect();
  return NetworkSettings.Networks[network]!.IPAddress;
}

export async function gateway(): Promise<Section> {
  await wrkImage();
  // The replicas must not be what is measured.
  const stack = await fixtureStack('bench', {
    'fixture:patch': JSON.stringify({ services: { echo: { resources: { cpu: '2' } } } }),
  });
  let proxy: string | undefined;
  try {
    await stack.mustUp();
    await fullStrength(stack.scope, 'echo', 3);
    const [publicNetwork, replicaNetwork] = [`${stack.scope}-gateway`, `${stack.scope}-echo`];
    const running = await replicas(stack.scope, 'echo');
    const addresses = await Promise.all(running.map(({ id }) => address(id, replicaNetwork)));
    proxy = await nginx(publicNetwork, replicaNetwork, addresses);
    await sleep(2_000);
    const entry = (await containers(stack.scope, { component: 'gateway' }))[0]!;
    const subjects: [string, () => Promise<Measured>][] = [
      ['nginx', async () => load(publicNetwork, await address(proxy!, publicNetwork))],
      ['gateway', async () => load(publicNetwork, await address(entry.id, publicNetwork))],
      ['one replica directly', () => load(replicaNetwork, addresses[0]!)],
    ];
    const results = new Map<string, Measured[]>(subjects.map(([name]) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, subject] of subjects) results.get(name)!.push(await subject());
    }
    const base = {
      perSecond: median(results.get('nginx')!.map((one) => one.perSecond)),
      p99: median(results.get('nginx')!.map((one) => one.p99)),
    };
    return {
      title: 'Gateway',
      about: `\`wrk\` with ${CONNECTIONS} kept connections for ${SECONDS} s, median of ${ROUNDS}: the gateway and a plain nginx before the same three replicas, and one replica without a proxy. Aim: at least nginx's.`,
      head: ['', 'requests/s', 'against nginx', 'p99 ms', 'against nginx', 'noise'],
      rows: [...results].map(([name, values]) => {
        const perSecond = median(values.map((one) => one.perSecond));
        const p99 = median(values.map((one) => one.p99));
        return [
          name,
          perSecond.toFixed(0),
          `${(perSecond / base.perSecond).toFixed(2)} ×`,
          p99.toFixed(1),
          `${(p99 / base.p99).toFixed(2)} ×`,
          noise(values.map((one) => one.perSecond)),
        ];
      }),
    };
  } finally {
    if (proxy !== undefined) await engine.getContainer(proxy).remove({ force: true });
    await stack.destroy({ remove: true });
    await target.deleteData(stack.scope);
  }
}
