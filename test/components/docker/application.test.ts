import type * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import type { ApplicationDefinition } from '../../../components';
import { NO_ADDRESSES } from '../../../components/docker/addresses';
import type { DeployedService, Engine } from '../../../components/docker/engine';
import { namePrefix } from '../../../components/identity';
import type { Registration } from '../../support/deployment';
import { isSecret } from '../../support/deployment';
import { definition, image, named, run, tree } from '../../support/sample';

const PREFIX = namePrefix({ project: 'shop', stack: 'dev' }, 'shop');

describe('options', () => {
  it('only data outlives `destroy`', async () => {
    const { registrations } = await run();
    expect(registrations.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name)).toEqual([
      'shop-db-data',
    ]);
  });

  it('what has a fixed name is deleted before it is replaced', async () => {
    const { registrations } = await run();
    const fixed = registrations.filter(
      ({ type }) => /:(Network|Container|Service|Volume)$/.test(type) && !type.endsWith('ServiceConfig'),
    );
    expect(fixed.filter(({ deleteBeforeReplace }) => !deleteBeforeReplace).map(({ name }) => name)).toEqual([
      'shop-db-data',
    ]);
  });

  it('hooks wait for the engine after each service, and join networks before each configuration', async () => {
    const { registrations } = await run();
    const after = registrations.filter(({ hooks }) => 'afterCreate' in hooks);
    expect(after.map(({ name }) => name).sort()).toEqual(
      registrations
        .filter(({ type }) => type === 'docker:index/service:Service')
        .map(({ name }) => name)
        .sort(),
    );
    expect(named(registrations, 'shop-db-service').hooks).toEqual({
      beforeCreate: ['shop-db-service-leftover', 'shop-db-service-storage'],
      beforeUpdate: ['shop-db-service-watched', 'shop-db-service-witnessed', 'shop-db-service-storage'],
      afterCreate: ['shop-db-service-created-begun'],
      afterUpdate: ['shop-db-service-kept-begun'],
    });
    expect(named(registrations, 'shop-api-service').hooks).toEqual({
      beforeCreate: ['shop-api-service-in-turn', 'shop-api-service-leftover'],
      beforeUpdate: ['shop-api-service-in-turn', 'shop-api-service-watched', 'shop-api-service-witnessed'],
      afterCreate: ['shop-api-service-created-begun'],
      afterUpdate: ['shop-api-service-kept-begun'],
    });
    expect(Object.keys(named(registrations, 'shop-db-lb-config').hooks).sort()).toEqual([
      'afterCreate',
      'afterUpdate',
      'beforeCreate',
      'beforeUpdate',
    ]);
  });
});

it('everything with a name of its own makes room for itself when it is created, but volumes, which it would find', async () => {
  const { registrations } = await run();
  const leftover = ({ hooks }: Registration) =>
    (hooks['beforeCreate'] ?? []).some((name) => name.endsWith('-leftover'));
  const types = (wanted: boolean) =>
    [...new Set(registrations.filter((one) => leftover(one) === wanted).map(({ type }) => type.split(':').at(-1)!))]
      .filter((type) => /^(Service|Container|Network|ServiceConfig|Secret|Volume)$/.test(type))
      .sort();
  expect(types(true)).toEqual(['Container', 'Network', 'Service', 'ServiceConfig']);
  // Pulumi chooses the names of secrets.
  expect(types(false)).toEqual(['Secret', 'Volume']);
});

const fakeEngine = (parts: Partial<Engine>) =>
  ({
    stop: () => Promise.resolve(),
    detachOthers: () => Promise.resolve(),
    exists: () => Promise.resolve(false),
    removeUnusedFolders: () => Promise.resolve(),
    ...parts,
  }) as unknown as Engine;

describe('what is deployed already', () => {
  const present = async (...parts: string[]) => {
    const { registrations } = await run();
    const names = parts.map((part) => named(registrations, part).inputs['name'] as string);
    return new Map(names.map((name) => [name, { attempt: 0, failed: false, failedAt: 0, volumes: [] }]));
  };

  it('has its rules changed after its replicas, and is told of the new ones before', async () => {
    const deployed = await present('shop-db-service', 'shop-db-lb-config', 'shop-gateway-config');
    const engine = fakeEngine({ exists: () => Promise.resolve(false) });
    const { registrations } = await run({}, { deployed, engine });
    expect(named(registrations, 'shop-db-lb-config').dependencies).toContain('shop-db-service');
    expect(named(registrations, 'shop-db-service').hooks['beforeUpdate']).toEqual([
      'shop-db-service-watched',
      'shop-db-service-witnessed',
      'shop-db-service-announced',
      'shop-db-service-storage',
    ]);
    expect(named(registrations, 'shop-api-service').hooks['beforeUpdate']).toEqual([
      'shop-api-service-in-turn',
      'shop-api-service-opened',
      'shop-api-service-watched',
      'shop-api-service-witnessed',
      'shop-api-service-announced',
    ]);
    expect(named(registrations, 'shop-worker-service').hooks['beforeCreate']).toEqual(['shop-worker-service-leftover']);
    expect(named(registrations, 'shop-gateway-config').dependencies).toContain('shop-api-service');
    expect(named(registrations, 'shop-gateway-config').hooks['beforeUpdate']![0]).toBe('shop-gateway-config-in-turn');
    expect(named(registrations, 'shop-db-lb-config').hooks['beforeUpdate']![0]).toBe('shop-db-lb-config-in-turn');
    expect(named((await run()).registrations, 'shop-gateway-config').dependencies).not.toContain('shop-api-service');
    expect(named(registrations, 'shop-api-lb-config').dependencies).not.toContain('shop-api-service');
    expect(named((await run()).registrations, 'shop-db-lb-config').dependencies).not.toContain('shop-db-service');
  });

  it('and no longer defined is stopped before it is deleted', async () => {
    const deployed = await present('shop-worker-service', 'shop-api-service');
    deployed.set('shop-dev-gone', { attempt: 0, failed: false, failedAt: 0, volumes: [] });
    const stopped: string[] = [];
    const engine = fakeEngine({ stop: (names) => (stopped.push(...names), Promise.resolve(new Map())) });
    await run({}, { deployed, engine }, {});
    expect(stopped).toEqual(['shop-dev-gone']);
  });

  it('and no longer defined frees its networks before they are deleted', async () => {
    const waited: string[] = [];
    const engine = { unused: (names: string[]) => Promise.resolve(void waited.push(...names)) } as unknown as Engine;
    const network = { subnet: '10.99.0.0/25', internal: true };
    const networks = new Map(['api', 'api_internet', 'gone', 'gateway'].map((name) => [`${PREFIX}-${name}`, network]));
    await run({}, { addresses: { ...NO_ADDRESSES, networks }, engine });
    expect(waited).toEqual([`${PREFIX}-api_internet`, `${PREFIX}-gone`]);
  });

  it('is left by proxies after what is no longer defined has stopped and they no longer listen there', async () => {
    const deployed = await present('shop-db-lb-config', 'shop-gateway-config');
    deployed.set('shop-dev-gone', { attempt: 0, failed: false, failedAt: 0, volumes: [] });
    const done: string[] = [];
    const engine = fakeEngine({
      stop: (names) => (done.push(`stop ${names.join()}`), Promise.resolve(new Map())),
      exists: (name) => Promise.resolve(done.push(`end ${name}`) < 0),
      detachOthers: (name, keep) => Promise.resolve(void done.push(`detach ${name} but ${keep.join()}`)),
    });
    await run({}, { deployed, engine });
    expect(done).toEqual([
      'stop shop-dev-gone',
      `end ${PREFIX}-db-lb`,
      `end ${PREFIX}-gateway`,
      `detach ${PREFIX}-db-lb but ${['db', 'api', 'migrate'].map((name) => `${PREFIX}-${name}`).join()}`,
      `detach ${PREFIX}-gateway but ${['gateway', 'api'].map((name) => `${PREFIX}-${name}`).join()}`,
    ]);
  });

  it('has its transitions ended, those of new proxies aside', async () => {
    const deployed = await present('shop-db-lb-config');
    const looked: string[] = [];
    const engine = fakeEngine({
      exists: (name) => {
        looked.push(name);
        return Promise.resolve(false);
      },
    });
    await run({}, { deployed, engine });
    expect(looked).toEqual([[...deployed.keys()][0]!.replace(/-config$/, '')]);
  });
});

it('writable folders of versions before are removed at the end', async () => {
  const swept: string[] = [];
  const engine = fakeEngine({ removeUnusedFolders: (prefix) => Promise.resolve(void swept.push(prefix)) });
  const deployed = new Map([['x', { attempt: 0, failed: false, failedAt: 0, volumes: [] }]]);
  await run({}, { deployed, engine });
  expect(swept).toEqual([expect.stringMatching(/^shop-dev-/)]);
});

describe('a microservice with storage that was renamed', () => {
  it('mounts the volume of before, once what had it has ended', async () => {
    const { db, api, worker } = definition().services;
    const base = { ...db!, storage: { ...db!.storage!, name: 'db' } };
    const stopped: string[] = [];
    const engine = fakeEngine({ stop: (names) => (stopped.push(...names), Promise.resolve(new Map())) });
    const there = { attempt: 0, failed: false, failedAt: 0, volumes: [`${PREFIX}-db-data`] };
    const deployed = new Map([
      [`${PREFIX}-db-2`, { ...there, member: 'db' }],
      // Renamed before, and had the data under another name than theirs.
      [`${PREFIX}-store`, { ...there, member: 'store' }],
      [`${PREFIX}-other`, { ...there, member: 'other', volumes: [`${PREFIX}-other-data`] }],
      // It mounts them by a transformation, and stays.
      [`${PREFIX}-worker`, { ...there, member: 'worker' }],
    ]);
    const services = { api: { ...api!, calls: ['base'], after: [] }, worker: worker!, base };
    const { registrations, runHook } = await run({ services, jobs: {} }, { deployed, engine });
    expect(named(registrations, 'shop-base-data').inputs).toMatchObject({ name: `${PREFIX}-db-data` });
    expect(JSON.stringify(named(registrations, 'shop-base-service').inputs)).toContain(`"source":"${PREFIX}-db-data"`);
    expect(named(registrations, 'shop-base-service').hooks['beforeCreate']).toContain('shop-base-service-handed-over');
    stopped.length = 0;
    await runHook('shop-base-service-handed-over');
    expect(stopped).toEqual([`${PREFIX}-db-2`, `${PREFIX}-store`]);
  });
});

describe('a service that the provider would replace', () => {
  it('gets another name, is created beside the one before, and is told to the proxies before that', async () => {
    const current = {
      member: 'api',
      variant: 'another',
      createdAt: 1,
      attempt: 0,
      failed: false,
      failedAt: 0,
      volumes: [],
    };
    const rules = { attempt: 0, failed: false, failedAt: 0, volumes: [], member: '' };
    const deployed = new Map<string, DeployedService>([
      [`${PREFIX}-api`, current],
      [`${PREFIX}-gateway-config`, rules],
    ]);
    const { registrations } = await run({}, { deployed, engine: fakeEngine({}) });
    const service = named(registrations, 'shop-api-service');
    expect(service.inputs['name']).toBe(`${PREFIX}-api-2`);
    expect(service.deleteBeforeReplace).toBe(false);
    expect(service.hooks['beforeCreate']).toContain('shop-api-service-announced');
    // The gateway asks for the replicas of the new one, after they are ready.
    expect(named(registrations, 'shop-gateway-config').dependencies).toContain('shop-api-service');
    expect(named(registrations, 'shop-db-service').deleteBeforeReplace).toBe(true);
  });
});

describe('a way to the internet', () => {
  it('is a network of its own, so that to give or to take it replaces nothing', async () => {
    const before = await run();
    const worker = { image, internet: true, calls: ['api'], after: [] };
    const after = await run({ services: { ...definition().services, worker } });
    const others = (registrations: Registration[]) =>
      registrations.filter(({ name }) => name !== 'shop-worker-service' && name !== 'shop-worker-internet');
    expect(others(after.registrations)).toEqual(others(before.registrations));
    expect(named(after.registrations, 'shop-worker-internet').inputs).toMatchObject({
      name: `${PREFIX}-worker_internet`,
      internal: false,
    });
    expect(named(after.registrations, 'shop-worker-service').inputs['taskSpec']).toMatchObject({
      networksAdvanceds: [{ id: 'shop-worker-network-id' }, { id: 'shop-worker-internet-id' }],
    });
  });
});

describe('a job with storage', () => {
  const jobs = (wanted: boolean) => ({
    migrate: {
      ...definition().jobs!['migrate']!,
      storage: { path: '/backups', size: '1Gi' as const },
      run: wanted,
    },
  });

  it('keeps it after `destroy`, and its user owns it before it runs', async () => {
    const { registrations } = await run({ jobs: jobs(true) });
    expect(named(registrations, 'shop-migrate-data').retainOnDelete).toBe(true);
    expect(named(registrations, 'shop-migrate-service').dependencies).toContain('shop-migrate-data');
    expect(named(registrations, 'shop-migrate-service').hooks).toMatchObject({
      beforeCreate: ['shop-migrate-service-in-turn', 'shop-migrate-service-leftover', 'shop-migrate-service-storage'],
      beforeUpdate: [
        'shop-migrate-service-in-turn',
        'shop-migrate-service-watched',
        'shop-migrate-service-witnessed',
        'shop-migrate-service-storage',
      ],
    });
  });

  it('that does not run is all but its service, so that asking for it changes nothing else', async () => {
    const [asked, prepared] = [await run({ jobs: jobs(true) }), await run({ jobs: jobs(false) })];
    const lines = (of: typeof asked) => of.registrations.map((one) => JSON.stringify({ ...one, dependencies: [] }));
    const added = lines(asked).filter((line) => !lines(prepared).includes(line));
    expect(added.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(['shop-migrate-service']);
    expect(lines(prepared).filter((line) => !lines(asked).includes(line))).toEqual([]);
  });
});

describe('secrets', () => {
  it('reach the engine as secrets only, and stand in no other input', async () => {
    const { registrations } = await run();
    const secrets = registrations.filter(({ type }) => type === 'docker:index/secret:Secret');
    expect(secrets).toHaveLength(3);
    for (const { inputs, secrets: marked } of secrets) {
      expect(marked).toEqual(['data']);
      expect(inputs['data']).toBe(Buffer.from('hush').toString('base64'));
      expect(inputs).not.toHaveProperty('name');
    }
    const others = JSON.stringify(registrations.filter((one) => !secrets.includes(one)));
    expect(others).not.toContain('hush');
    expect(others).not.toContain(Buffer.from('hush').toString('base64'));
  });

  it('of an image or an environment stay secret', async () => {
    const { result, registrations } = await run({
      services: { api: { image: pulumi.secret('private/api:1'), env: { KEY: pulumi.secret('v') } } },
      jobs: {},
      gateway: undefined as never,
    });
    expect(await isSecret(result.services['api']!.image)).toBe(true);
    expect(named(registrations, 'shop-api-service').secrets.length).toBeGreaterThan(0);
  });

  it('have names that fit into 64 characters with what Pulumi adds, whatever their service is called', async () => {
    const [service, file] = ['s'.repeat(22), 'f'.repeat(22)];
    const names = async (secrets: Record<string, string>) =>
      (await run({ services: { [service]: { image, secrets } }, jobs: {}, gateway: undefined as never })).registrations
        .filter(({ type }) => type === 'docker:index/secret:Secret')
        .map(({ name }) => name);
    const [first, second, ...more] = await names({ [`${file}a`]: 'x', [`${file}b`]: 'x' });
    expect(more).toEqual([]);
    expect(first).not.toBe(second);
    for (const name of [first!, second!]) expect(name.length).toBeLessThanOrEqual(56);
  });

  it('of another version are another resource', async () => {
    const names = async (version: string) =>
      tree(
        (
          await run({
            services: {
              ...definition().services,
              api: { image, port: 80, secrets: { token: { value: 'v', version } } },
            },
          })
        ).registrations,
      ).filter((line) => line.includes('secret-token'));
    expect(await names('1')).toEqual(['shop-api > Secret shop-api-secret-token-1']);
    expect(await names('2')).toEqual(['shop-api > Secret shop-api-secret-token-2']);
  });
});

describe('an attempt that the engine took back', () => {
  const attempt = async (deployed: DeployedService | undefined) => {
    const prefix = 'shop-dev';
    const plain = named((await run()).registrations, 'shop-worker-service').inputs['name'] as string;
    expect(plain.startsWith(prefix)).toBe(true);
    const { registrations } = await run({}, { deployed: deployed ? new Map([[plain, deployed]]) : new Map() });
    return (named(registrations, 'shop-worker-service').inputs['taskSpec'] as { forceUpdate: number }).forceUpdate;
  };

  it('is tried again: its time becomes the counter, so that the same `up` is a change', async () => {
    expect(await attempt({ attempt: 3, failed: true, failedAt: 1_767_225_600, volumes: [] })).toBe(1_767_225_600);
  });

  it('and so is one that was stopped by a deployment that did not come to remove it', async () => {
    expect(await attempt({ attempt: 3, failed: false, failedAt: 9, stopped: true, volumes: [] })).toBe(4);
  });

  it('that went well is no change', async () => {
    expect(await attempt({ attempt: 1_767_225_600, failed: false, failedAt: 9, volumes: [] })).toBe(1_767_225_600);
    expect(await attempt(undefined)).toBe(0);
  });
});

describe('a proxy that is not attached to all of its networks, as a cancelled update leaves it', () => {
  const attempt = async (attached: string[] | undefined) => {
    const container = `${PREFIX}-db-lb`;
    const { registrations } = await run(
      {},
      {
        deployed: new Map([[`${container}-config`, { attempt: 4, failed: false, failedAt: 0, volumes: [] }]]),
        addresses: { ...NO_ADDRESSES, attached: new Map(attached ? [[container, new Set(attached)]] : []) },
        engine: fakeEngine({}),
      },
    );
    return (named(registrations, 'shop-db-lb-config').inputs['taskSpec'] as { forceUpdate: number }).forceUpdate;
  };

  it('is configured once more, which makes it join them', async () => {
    expect(await attempt([`${PREFIX}-db`])).toBe(5);
    expect(await attempt([])).toBe(5);
  });

  it('and one that is attached, or is created anew, is not', async () => {
    expect(await attempt([`${PREFIX}-db`, `${PREFIX}-api`, `${PREFIX}-worker`, `${PREFIX}-migrate`])).toBe(4);
    expect(await attempt(undefined)).toBe(4);
  });
});

describe('the escape hatch', () => {
  it('changes the configuration of a load balancer, and so the name of its resource', async () => {
    const before = named((await run()).registrations, 'shop-db-lb-configuration');
    const services = {
      ...definition().services,
      db: { ...definition().services['db']!, transform: { proxy: (text: string) => `${text}# mine\n` } },
    };
    const after = named((await run({ services })).registrations, 'shop-db-lb-configuration');
    expect(
      Buffer.from(after.inputs['data'] as string, 'base64')
        .toString()
        .endsWith('# mine\n'),
    ).toBe(true);
    expect(after.name).not.toBe(before.name);
    expect(after.inputs['name']).not.toBe(before.inputs['name']);
  });

  it("changes the gateway's container", async () => {
    const gateway = {
      routes: [{ to: 'api' }],
      transform: { docker: { proxyContainer: (args: docker.ContainerArgs) => ({ ...args, memory: 256 }) } },
    };
    expect(named((await run({ gateway })).registrations, 'shop-gateway-container').inputs['memory']).toBe(256);
  });
});

it('a changed image, route or number of replicas replaces no proxy', async () => {
  const containers = async (change: Partial<ApplicationDefinition>) =>
    (await run(change)).registrations
      .filter(({ type }) => type.endsWith(':Container'))
      .map(({ name, inputs }) => ({ name, inputs }));
  const before = await containers({});
  const services = { ...definition().services };
  expect(
    await containers({ services: { ...services, api: { ...services['api']!, image: 'api:2', replicas: 5 } } }),
  ).toEqual(before);
  expect(await containers({ gateway: { routes: [{ path: '/x', to: 'api' }], port: 8123 } })).toEqual(before);
});
