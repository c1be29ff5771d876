import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECHO } from '../test/behaviour/fixture/definition';
import { haproxyImage, root } from '../test/behaviour/support/environment';
import { fixtureStack } from '../test/behaviour/support/fixture';
import { fixtureImage } from '../test/behaviour/support/fixture-image';
import { command } from '../test/behaviour/support/command';
import { target } from '../test/behaviour/support/target';
import { emptyProgram } from './empty-program';
import { goProgram } from './go-program';
import type { Section } from './section';
import { against, byTurns } from './statistics';

const ROUNDS = 3;
/**
 * What the Docker provider waits for in any case, in seconds, along the longest chain: it looks at a new network, and at a
 * new service, only 2 s after it was made, and the gateway's rules come after a network.
 * Source: kreuzwerker/terraform-provider-docker, resource_docker_network_funcs.go and resource_docker_service_funcs.go.
 */
const PROVIDER_WAITS = 2 + 2;

/** `docker compose`, or one built from its Go module where it is not installed. */
async function compose(): Promise<string[]> {
  if ((await command('docker', ['compose', 'version'])).code === 0) return ['docker', 'compose'];
  return [await goProgram({ name: 'compose', main: 'github.com/docker/compose/v2/cmd' })];
}

/** The fixture in Compose's words: the same images, numbers, limits and health checks, and a HAProxy where we have one. */
function composeFile(image: string): string {
  const check = 'import urllib.request as r; r.urlopen("http://127.0.0.1:8080/readyz")';
  const service = (replicas: number, more: object = {}) => ({
    image,
    init: true,
    read_only: true,
    cap_drop: ['ALL'],
    tmpfs: ['/tmp'],
    stop_grace_period: `${ECHO.stopGraceMs}ms`,
    deploy: { replicas, resources: { limits: { cpus: String(ECHO.cpu), memory: `${ECHO.memoryMiB}M` } } },
    healthcheck: {
      test: ['CMD', 'python3', '-c', check],
      interval: '1s',
      timeout: '1s',
      retries: 3,
      start_period: '10s',
    },
    ...more,
  });
  const proxy = (to: string, more: object = {}) => ({
    image: haproxyImage(),
    entrypoint: ['sh', '-c'],
    command: [
      `printf 'defaults\\n timeout connect 1s\\n timeout client 9s\\n timeout server 9s\\n mode http\\nlisten a\\n bind :8080\\n server-template s 5 ${to}:8080 resolvers d init-addr none\\nresolvers d\\n nameserver d 127.0.0.11:53\\n' > /tmp/h.cfg; exec haproxy -f /tmp/h.cfg`,
    ],
    depends_on: { [to]: { condition: 'service_healthy' } },
    ...more,
  });
  return JSON.stringify({
    services: {
      echo: service(3),
      caller: service(2, {
        environment: { CALLEE: 'echo-lb' },
        depends_on: { 'echo-lb': { condition: 'service_started' } },
      }),
      // A new volume is root's; ours is handed over to the user before the first replica starts.
      keeper: service(1, { user: '0:0', volumes: ['data:/data'], environment: { DATA: '/data' } }),
      'echo-lb': proxy('echo'),
      gateway: proxy('caller', { ports: ['127.0.0.1:29998:8080'] }),
    },
    volumes: { data: {} },
  });
}

export async function up(): Promise<Section> {
  const [program, ...first] = await compose();
  const folder = mkdtempSync(join(root, '.local', 'bench-up-'));
  const file = join(folder, 'compose.json');
  writeFileSync(file, composeFile(await fixtureImage()));
  const run = async (...args: string[]) => {
    const result = await command(program!, [...first, '--project-name', 'bench-compose', '--file', file, ...args]);
    if (result.code !== 0) throw new Error(result.output);
    return result.seconds;
  };
  const stack = await fixtureStack('bench-up');
  await stack.configure();
  const empty = await emptyProgram('bench-up-empty');
  try {
    const [theirs, ours, nothing] = await byTurns(ROUNDS, [
      async () => {
        const seconds = await run('up', '--wait', '--detach');
        await run('down', '--volumes');
        return seconds;
      },
      async () => {
        const { seconds } = await stack.mustUp();
        const gone = await stack.destroy();
        if (gone.code !== 0) throw new Error(gone.output);
        return seconds;
      },
      async () => (await empty.stack.mustUp()).seconds,
    ]);
    const row = against(theirs!, 1);
    return {
      title: 'First `up` of built images',
      about: `Three services with six replicas, a load balancer and a gateway: \`pulumi up\` against \`docker compose up --wait\`, median of ${ROUNDS}. Aim: at most 1.5 ×, all waits included. ${PROVIDER_WAITS} s of it the provider waits in any case. An empty Pulumi program shows what starting the tools takes.`,
      head: ['', 'seconds', 'against Compose', 'noise'],
      rows: [row('docker compose', theirs!), row('pulumi', ours!), row('an empty Pulumi program', nothing!)],
    };
  } finally {
    await run('down', '--volumes').catch(() => undefined);
    await empty.remove();
    await stack.destroy({ remove: true });
    await target.deleteData(stack.scope);
    rmSync(folder, { recursive: true, force: true });
  }
}
