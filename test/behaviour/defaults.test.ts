import { ECHO } from './fixture/definition';
import { engine } from './support/engine';
import { runningFixture } from './support/fixture';
import { onDocker, onKubernetes } from './support/only';
import type { Stack } from './support/stack';
import { theCluster } from './support/cluster';

let stack: Stack;

beforeAll(async () => {
  ({ stack } = await runningFixture());
});

/** Every number of an object, by its path. */
function numbers(value: unknown, path = ''): Record<string, number> {
  if (typeof value === 'number') return { [path]: value };
  if (typeof value !== 'object' || value === null) return {};
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inside]) => numbers(inside, path === '' ? key : `${path}.${key}`)),
  ) as Record<string, number>;
}

const zeros = (all: Record<string, number>) =>
  Object.keys(all)
    .filter((path) => all[path] === 0)
    .sort();
const SECOND = 1e9;
const MIB = 2 ** 20;

onDocker('what the engine has, read back', () => {
  const specOf = async (name: string) =>
    numbers(((await engine.getService(`${stack.scope}-${name}`).inspect()) as { Spec: unknown }).Spec);

  /** Zero means "as often as it takes" and "no time", and is what we ask for. */
  const MEANT = [
    'RollbackConfig.MaxFailureRatio',
    'TaskTemplate.RestartPolicy.MaxAttempts',
    'TaskTemplate.RestartPolicy.Window',
    'UpdateConfig.MaxFailureRatio',
  ];

  it.each(['echo', 'caller', 'keeper', 'gateway-config', 'echo-lb-config'])(
    'no number of the service %s is zero that is not meant to be: the provider sends zero for what is left out',
    async (name) => {
      // A counter of attempts, which is zero until an update was rolled back.
      const { 'TaskTemplate.ForceUpdate': _attempts, ...numbersOf } = await specOf(name);
      expect(zeros(numbersOf)).toEqual(MEANT);
    },
  );

  it('a replica has 10 s to finish, and every other time and size that the definition or its defaults name', async () => {
    expect(await specOf('echo')).toMatchObject({
      'TaskTemplate.ContainerSpec.StopGracePeriod': 10 * SECOND,
      'TaskTemplate.ContainerSpec.Healthcheck.Interval': SECOND,
      // The check's own second, half of one to start, and one for the probe to kill what does not answer.
      'TaskTemplate.ContainerSpec.Healthcheck.Timeout': 2.5 * SECOND,
      'TaskTemplate.ContainerSpec.Healthcheck.StartPeriod': 10 * SECOND,
      'TaskTemplate.ContainerSpec.Healthcheck.Retries': ECHO.alive.failures,
      'TaskTemplate.Resources.Limits.NanoCPUs': ECHO.cpu * SECOND,
      'TaskTemplate.Resources.Limits.MemoryBytes': ECHO.memoryMiB * MIB,
      'TaskTemplate.Resources.Reservations.NanoCPUs': 0.05 * SECOND,
      'TaskTemplate.Resources.Reservations.MemoryBytes': ECHO.memoryMiB * MIB,
      'TaskTemplate.RestartPolicy.Delay': SECOND,
      'Mode.Replicated.Replicas': ECHO.replicas,
      'UpdateConfig.Parallelism': 1,
      'UpdateConfig.Delay': 5 * SECOND,
      'UpdateConfig.Monitor': 5 * SECOND,
      'RollbackConfig.Parallelism': 1,
      'RollbackConfig.Monitor': SECOND,
    });
  });

  it('a proxy may use the memory that its connections can take, is stopped in order, and has no other limit', async () => {
    const { HostConfig, Config } = await engine.getContainer(`${stack.scope}-gateway`).inspect();
    expect(numbers({ HostConfig, Config })).toMatchObject({
      'HostConfig.Memory': expect.any(Number) as number,
      'HostConfig.ShmSize': 64 * MIB,
      'HostConfig.CpuQuota': 0,
      'HostConfig.NanoCpus': 0,
      'Config.StopTimeout': 5,
    });
    expect(HostConfig.Memory).toBeGreaterThan(1024 * MIB);
    expect(HostConfig.MemorySwap).toBe(HostConfig.Memory);
    expect(HostConfig.PidsLimit ?? 0).toBe(0);
  });
});

onKubernetes('what the cluster has, read back', () => {
  it('no number of a pod, or of its rollout, is left to the cluster', async () => {
    const { apps } = theCluster();
    for (const name of ['echo', 'keeper', 'gateway']) {
      const { spec } = await apps.readNamespacedDeployment({ namespace: stack.scope, name });
      const all = numbers(spec);
      expect(all['template.spec.terminationGracePeriodSeconds']).toBe({ echo: 20, keeper: 10, gateway: 315 }[name]);
      expect(all['progressDeadlineSeconds']).toBeLessThan(600);
      expect(all['revisionHistoryLimit']).toBe(5);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const path = `template.spec.containers.0.${probe}`;
        expect(all).toMatchObject({
          [`${path}.periodSeconds`]: 1,
          [`${path}.successThreshold`]: 1,
          [`${path}.timeoutSeconds`]: expect.any(Number) as number,
          [`${path}.failureThreshold`]: expect.any(Number) as number,
        });
      }
      expect(zeros(all)).toEqual(name === 'keeper' ? [] : ['strategy.rollingUpdate.maxUnavailable']);
    }
  });
});
