import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerLogins, registryOf, type RunHelper } from '../../../components/docker/logins';
import { EngineError } from '../../../components/docker/preflight';
import { isSecret, valueOf } from '../../support/deployment';

const REGISTRY = 'registry.example.com';
const IMAGE = `${REGISTRY}/shop/api:1`;
const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'docker-config-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function logins(config: unknown, run?: RunHelper): DockerLogins {
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return DockerLogins.read({ DOCKER_CONFIG: folder }, run);
}
/** A helper that answers as told, and what it was asked. */
function helper(answer: { code?: number; stdout?: string; stderr?: string }) {
  const asked: string[] = [];
  const run: RunHelper = (program, action, input) => {
    asked.push(`${program} ${action} ${input}`);
    return Promise.resolve({ code: 0, stdout: '', stderr: '', ...answer });
  };
  return { asked, run };
}
const kept = (Username: string, Secret: string) => ({
  stdout: JSON.stringify({ ServerURL: REGISTRY, Username, Secret }),
});

it.each([
  ['nginx', undefined],
  ['shop/api:1', undefined],
  [IMAGE, REGISTRY],
  ['localhost/api', 'localhost'],
  ['registry:5000/api', 'registry:5000'],
  ['docker.io/shop/api', 'docker.io'],
])('the registry of %s is %s', (image, registry) => expect(registryOf(image)).toBe(registry));

describe('who has signed in is found', () => {
  it.each([
    [{ [REGISTRY]: basic('me:pass:word') }],
    [{ [`https://${REGISTRY}/v2/`]: basic('me:pass:word') }],
    [{ [REGISTRY]: { username: 'me', password: 'pass:word' } }],
  ])('in the configuration: case %#', async (auths) =>
    expect(await logins({ auths }).of(IMAGE)).toEqual({
      serveraddress: REGISTRY,
      username: 'me',
      password: 'pass:word',
    }),
  );

  it('in the configuration, with a token', async () =>
    expect(await logins({ auths: { [REGISTRY]: { identitytoken: 'T', ...basic('me:') } } }).of(IMAGE)).toEqual({
      serveraddress: REGISTRY,
      identitytoken: 'T',
    }));

  it('with the helper that keeps all credentials', async () => {
    const { run, asked } = helper(kept('me', 'hush'));
    const found = logins({ credsStore: 'desktop', auths: { [REGISTRY]: {} } }, run);
    expect(await found.of(IMAGE)).toEqual({ serveraddress: REGISTRY, username: 'me', password: 'hush' });
    expect(asked).toEqual([`docker-credential-desktop get ${REGISTRY}`]);
  });

  it('with the helper of that registry before the other', async () => {
    const { run, asked } = helper(kept('<token>', 'T'));
    const found = logins({ credsStore: 'desktop', credHelpers: { [REGISTRY]: 'ecr-login' } }, run);
    expect(await found.of(IMAGE)).toEqual({ serveraddress: REGISTRY, identitytoken: 'T' });
    expect(asked).toEqual([`docker-credential-ecr-login get ${REGISTRY}`]);
  });

  it('for Docker Hub, under the name that `docker login` writes', async () => {
    const { run, asked } = helper(kept('me', 'hush'));
    await logins({ credsStore: 'desktop' }, run).of('docker.io/shop/api');
    expect(asked).toEqual(['docker-credential-desktop get https://index.docker.io/v1/']);
    const auths = { 'https://index.docker.io/v1/': basic('me:x') };
    expect(await logins({ auths }).of('docker.io/shop/api')).toMatchObject({ username: 'me', password: 'x' });
  });

  it('by running the helper itself', async () => {
    const program = join(folder, 'docker-credential-fake');
    writeFileSync(program, '#!/bin/sh\nread -r url\nprintf \'{"Username":"%s","Secret":"%s"}\' "$1" "$url"\n');
    chmodSync(program, 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}:${path!}`;
    try {
      expect(await logins({ credsStore: 'fake' }).of(IMAGE)).toMatchObject({ username: 'get', password: REGISTRY });
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('nobody has signed in, which is no error,', () => {
  it.each([{}, { auths: { 'other.example.com': basic('a:b') } }, { auths: { [REGISTRY]: {} } }])(
    'in %j',
    async (config) => expect(await logins(config).of(IMAGE)).toBeUndefined(),
  );

  it('where there is no configuration', async () =>
    expect(await DockerLogins.read({ DOCKER_CONFIG: join(folder, 'none') }).of(IMAGE)).toBeUndefined());

  it('where a helper says so', async () => {
    const { run } = helper({ code: 1, stdout: 'credentials not found in native keychain\n' });
    expect(await logins({ credsStore: 'desktop' }, run).of(IMAGE)).toBeUndefined();
  });

  it('where the image names no registry, whom no helper is asked about', async () => {
    const { run, asked } = helper({ code: 1 });
    expect(await logins({ credsStore: 'desktop' }, run).of('shop/api')).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('what is wrong is named, without what is secret:', () => {
  const failure = async (answer: Parameters<typeof helper>[0]) => {
    const failed = logins({ credsStore: 'desktop' }, helper(answer).run).of(IMAGE);
    await expect(failed).rejects.toThrow(EngineError);
    return failed.catch((error: unknown) => (error as Error).message);
  };

  it('a helper that fails', async () =>
    expect(await failure({ code: 2, stderr: 'hush', stdout: 'hush' })).toBe(
      `docker-credential-desktop, which keeps the credentials of registry ${REGISTRY}, ended with code 2. Repair it, or sign in again: docker login ${REGISTRY}`,
    ));

  it.each(['hush', '{"Secret":"hush"}', 'null'])('a helper that answers something else', async (stdout) => {
    const message = await failure({ stdout });
    expect(message).toContain('gave no credentials');
    expect(message).not.toContain('hush');
  });

  it('a helper that is not there', async () => {
    await expect(logins({ credsStore: 'none-of-that-name' }).of(IMAGE)).rejects.toThrow(
      `docker-credential-none-of-that-name, which keeps the credentials of registry ${REGISTRY}, is not on PATH. `,
    );
  });

  it.each(['{', '5'])('a configuration that is none', (text) =>
    expect(() => logins(text)).toThrow(
      `${folder}/config.json, Docker's configuration, is not JSON. Repair it, or remove it and sign in again.`,
    ),
  );
});

describe('the provider is told', () => {
  it('which registries to sign in to, each once, and no credentials', async () => {
    const auths = { [REGISTRY]: basic('me:hush'), 'b.example.com': basic('me:hush'), 'docker.io': basic('me:hush') };
    const images = [IMAGE, `${REGISTRY}/x`, 'b.example.com/y', 'public.example.com/z', 'docker.io/shop/api', 'nginx'];
    expect(await logins({ auths }).providerAuth(images)).toEqual([
      { address: 'b.example.com' },
      { address: 'docker.io' },
      { address: REGISTRY },
    ]);
  });

  it('the credentials of Docker Hub, as a secret, where a helper keeps them: it looks for these in the file alone', async () => {
    const { run } = helper(kept('me', 'hush'));
    const [hub] = await logins({ credsStore: 'desktop' }, run).providerAuth(['docker.io/shop/api']);
    expect(hub).toMatchObject({ address: 'docker.io', username: 'me' });
    expect(await isSecret(hub!.password as never)).toBe(true);
    expect(await valueOf(hub!.password)).toBe('hush');
  });

  it('nothing where nobody has signed in', async () => expect(await logins({}).providerAuth([IMAGE])).toEqual([]));
});
