import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Application, type ApplicationDefinition } from '../../../components';
import type { ClaimTransfer, DeployedWorkload } from '../../../components/kubernetes/cluster';
import { KubernetesPlatform, type KubernetesPlatformArgs } from '../../../components/kubernetes/platform';
import type { ClaimFacts } from '../../../components/kubernetes/preflight';
import { deploy, type Registration } from '../../support/deployment';
import { KUBERNETES } from '../../support/kubernetes-mocks';
import { definition } from '../../support/sample';
import { quietCluster } from '../../support/staging-dump';

const platform = (more: Partial<KubernetesPlatformArgs> = {}) =>
  new KubernetesPlatform({
    identity: { project: 'shop', stack: 'dev' },
    cluster: quietCluster,
    deployed: new Map(),
    architecture: 'amd64',
    proxyImage: 'gateway@sha256:1',
    exposure: { kind: 'NodePort' },
    namespace: 'shop-dev',
    ...more,
  });
const sample = (): ApplicationDefinition => {
  const { gateway, ...rest } = definition();
  return { ...rest, gateway: { routes: gateway!.routes } };
};
const run = (change: Partial<ApplicationDefinition> = {}, more: Partial<KubernetesPlatformArgs> = {}) =>
  deploy(
    () => {
      const provider = new kubernetes.Provider('cluster', { kubeconfig: 'x' });
      return new Application('shop', { platform: platform(more), ...sample(), ...change }, { providers: [provider] });
    },
    { computed: KUBERNETES },
  );
const present = (...names: string[]) =>
  new Map<string, DeployedWorkload>(names.map((name) => [name, { attempt: 0, failed: false, failedAt: 0 }]));
const named = (registrations: Registration[], name: string) => registrations.find((one) => one.name === name)!;
const tree = (registrations: Registration[]) =>
  registrations
    .map(({ type, name, parent }) => `${parent} > ${type.split(':').at(-1)} ${name.replace(/-[0-9a-f]{10}$/, '-HASH')}`)
    .sort();

it('an application of a service with storage, its caller, a worker, a job and a gateway is this', async () => {
  const { registrations } = await run();
  expect(tree(registrations)).toEqual([
    ' > Application shop',
    ' > kubernetes cluster',
    'shop > Gateway shop-gateway',
    'shop > Job shop-migrate',
    'shop > Microservice shop-api',
    'shop > Microservice shop-db',
    'shop > Microservice shop-worker',
    'shop > Namespace shop-namespace',
    'shop > NetworkPolicy shop-api-policy-HASH',
    'shop > NetworkPolicy shop-db-policy-HASH',
    'shop > NetworkPolicy shop-default-deny',
    'shop > NetworkPolicy shop-gateway-policy-HASH',
    'shop > NetworkPolicy shop-migrate-policy-HASH',
    'shop > NetworkPolicy shop-worker-policy-HASH',
    'shop-api > Deployment shop-api-deployment',
    'shop-api > PodDisruptionBudget shop-api-disruption-budget',
    'shop-api > Secret shop-api-secret-db-password',
    'shop-api > Secret shop-api-secret-token-7',
    'shop-api > Service shop-api-replicas',
    'shop-api > Service shop-api-service',
    'shop-api > ServiceAccount shop-api-account',
    'shop-db > Deployment shop-db-deployment',
    'shop-db > PersistentVolumeClaim shop-db-data',
    'shop-db > Service shop-db-service',
    'shop-db > ServiceAccount shop-db-account',
    'shop-gateway > ConfigMap shop-gateway-configuration-HASH',
    'shop-gateway > Deployment shop-gateway-deployment',
    'shop-gateway > PodDisruptionBudget shop-gateway-disruption-budget',
    'shop-gateway > Service shop-gateway-service',
    'shop-gateway > ServiceAccount shop-gateway-account',
    'shop-migrate > Job shop-migrate-job',
    'shop-migrate > Secret shop-migrate-secret-db-password',
    'shop-migrate > ServiceAccount shop-migrate-account',
    'shop-worker > Deployment shop-worker-deployment',
    'shop-worker > ServiceAccount shop-worker-account',
  ]);
});

describe('the cluster', () => {
  it('is that of the given provider, for every object', async () => {
    const { registrations } = await run();
    const objects = registrations.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(new Set(objects.map(({ provider }) => provider))).toEqual(new Set(['cluster']));
  });

  it('is never the one that somebody has chosen last', async () => {
    const ambient = deploy(() => new Application('shop', { platform: platform(), ...sample() }), {
      computed: KUBERNETES,
    });
    await expect(ambient).rejects.toThrow('needs a provider of its own');
  });
});

describe('options', () => {
  it('every object names its namespace: the provider has none', async () => {
    const { registrations } = await run({}, { serviceProxies: ['api'] });
    const namespaced = registrations.filter(({ type }) => /^kubernetes:(?!core\/v1:Namespace$)/.test(type));
    expect(namespaced.length).toBeGreaterThan(10);
    for (const { inputs } of namespaced) expect(inputs['metadata']).toMatchObject({ namespace: 'shop-dev' });
  });

  it('data and its namespace outlive `destroy`, and nothing else', async () => {
    const { registrations } = await run();
    const kept = registrations.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
    expect(kept.sort()).toEqual(['shop-db-data', 'shop-namespace']);
  });

  it('the namespace does where nothing has storage: an earlier definition may have left a claim in it', async () => {
    const { registrations } = await run({ services: { api: { image: 'x', port: 80 } }, jobs: {} });
    const kept = registrations.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
    expect(kept).toEqual(['shop-namespace']);
  });

  it('no pod is there before it is known who may connect to whom', async () => {
    const { registrations } = await run();
    const policies = registrations.filter(({ type }) => type.endsWith(':NetworkPolicy')).map(({ name }) => name);
    expect(policies).toHaveLength(6);
    for (const { dependencies } of registrations.filter(
      ({ type }) => /:(Deployment|Job)$/.test(type) && type.startsWith('kubernetes:'),
    )) {
      expect(dependencies).toEqual(expect.arrayContaining(policies));
    }
  });

  it('what is in front of replicas changes once their rollout is over, and the gateway after that', async () => {
    const { registrations } = await run({}, { deployed: present('api', 'db', 'gateway') });
    expect(named(registrations, 'shop-api-service').dependencies).toContain('shop-api-deployment');
    expect(named(registrations, 'shop-api-replicas').dependencies).toContain('shop-api-deployment');
    expect(named(registrations, 'shop-db-service').dependencies).toContain('shop-db-deployment');
    expect(named(registrations, 'shop-gateway-deployment').dependencies).toEqual(
      expect.arrayContaining(['shop-api-deployment', 'shop-api-replicas']),
    );
  });

  it('at first there is nothing to lose: callers find the names, and the gateway starts at once', async () => {
    const { registrations } = await run();
    for (const name of ['shop-api-service', 'shop-api-replicas', 'shop-gateway-deployment'])
      expect(named(registrations, name).dependencies).not.toContain('shop-api-deployment');
  });

  it('the rollout of replicas waits for nothing that stands in front of them', async () => {
    const { registrations } = await run();
    const { dependencies } = named(registrations, 'shop-api-deployment');
    expect(dependencies.filter((name) => /^shop-api-(service|replicas)$/.test(name))).toEqual([]);
  });

  it('every Deployment and Job is waited for, by hooks of its own', async () => {
    const { registrations } = await run();
    const hooked = registrations.filter(({ hooks }) => 'afterCreate' in hooks).map(({ name }) => name);
    const workloads = registrations.filter(({ type }) => /^kubernetes:.*:(Deployment|Job)$/.test(type));
    expect(hooked).toEqual(workloads.map(({ name }) => name));
  });

  it.each([
    ['at first', []],
    ['later', ['api', 'db', 'worker', 'migrate', 'gateway']],
  ])('whatever depends on a rollout waits for its end before it is created or changed (%s)', async (_, deployed) => {
    const { api, ...others } = sample().services;
    const services = { ...others, api: { ...api!, replicas: { min: 1, max: 3, cpu: 80 } } };
    const { registrations } = await run({ services }, { deployed: present(...deployed), serviceProxies: ['db'] });
    const rolledOut = registrations.filter(({ hooks }) => 'afterCreate' in hooks).map(({ name }) => name);
    const dependants = registrations.filter(({ dependencies }) => dependencies.some((one) => rolledOut.includes(one)));
    expect(dependants.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['shop-api-autoscaler', 'shop-api-deployment', 'shop-migrate-job']),
    );
    for (const { name, hooks, type } of dependants.filter(({ type }) => type.startsWith('kubernetes:')))
      for (const moment of ['beforeCreate', 'beforeUpdate'])
        expect([type, moment, hooks[moment]?.[0]]).toEqual([type, moment, `${name}-in-turn`]);
  });

  it('a member starts after those that it names', async () => {
    const { registrations } = await run();
    expect(named(registrations, 'shop-migrate-job').dependencies).toContain('shop-db-deployment');
    expect(named(registrations, 'shop-api-deployment').dependencies).toContain('shop-migrate-job');
    expect(named(registrations, 'shop-worker-deployment').dependencies).not.toContain('shop-api-deployment');
  });
});

describe('a job with storage', () => {
  const jobs = (wanted: boolean) => ({
    migrate: {
      ...sample().jobs!['migrate']!,
      storage: { path: '/backups', size: '1Gi' as const },
      run: wanted,
    },
  });

  it('keeps it after `destroy`, with the namespace that it lies in', async () => {
    const { registrations } = await run({
      services: { api: { image: 'x', port: 80 } },
      jobs: { keep: { ...jobs(true).migrate, calls: [], after: [] } },
    });
    const kept = registrations.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
    expect(kept.sort()).toEqual(['shop-keep-data', 'shop-namespace']);
    expect(named(registrations, 'shop-keep-job').dependencies).toContain('shop-keep-data');
  });

  it('that does not run is all but its Job, so that asking for it changes nothing else', async () => {
    const [asked, prepared] = [await run({ jobs: jobs(true) }), await run({ jobs: jobs(false) })];
    const lines = (of: typeof asked) => of.registrations.map((one) => JSON.stringify({ ...one, dependencies: [] }));
    const added = lines(asked).filter((line) => !lines(prepared).includes(line));
    expect(added.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(['shop-migrate-job']);
    expect(lines(prepared).filter((line) => !lines(asked).includes(line))).toEqual([]);
  });
});

it('a job has a name that fits into a label, whatever it and its application are called', async () => {
  const [application, job] = ['a'.repeat(40), 'j'.repeat(40)];
  const { registrations } = await deploy(
    () =>
      new Application(
        application,
        { platform: platform(), services: {}, jobs: { [job]: { image: 'x' } } },
        { providers: [new kubernetes.Provider('cluster', { kubeconfig: 'x' })] },
      ),
    { computed: KUBERNETES },
  );
  const [found] = registrations.filter(({ type }) => type === 'kubernetes:batch/v1:Job');
  // Pulumi adds nine characters.
  expect(found!.name.length).toBeLessThanOrEqual(54);
});

describe('secrets', () => {
  it('may have the names that files have, which those of objects may not', async () => {
    const services = { api: { image: 'x', secrets: { db_password: 'hush' } } };
    const { registrations } = await run({ services, jobs: {}, gateway: undefined as never });
    const [secret] = registrations.filter(({ type }) => type === 'kubernetes:core/v1:Secret');
    expect(secret!.name).toMatch(/^shop-api-secret-db-password-[0-9a-f]{6}$/);
    expect(secret!.inputs['data']).toEqual({ db_password: Buffer.from('hush').toString('base64') });
  });

  it('are encrypted in the state, never change, and are files of their workload only', async () => {
    const { registrations } = await run();
    const secret = named(registrations, 'shop-api-secret-token-7');
    expect(secret.inputs).toMatchObject({ immutable: true, data: { token: Buffer.from('hush').toString('base64') } });
    expect(secret.secrets).toEqual(['data']);
    expect(named(registrations, 'shop-api-deployment').dependencies).toContain('shop-api-secret-token-7');
    expect(named(registrations, 'shop-worker-deployment').dependencies).not.toContain('shop-api-secret-token-7');
  });

  it('of another version are another resource beside the old one', async () => {
    const services = {
      ...sample().services,
      api: { ...sample().services['api']!, secrets: { token: { value: 'hush', version: '8' } } },
    };
    expect(tree((await run({ services })).registrations)).toContain('shop-api > Secret shop-api-secret-token-8');
  });
});

describe('an attempt that was taken back', () => {
  const annotations = async (deployed: DeployedWorkload | undefined) => {
    const { registrations } = await run({}, { deployed: deployed ? new Map([['worker', deployed]]) : new Map() });
    return (
      named(registrations, 'shop-worker-deployment').inputs['metadata'] as { annotations: Record<string, string> }
    ).annotations['components.shop/attempt'];
  };

  it('is tried again: its time makes another Deployment', async () =>
    expect(await annotations({ attempt: 3, failed: true, failedAt: 1_767_225_600 })).toBe('1767225600'));

  it('and so is one that was stopped by a deployment that did not come to remove it', async () =>
    expect(await annotations({ attempt: 3, failed: false, failedAt: 9, stopped: true })).toBe('4'));

  it('that went well is no change', async () => {
    expect(await annotations({ attempt: 1_767_225_600, failed: false, failedAt: 9 })).toBe('1767225600');
    expect(await annotations(undefined)).toBeUndefined();
  });
});

describe('scaling by load', () => {
  it('is an autoscaler that comes after the Deployment, which then has no number of its own', async () => {
    const { registrations } = await run({
      services: { api: { image: 'x', port: 80, replicas: { min: 2, max: 5 } } },
      jobs: {},
    });
    expect(named(registrations, 'shop-api-autoscaler')).toMatchObject({
      parent: 'shop-api',
      inputs: { spec: { minReplicas: 2, maxReplicas: 5 } },
    });
    expect(named(registrations, 'shop-api-autoscaler').dependencies).toContain('shop-api-deployment');
    expect(named(registrations, 'shop-api-deployment').inputs['spec']).not.toHaveProperty('replicas');
  });
});

describe('a proxy of a service', () => {
  const services = {
    api: { image: 'x', port: 80 },
    web: { image: 'x', port: 80, calls: ['api'] },
  };
  const proxied = (names: string[]) =>
    run(
      { services, jobs: {}, gateway: { routes: [{ to: 'web' }] } },
      { serviceProxies: names, deployed: present('api', 'web') },
    );

  it('is pods of its own between the replicas and the name that callers use, made in this order', async () => {
    const { registrations } = await proxied(['api']);
    const added = tree(registrations).filter((line) => line.includes('shop-api-proxy'));
    expect(added).toEqual([
      'shop > NetworkPolicy shop-api-proxy-policy-HASH',
      'shop-api > ConfigMap shop-api-proxy-configuration-HASH',
      'shop-api > Deployment shop-api-proxy-deployment',
      'shop-api > PodDisruptionBudget shop-api-proxy-disruption-budget',
      'shop-api > ServiceAccount shop-api-proxy-account',
    ]);
    expect(named(registrations, 'shop-api-replicas').dependencies).toContain('shop-api-deployment');
    expect(named(registrations, 'shop-api-proxy-deployment').dependencies).toContain('shop-api-replicas');
    expect(named(registrations, 'shop-api-service').dependencies).toContain('shop-api-proxy-deployment');
    expect(named(registrations, 'shop-api-service').inputs).toMatchObject({
      spec: { selector: { 'app.kubernetes.io/name': 'api-proxy' } },
    });
  });

  it('is for the services that are named only', async () => {
    const { registrations } = await proxied([]);
    expect(JSON.stringify(registrations)).not.toContain('api-proxy');
  });
});

describe('the gateway', () => {
  it('has other rules under another name, so that a deployment that fails leaves the old ones', async () => {
    const rules = async (path: string) => {
      const { registrations } = await run({ gateway: { routes: [{ path, to: 'api' }] } });
      return registrations.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.name;
    };
    expect(await rules('/a')).not.toBe(await rules('/b'));
    expect(await rules('/a')).toBe(await rules('/a'));
  });

  it('has a Service that is there before its first pods, and later changes after them', async () => {
    const dependencies = async (deployed: Map<string, DeployedWorkload>) =>
      named((await run({}, { deployed })).registrations, 'shop-gateway-service').dependencies;
    expect(await dependencies(new Map())).not.toContain('shop-gateway-deployment');
    expect(await dependencies(new Map([['gateway', { attempt: 0, failed: false, failedAt: 0 }]]))).toContain(
      'shop-gateway-deployment',
    );
  });

  it('has rules that the escape hatch has changed', async () => {
    const { registrations } = await run({
      gateway: { routes: [{ to: 'api' }], transform: { proxy: (text) => `${text}# mine\n` } },
    });
    const { data } = registrations.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.inputs as {
      data: Record<string, string>;
    };
    expect(data['haproxy.cfg']!.endsWith('# mine\n')).toBe(true);
  });

  it('behind an ingress has one', async () => {
    const { registrations } = await run({}, { exposure: { kind: 'Ingress', className: 'traefik' } });
    expect(named(registrations, 'shop-gateway-ingress')).toMatchObject({ parent: 'shop-gateway' });
  });
});

describe('the storage class of a claim', () => {
  const classOf = async (claim?: Partial<ClaimFacts>) => {
    const found = { size: 2 ** 30, storageClass: 'fast', choseClass: false, accessModes: ['ReadWriteOnce'], ...claim };
    const facts = { version: 'v1', claims: new Map(claim ? [['db-data', found]] : []) };
    const { registrations } = await run({}, { facts, storageClass: 'fast' });
    return (named(registrations, 'shop-db-data').inputs as { spec: { storageClassName?: string } }).spec
      .storageClassName;
  };

  it('is the one that is given, where the claim is new or was made so', async () => {
    expect(await classOf()).toBe('fast');
    expect(await classOf({ choseClass: true })).toBe('fast');
  });

  it('stays unnamed where the cluster has chosen it: the provider would replace the claim', async () =>
    expect(await classOf({})).toBeUndefined());
});

describe('a microservice with storage that was renamed', () => {
  const { db, api, worker } = definition().services;
  const renamed = {
    services: {
      api: { ...api!, calls: ['base'], after: [] },
      worker: worker!,
      base: { ...db!, storage: { ...db!.storage!, name: 'db' } },
    },
    jobs: {},
  };

  it('mounts the claim of before, once what had it has ended', async () => {
    const released: ClaimTransfer[] = [];
    const releaseClaim = (transfer: ClaimTransfer) => (released.push(transfer), Promise.resolve(new Map()));
    const { registrations, runHook } = await run(renamed, { cluster: { ...quietCluster, releaseClaim } });
    expect(named(registrations, 'shop-base-data').inputs).toMatchObject({
      metadata: { name: 'db-data', labels: { 'app.kubernetes.io/name': 'db' } },
    });
    const deployment = named(registrations, 'shop-base-deployment');
    expect(JSON.stringify(deployment.inputs)).toContain('"claimName":"db-data"');
    expect(deployment.hooks['beforeCreate']).toEqual(['shop-base-deployment-handed-over']);
    expect(deployment.hooks['beforeUpdate']!.at(-1)).toBe('shop-base-deployment-handed-over');
    await runHook('shop-base-deployment-handed-over');
    expect(released).toMatchObject([{ claim: 'db-data', owner: 'base', sharing: [] }]);
  });

  it('leaves those alone that may mount any claim by a transformation', async () => {
    const released: ClaimTransfer[] = [];
    const releaseClaim = (transfer: ClaimTransfer) => (released.push(transfer), Promise.resolve(new Map()));
    const transform = { kubernetes: { deployment: (args: object) => args } };
    const services = { ...renamed.services, worker: { ...worker!, transform } };
    const { runHook } = await run({ ...renamed, services }, { cluster: { ...quietCluster, releaseClaim } });
    await runHook('shop-base-deployment-handed-over');
    expect(released).toMatchObject([{ owner: 'base', sharing: ['worker'] }]);
  });
});

it('what the cluster lacks is an error before anything is created', async () => {
  const facts = { version: 'v1', nodes: [{ cpu: 100, memory: 1, ephemeralStorage: 2 ** 40, architecture: 'amd64' }] };
  await expect(run({}, { facts })).rejects.toThrow('nothing was created or changed');
  expect(pulumi.RunError).toBeDefined();
});
