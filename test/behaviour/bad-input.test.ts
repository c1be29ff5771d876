import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonImage } from './support/environment';
import { fixtureStack } from './support/fixture';
import { shopStack } from './support/shop';
import { command } from './support/command';
import { Stack } from './support/stack';
import { onDocker } from './support/only';
import { target } from './support/target';
import { root } from './support/environment';

let stack: Stack;

beforeAll(async () => {
  stack = await fixtureStack('invalid');
});

afterAll(async () => {
  await stack.destroy({ remove: true });
});

/** Deploys the fixture with a part of its definition changed; the command line must refuse it before anything is made. */
async function refused(patch: unknown, words: string[]): Promise<void> {
  const { code, output } = await stack.up({ 'fixture:patch': JSON.stringify(patch) });
  for (const word of words) expect(output).toContain(word);
  expect(code).not.toBe(0);
  // A stack trace is for those who wrote the program.
  expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
  expect(await target.belongings(stack.scope)).toEqual({ objects: [], data: [] });
}

const echo = (patch: unknown) => ({ services: { echo: patch } });
const routes = (...list: unknown[]) => ({ gateway: { routes: list } });

describe('an argument that is not valid is refused before anything is created', () => {
  it.each<[string, unknown, string[]]>([
    ['a negative number of replicas', echo({ replicas: -1 }), ['services.echo.replicas', '-1']],
    ['a fractional number of replicas', echo({ replicas: 1.5 }), ['services.echo.replicas', '1.5']],
    ['a huge number of replicas', echo({ replicas: 1e9 }), ['services.echo.replicas', '1000000000']],
    ['more replicas than the proxy can tell apart', echo({ replicas: 500 }), ['services.echo.replicas', '500']],
    ['min over max', echo({ replicas: { min: 5, max: 2 } }), ['services.echo.replicas', 'max']],
    ['storage with two replicas', { services: { keeper: { replicas: 2 } } }, ['services.keeper.replicas', 'storage']],
    ['memory in no unit', echo({ resources: { memory: '12x' } }), ['services.echo.resources.memory', '12x']],
    [
      'a limit below its request',
      echo({ resources: { memory: { request: '64Mi', limit: '32Mi' } } }),
      ['services.echo.resources.memory.limit', 'request'],
    ],
    ['port 0', echo({ port: 0 }), ['services.echo.port', '1 to 65535']],
    ['port 70000', echo({ port: 70_000 }), ['services.echo.port', '70000']],
    ['a path without slash', echo({ ready: { http: { path: 'readyz' } } }), ['services.echo.ready.http.path', 'slash']],
    [
      'two routes alike',
      routes({ path: '/a', to: 'echo' }, { path: '/a/', to: 'caller' }),
      ['gateway.routes[1]', 'gateway.routes[0]'],
    ],
    ['a route to an unknown service', routes({ to: 'ecco' }), ['gateway.routes[0].to', 'did you mean "echo"?']],
    [
      'a call to an unknown service',
      { services: { caller: { calls: ['ecco'] } } },
      ['services.caller.calls[0]', 'echo'],
    ],
    ['a name that DNS refuses', { services: { My_Service: { image: 'x' } } }, ['My_Service', 'DNS label']],
    ['a misspelt argument', echo({ replica: 3 }), ['services.echo.replica', 'did you mean "replicas"?']],
    ['root without being allowed', echo({ hardening: { user: '0:0' } }), ['services.echo.hardening.user', 'root']],
  ])('%s', async (_, patch, words) => refused(patch, words));
});

describe('environment values', () => {
  it('with quotes, dollars, percent signs and newlines arrive as they were written', async () => {
    const value = 'a "b" \'c\' $HOME ${X} 100% \\n\nsecond line\t`d`';
    const spelled = await fixtureStack('spelling', {
      'fixture:patch': JSON.stringify({ services: { echo: { replicas: 1, env: { VERSION: value } } } }),
    });
    try {
      await spelled.mustUp();
      const answer = (await (await fetch(`${await spelled.url()}/version`)).json()) as { version: string };
      expect(answer.version).toBe(value);
    } finally {
      await spelled.destroy({ remove: true });
      await target.deleteData(spelled.scope);
    }
  });
});

describe('a configuration that is not valid is refused', () => {
  const other = new Stack('shop', 'behaviour-invalid', root);
  afterAll(async () => {
    await other.destroy({ remove: true });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    [
      'a misspelt key',
      { 'shop:target': 'docker', 'shop:gatewayport': 1 },
      ['shop:gatewayport', 'did you mean shop:gatewayPort?'],
    ],
    ['an unknown target', { 'shop:target': 'nomad' }, ['shop:target', 'nomad', 'docker']],
    ['a missing key', { 'shop:target': undefined }, ['target', 'missing']],
    [
      'replicas of a service that there is not',
      { 'shop:target': 'docker', 'shop:replicas': { prodct: 3 } },
      ['prodct', 'product'],
    ],
    [
      'replicas that are no number',
      { 'shop:target': 'docker', 'shop:replicas': { product: 'many' } },
      ['replicas', 'many'],
    ],
  ])('%s', async (_, config, words) => {
    const { code, output } = await other.up(config);
    for (const word of words) expect(output).toContain(word);
    expect(code).not.toBe(0);
    expect(await target.belongings(other.scope)).toEqual({ objects: [], data: [] });
  });
});

onDocker('a port that is in use is refused', () => {
  const other = new Stack('shop', 'behaviour-port', root);
  afterAll(async () => {
    await other.destroy({ remove: true });
  });

  it('naming who has it and how to choose another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { code, output } = await other.up({ 'shop:target': 'docker', 'shop:gatewayPort': port });
      expect(code).not.toBe(0);
      expect(output).toMatch(new RegExp(`port ${port} .*in use`));
      expect(output).toContain('gatewayPort');
    } finally {
      server.close();
    }
  });
});

onDocker('an engine that cannot be deployed to is refused', () => {
  it('when it does not run', async () => {
    const away = new Stack('shop', shopStack.name, root, {}, { DOCKER_HOST: 'unix:///nonexistent/docker.sock' });
    const { code, output } = await away.preview();
    expect(code).not.toBe(0);
    expect(output).toMatch(/no Docker engine answers/);
  });

  it.each<[string, object, RegExp]>([
    [
      "when it is a worker of somebody's swarm",
      { Swarm: { LocalNodeState: 'active', ControlAvailable: false } },
      /worker/,
    ],
    ['when live-restore is on', { LiveRestoreEnabled: true, Swarm: { LocalNodeState: 'inactive' } }, /live-restore/],
    ['when Swarm mode is off', { Swarm: { LocalNodeState: 'inactive' } }, /Swarm mode is off/],
  ])('%s', async (_, info, words) => {
    // The engine here is what it is; one that answers as another would is enough to see what the program says.
    const server = createHttpServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.setHeader('api-version', '1.41');
      response.end(
        JSON.stringify(request.url?.endsWith('/info') ? { OSType: 'linux', Architecture: 'x86_64', ...info } : {}),
      );
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const strange = new Stack('shop', shopStack.name, root, {}, { DOCKER_HOST: `tcp://127.0.0.1:${port}` });
      const { code, output } = await strange.preview();
      expect(code).not.toBe(0);
      expect(output).toMatch(words);
    } finally {
      server.close();
    }
  });
});

onDocker('an image that cannot be built', () => {
  it('is refused with the step that failed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'behaviour-image-'));
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${pythonImage()}\nRUN echo before && exit 42\n`);
    const failing = await fixtureStack('unbuilt', { 'fixture:build': folder });
    try {
      const { code, output } = await failing.up();
      expect(code).not.toBe(0);
      expect(output).toContain('exit 42');
      expect((await target.belongings(failing.scope)).objects.filter((name) => name.startsWith('service'))).toEqual([]);
    } finally {
      await failing.destroy({ remove: true });
      rmSync(folder, { recursive: true });
      await command('docker', ['volume', 'rm', '--force', `${failing.scope}-keeper-data`]);
    }
  });
});
