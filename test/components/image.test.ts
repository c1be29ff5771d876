import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Image, InvalidArgumentsError, type ImageArgs } from '../../components';
import { imageSpec, imageTag } from '../../components/image';
import { formatProblem } from '../../components/validation';
import { problemsOf } from '../support/definitions';
import { deploy, valueOf } from '../support/deployment';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rmSync(folder, { recursive: true }));
const args = (more: Partial<ImageArgs> = {}): ImageArgs => ({ folder, repository: 'shop/api', ...more });
const tagOf = (more: Partial<ImageArgs> = {}) => imageSpec('api', args(more)).hash;

describe('an image', () => {
  it('is one build that is never deleted, named by its content', async () => {
    const { result, registrations, outputs } = await deploy(() => new Image('api', args()));
    expect(registrations.map(({ type, name, parent }) => [type, name, parent])).toEqual([
      ['shop:components:Image', 'api', ''],
      ['docker:index/remoteImage:RemoteImage', 'api-build', 'api'],
    ]);
    const reference = `shop/api:${tagOf().slice(0, 12)}`;
    expect(registrations[1]).toMatchObject({
      inputs: {
        name: reference,
        keepLocally: true,
        build: {
          context: relative(process.cwd(), folder),
          dockerfile: 'Dockerfile',
          tags: [reference],
          remove: true,
          forceRemove: true,
        },
      },
      ignoreChanges: ['build.context'],
    });
    expect(await valueOf(result.reference)).toBe(reference);
    expect(outputs.get('api')).toEqual({ reference });
  });

  it('hands on what the build needs, and no more', async () => {
    const more = {
      platform: 'linux/arm64',
      target: 'run',
      buildArgs: { A: '1' },
      network: 'host',
      dockerfile: 'Dockerfile',
    } as const;
    const { registrations } = await deploy(() => new Image('api', args(more)));
    expect(registrations[1]!.inputs['build']).toMatchObject({
      platform: 'linux/arm64',
      target: 'run',
      buildArgs: { A: '1' },
      networkMode: 'host',
    });
    const { registrations: plain } = await deploy(() => new Image('api', args()));
    for (const key of ['platform', 'target', 'buildArgs', 'networkMode'])
      expect(plain[1]!.inputs['build']).not.toHaveProperty(key);
  });

  it('whose build fails tells how to see all that it prints', async () => {
    const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
    const more = { target: 'run', buildArgs: { A: "it's 1" }, network: 'host' } as const;
    const { runHook } = await deploy(() => new Image('api', args(more)));
    await expect(runHook('api-build-failed', { failedOperation: 'create', errors: [] })).resolves.toBe(false);
    const [command] = warn.mock.calls[0]!;
    expect(command).toBe(
      `image api: to see all that its build prints: docker build --target run --network host --build-arg 'A=it'\\''s 1' --file ${folder}/Dockerfile ${folder}`,
    );
    await runHook('api-build-failed', { failedOperation: 'delete', errors: [] });
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  describe('for a registry', () => {
    const registry = 'registry.example:5000';
    const tag = () => tagOf().slice(0, 12);
    const registered = async (more: Partial<ImageArgs> = {}) =>
      (await deploy(() => new Image('api', args({ registry, ...more })))).registrations;

    it('is pushed after it was built, and stays there', async () => {
      const registrations = await registered();
      const [build, push] = [`api-build-${tag()}`, `api-push-${tag()}`];
      expect(registrations.map(({ name }) => name)).toEqual(['api', build, push]);
      expect(registrations[1]!.inputs).toHaveProperty('build');
      expect(registrations[2]).toMatchObject({
        type: 'docker:index/registryImage:RegistryImage',
        parent: 'api',
        inputs: { name: `${registry}/shop/api:${tag()}`, keepRemotely: true },
        dependencies: [build],
      });
    });

    it('is pushed again if the registry fails, three times in all', async () => {
      const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
      const { runHook } = await deploy(() => new Image('api', args({ registry })));
      const push = (failedOperation: string, ...errors: string[]) =>
        runHook(`api-push-${tag()}-failed`, { failedOperation, errors });
      const broken = 'Error pushing image. Full error: received unexpected HTTP status: 500 Internal Server Error';
      await expect(push('create', broken)).resolves.toBe(true);
      await expect(push('create', broken, broken)).resolves.toBe(true);
      expect(warn.mock.calls.map(([message]) => message)).toEqual([
        'image api: the registry failed, so it is pushed again (2 of 3)',
        'image api: the registry failed, so it is pushed again (3 of 3)',
      ]);
      await expect(push('create', broken, broken, broken)).resolves.toBe(false);
      await expect(push('delete', broken)).resolves.toBe(false);
      await expect(push('create', 'denied: requested access to the resource is denied')).resolves.toBe(false);
      await expect(push('create', 'tag invalid: the tag exists and is immutable')).resolves.toBe(false);
      warn.mockRestore();
    });

    it('runs by its digest, which no other push can change', async () => {
      const { result } = await deploy(() => new Image('api', args({ registry })));
      expect(await valueOf(result.reference)).toBe(`${registry}/shop/api@sha256:pushed`);
    });

    it('is not built if the registry has it, and that is no change later', async () => {
      const [first, later] = [await registered(), await registered({ published: true })];
      expect(later[1]!.inputs).toEqual({ name: `${registry}/shop/api:${tag()}`, keepLocally: true });
      expect(later.map(({ name }) => name)).toEqual(first.map(({ name }) => name));
      for (const [, build] of [first, later]) expect(build!.ignoreChanges).toEqual(['build']);
    });

    it('with another content is another resource: the old one stays as it is', async () => {
      const before = await registered();
      writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nUSER 1\n');
      const after = await registered();
      expect(after.map(({ name }) => name).filter((name) => before.some((one) => one.name === name))).toEqual(['api']);
    });

    it('has a tag that can be looked up before', () =>
      expect(imageTag('api', args({ registry }))).toBe(`${registry}/shop/api:${tag()}`));
  });

  it('has a name before it is built, so that a preview shows it', async () => {
    const { result } = await deploy(() => new Image('api', args()), { preview: true });
    expect(await valueOf(result.reference)).toMatch(/^shop\/api:[0-9a-f]{12}$/);
  });

  it('is built by the provider that it is given', async () => {
    const { registrations } = await deploy(() => {
      const provider = new docker.Provider('other-engine', { host: 'tcp://other:2375' });
      return new Image('api', args({ registry: 'r' }), { providers: [provider] });
    });
    expect(registrations.filter(({ name }) => name.startsWith('api-')).map(({ provider }) => provider)).toEqual([
      'other-engine',
      'other-engine',
    ]);
  });
});

describe('the tag', () => {
  it('is the same for the same', () => expect(tagOf()).toBe(tagOf()));

  it.each<[string, Partial<ImageArgs>]>([
    ['the platform', { platform: 'linux/arm64' }],
    ['the stage', { target: 'run' }],
    ['a build argument', { buildArgs: { A: '1' } }],
  ])('changes with %s', (_, more) => expect(tagOf(more)).not.toBe(tagOf()));

  it.each<[string, Partial<ImageArgs>]>([
    ['the repository', { repository: 'shop/other' }],
    ['the registry', { registry: 'r' }],
    ["the builder's network", { network: 'host' }],
    ['whether it was published', { published: true }],
    ['what is the default anyway', { dockerfile: 'Dockerfile' }],
  ])('does not change with %s', (_, more) => expect(tagOf(more)).toBe(tagOf()));
});

describe('a bad argument is an error before anything is created', () => {
  const REPOSITORY = 'must be a repository in lower case without tag, such as "shop/user-service"';
  it.each<[Record<string, unknown>, string]>([
    [{ folder: 5 }, 'folder: 5 is not allowed; must be a folder'],
    [{ folder: '/nowhere' }, 'folder: "/nowhere" is not allowed; there is no such folder'],
    [{ dockerfile: 'Dockerfil' }, 'dockerfile: "Dockerfil" is not allowed; there is no such file in '],
    [{ dockerfile: '.' }, 'dockerfile: "." is not allowed; there is no such file in '],
    [
      { folder: join(__dirname, 'docker'), dockerfile: '../image.test.ts' },
      'dockerfile: "../image.test.ts" is not allowed; must lie below the folder, since nothing else is sent',
    ],
    [{ repository: 'Shop/api' }, `repository: "Shop/api" is not allowed; ${REPOSITORY}`],
    [{ repository: 'shop/api:1' }, `repository: "shop/api:1" is not allowed; ${REPOSITORY}`],
    [{ platform: 'linux' }, 'platform: "linux" is not allowed; must be "linux/amd64" or "linux/arm64"'],
    [{ registry: 'https://r' }, 'registry: "https://r" is not allowed; must be a host, or host:port, in lower case'],
    [{ network: 'bridge' }, 'network: "bridge" is not allowed; must be "host"'],
    [{ buildArgs: { A: 1 } }, 'buildArgs.A: 1 is not allowed; must be a text'],
    [{ regisrty: 'r' }, 'regisrty: there is no such argument; did you mean "registry"?'],
    [{ published: 'yes' }, 'published: "yes" is not allowed; must be true or false'],
  ])('%j', async (bad, message) => {
    let problems: string[] = [];
    const { registrations } = await deploy(() => {
      problems = problemsOf(() => new Image('api', { ...args(), ...bad })).map(formatProblem);
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]!.startsWith(message)).toBe(true);
    expect(registrations).toEqual([]);
  });

  it('names the image', () =>
    expect(() => imageSpec('api', args({ folder: '/nowhere' }))).toThrow(
      /^image "api": one argument is not valid; nothing was created/,
    ));

  it('names the file that cannot be read', () => {
    writeFileSync(join(folder, 'closed'), '');
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES', path: join(folder, 'closed') });
    const read = jest.spyOn(fs, 'readFileSync').mockImplementation(() => {
      throw denied;
    });
    try {
      expect(problemsOf(() => imageSpec('api', args())).map(formatProblem)).toEqual([
        'folder: "closed" is not allowed; cannot be read (EACCES) (make it readable, or name it in .dockerignore)',
      ]);
    } finally {
      read.mockRestore();
    }
  });

  it('a file is no folder', () =>
    expect(() => imageSpec('api', args({ folder: join(folder, 'Dockerfile') }))).toThrow(InvalidArgumentsError));
});
