import { jobArgs, microserviceArgs, type ServiceContext } from '../../../components/docker/service';
import type { JobArgs, MicroserviceArgs } from '../../../components';
import { jobSpec, serviceSpec } from '../../support/definitions';
import { valueOf } from '../../support/deployment';

const MIB = 2 ** 20;
const context: ServiceContext = {
  prefix: 'shop-dev',
  networkIds: ['network-id'],
  probe: { id: 'probe-id', name: 'probe-name' },
  secrets: [],
  attempt: 7,
};
const LABELS = (name: string, component: string) => [
  { label: 'app.kubernetes.io/component', value: component },
  { label: 'app.kubernetes.io/managed-by', value: 'pulumi' },
  { label: 'app.kubernetes.io/name', value: name },
  { label: 'app.kubernetes.io/part-of', value: 'shop-dev' },
];
const PROBE_STATE = {
  type: 'tmpfs',
  target: '/run/probe/state',
  readOnly: false,
  tmpfsOptions: { mode: 0o777, sizeBytes: 64 * MIB },
};
const folder = (target: string, index = 0, size = 64 * MIB, name = 'api') => ({
  type: 'volume',
  source: `shop-dev-${name}-${index}-{{.Task.Slot}}-{{printf "%.3s" .Task.ID}}`,
  target,
  readOnly: false,
  volumeOptions: {
    driverName: 'local',
    driverOptions: { type: 'tmpfs', device: 'tmpfs', o: `size=${size},mode=1777,nosuid,nodev` },
    labels: LABELS(name, 'writable-folder'),
    noCopy: true,
  },
});

interface Rendered {
  name: string;
  labels: unknown;
  mode: unknown;
  endpointSpec: unknown;
  updateConfig: Record<string, unknown>;
  rollbackConfig: Record<string, unknown>;
  taskSpec: {
    containerSpec: Record<string, unknown> & {
      mounts: { source?: unknown }[];
      configs: unknown;
      secrets: unknown;
      healthcheck?: { tests: string[] };
    };
    resources: unknown;
    networksAdvanceds: unknown;
    restartPolicy: unknown;
    logDriver: unknown;
    forceUpdate: number;
    runtime: string;
  };
}
const service = (args: Partial<MicroserviceArgs> = {}, extra: Partial<ServiceContext> = {}) =>
  microserviceArgs(serviceSpec(args), { ...context, ...extra }) as unknown as Rendered;
const job = (args: Partial<JobArgs> = {}, extra: Partial<ServiceContext> = {}) =>
  jobArgs(jobSpec(args), { ...context, ...extra }) as unknown as Rendered;
const container = (args: Partial<MicroserviceArgs> = {}, extra: Partial<ServiceContext> = {}) =>
  service(args, extra).taskSpec.containerSpec;

/** Once everything that other resources give is known. */
const known = <T>(value: T) => valueOf(value as never) as Promise<T>;
const mounts = async (...args: Parameters<typeof service>) => known(container(...args).mounts);

describe('a microservice as a service of Swarm mode', () => {
  it('with nothing but an image is this', async () => {
    expect(await known(service())).toEqual({
      name: 'shop-dev-api',
      labels: LABELS('api', 'microservice'),
      endpointSpec: { mode: 'dnsrr' },
      mode: { replicated: { replicas: 1 } },
      taskSpec: {
        containerSpec: {
          image: 'shop/api:1',
          labels: LABELS('api', 'microservice'),
          user: '10001:10001',
          readOnly: true,
          capDrops: ['ALL'],
          init: true,
          mounts: [PROBE_STATE, folder('/tmp')],
          configs: [
            {
              configId: 'probe-id',
              configName: 'probe-name',
              fileName: '/run/probe/probe',
              fileMode: 0o555,
              fileUid: '0',
              fileGid: '0',
            },
          ],
          secrets: [],
          stopGracePeriod: '10s',
        },
        networksAdvanceds: [{ id: 'network-id' }],
        resources: {
          limits: { nanoCpus: 1e9, memoryBytes: 256 * MIB },
          reservation: { nanoCpus: 50e6, memoryBytes: 256 * MIB },
        },
        logDriver: { name: 'json-file', options: { 'max-file': '3', 'max-size': '10m' } },
        forceUpdate: 7,
        runtime: 'container',
        restartPolicy: { condition: 'any', delay: '1s', maxAttempts: 0, window: '0s' },
      },
      updateConfig: {
        order: 'start-first',
        parallelism: 1,
        delay: '5s',
        monitor: '5s',
        failureAction: 'rollback',
        maxFailureRatio: '0',
      },
      rollbackConfig: {
        order: 'start-first',
        parallelism: 1,
        delay: '0s',
        monitor: '1s',
        failureAction: 'pause',
        maxFailureRatio: '0',
      },
    });
  });

  it.each([
    [3, 3],
    [0, 0],
    [{ min: 2, max: 9 }, 2],
  ])('replicas %j: %i', (replicas, expected) =>
    expect(service({ replicas }).mode).toEqual({ replicated: { replicas: expected } }),
  );

  it('command: the program apart from its arguments, so that the image decides nothing', () => {
    expect(container({ command: ['run', '-a', 'b c'] })).toMatchObject({ commands: ['run'], args: ['-a', 'b c'] });
    expect(container({ command: ['run'] })).toMatchObject({ commands: ['run'], args: [] });
  });

  it('env: values as they are', () => {
    const env = { A: 'a\nb', B: `'"`, C: '$HOME $$ %s', D: '' };
    expect(container({ env })['env']).toEqual(env);
  });

  it('secrets: files that only the user of the container can read', () => {
    const secrets = [{ id: 'secret-id', name: 'secret-name', fileName: 'key' }];
    expect(container({ hardening: { user: '999:998' } }, { secrets }).secrets).toEqual([
      {
        secretId: 'secret-id',
        secretName: 'secret-name',
        fileName: 'key',
        fileMode: 0o400,
        fileUid: '999',
        fileGid: '998',
      },
    ]);
  });

  it('resources: limits and reservations', () =>
    expect(
      service({ resources: { cpu: { request: '250m', limit: '1.5' }, memory: { request: '64Mi', limit: '128Mi' } } })
        .taskSpec.resources,
    ).toEqual({
      limits: { nanoCpus: 1.5e9, memoryBytes: 128 * MIB },
      reservation: { nanoCpus: 0.25e9, memoryBytes: 64 * MIB },
    }));

  it('hardening: user, root file system and capabilities', () => {
    const spec = container({
      hardening: { user: '5', readOnlyRoot: false, capabilities: ['CAP_NET_RAW', 'CAP_CHOWN'] },
    });
    expect(spec).toMatchObject({
      user: '5:5',
      readOnly: false,
      capDrops: ['ALL'],
      capAdds: ['CAP_CHOWN', 'CAP_NET_RAW'],
    });
  });

  it('env: templates of Swarm as they are written', () =>
    expect(container({ env: { A: 'Hi {{name}}' } })['env']).toEqual({ A: 'Hi {{"{{"}}name}}' }));

  it('writablePaths: in memory, with a bound, open to every user and for programs', async () => {
    const found = await mounts({ writablePaths: ['/a', { path: '/b', size: '128Mi' }, { path: '/c' }] });
    expect(found).toEqual([PROBE_STATE, folder('/a'), folder('/b', 1, 128 * MIB), folder('/c', 2)]);
    expect(JSON.stringify(found)).not.toContain('noexec');
  });

  it('writablePaths: replicas share none, and every version mounts the same, which updates it in place', async () => {
    const [first, ...others] = await Promise.all([
      mounts({ env: { A: '1' } }),
      mounts({ env: { A: '2' } }),
      mounts({ image: 'shop/api:2' }),
      mounts({ resources: { cpu: 2 } }),
      mounts({ secrets: { key: 'other' } }),
      mounts({}, { attempt: 8 }),
    ]);
    for (const other of others) expect(other).toEqual(first);
    expect(first.at(-1)!.source).toContain('.Task.ID');
  });

  it('stopGrace: always given, since what is left out is zero to the engine', () => {
    expect(container({ stopGrace: '30s' })['stopGracePeriod']).toBe('30s');
    expect(container({ stopGrace: '0s' })['stopGracePeriod']).toBe('0s');
    // Swarm leaves out parts of a second: half a one would be a kill at once.
    expect(container({ stopGrace: '500ms' })['stopGracePeriod']).toBe('1s');
    // Left out, the provider sends zero, and the engine kills at once: see test/behaviour/defaults.test.ts.
    expect(container({})['stopGracePeriod']).toBe('10s');
  });

  it('monitor: the pace of an update', () =>
    expect(service({ monitor: '20s' }).updateConfig).toMatchObject({ delay: '20s', monitor: '20s' }));

  it('checks: a health check', () => expect(container({ port: 80 }).healthcheck?.tests).toContain('tcp'));

  it('storage: a volume, and two replicas never write at once', () => {
    const args = service({ storage: { path: '/data', size: '1Gi' } }, { volume: 'shop-dev-api-data' });
    expect(args.taskSpec.containerSpec.mounts.at(-1)).toEqual({
      type: 'volume',
      source: 'shop-dev-api-data',
      target: '/data',
      readOnly: false,
    });
    expect(args.updateConfig).toMatchObject({ order: 'stop-first' });
    expect(args.rollbackConfig).toMatchObject({ order: 'stop-first' });
  });

  it('transform: has the last word', () => {
    const changed = service({
      transform: { docker: { service: (args) => ({ ...args, name: `${args.name as string}-x` }) } },
    });
    expect(changed.name).toBe('shop-dev-api-x');
  });

  it('port: publishes none, on no address', () =>
    expect(JSON.stringify(service({ port: 8080 }))).not.toContain('publish'));
});

describe('a job', () => {
  it('is a service of one task under the probe, started again until it ends well', () => {
    const args = job({ command: ['migrate'], timeout: '2m' });
    expect(args).toMatchObject({
      name: 'shop-dev-migrate',
      labels: LABELS('migrate', 'job'),
      mode: { replicated: { replicas: 1 } },
      endpointSpec: { mode: 'dnsrr' },
    });
    expect(args.taskSpec.restartPolicy).toEqual({ condition: 'on-failure', delay: '2s', maxAttempts: 0, window: '0s' });
    expect(args.taskSpec.containerSpec).toMatchObject({
      commands: ['/run/probe/probe', 'job', '/run/probe/state/passed', 'migrate'],
      healthcheck: { tests: ['CMD', '/run/probe/probe', 'done', '/run/probe/state/passed'], startPeriod: '2m' },
      capDrops: ['ALL'],
      readOnly: true,
      user: '10001:10001',
    });
    expect(args.taskSpec.containerSpec).not.toHaveProperty('args');
  });

  it('storage: a volume', async () => {
    const storage = { path: '/backups', size: '1Gi' } as const;
    expect(job({ storage }, { volume: 'shop-dev-migrate-data' }).taskSpec.containerSpec.mounts.at(-1)).toEqual({
      type: 'volume',
      source: 'shop-dev-migrate-data',
      target: '/backups',
      readOnly: false,
    });
    expect(await known(job().taskSpec.containerSpec.mounts)).toEqual([
      PROBE_STATE,
      folder('/tmp', 0, 64 * MIB, 'migrate'),
    ]);
  });

  it('never runs twice at once', () =>
    expect(job().updateConfig).toMatchObject({ order: 'stop-first', monitor: '0s' }));

  it('has env, secrets, resources and hardening like a microservice', () => {
    const args: Partial<JobArgs> = {
      env: { A: '1' },
      resources: { cpu: 2, memory: '1Gi' },
      hardening: { user: '9' },
      writablePaths: ['/x'],
      stopGrace: '5s',
    };
    const [asJob, asService] = [job(args).taskSpec, service(args).taskSpec];
    expect(asJob.containerSpec.mounts).toHaveLength(asService.containerSpec.mounts.length);
    for (const key of ['env', 'user', 'readOnly', 'stopGracePeriod', 'secrets', 'configs']) {
      expect(asJob.containerSpec[key]).toEqual(asService.containerSpec[key]);
    }
    expect(asJob.resources).toEqual(asService.resources);
  });
});
