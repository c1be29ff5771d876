import type Docker from 'dockerode';
import { startServices, stopServices } from '../../../components/docker/stop-services';

/** Services with their replicas, and looks at tasks that end one after another. */
class Services {
  readonly updates: unknown[] = [];
  /** Updates that come just when the engine has changed the service. */
  outOfSequence = 0;
  constructor(
    private readonly services: Record<string, { replicas?: number; grace?: number; failing?: number }>,
    private readonly looks: string[][] = [[]],
  ) {}

  get docker(): Docker {
    return this as unknown as Docker;
  }

  getService(name: string) {
    return {
      inspect: () => {
        const found = this.services[name];
        if (found?.failing !== undefined || !found)
          return Promise.reject(Object.assign(new Error('engine'), { statusCode: found?.failing ?? 404 }));
        return Promise.resolve({
          Version: { Index: 7 },
          Spec: {
            Name: name,
            Mode: found.replicas === undefined ? { Global: {} } : { Replicated: { Replicas: found.replicas } },
            TaskTemplate: { ContainerSpec: found.grace === undefined ? {} : { StopGracePeriod: found.grace * 1e9 } },
          },
        });
      },
      update: (options: unknown) =>
        this.outOfSequence-- > 0
          ? Promise.reject(new Error('server error - rpc error: code = Unknown desc = update out of sequence'))
          : Promise.resolve(void this.updates.push(options)),
    };
  }

  listTasks() {
    const states = this.looks.length > 1 ? this.looks.shift()! : this.looks[0]!;
    return Promise.resolve(states.map((State) => ({ Status: { State } })));
  }
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

async function outcome(services: Services, ...names: string[]): Promise<{ error?: Error; seconds: number }> {
  const start = Date.now();
  let end: { error?: Error; seconds: number } | undefined;
  const seconds = () => (Date.now() - start) / 1_000;
  stopServices(services.docker, names).then(
    () => (end = { seconds: seconds() }),
    (error: unknown) => (end = { error: error as Error, seconds: seconds() }),
  );
  while (!end) await jest.advanceTimersByTimeAsync(250);
  return end;
}

it('gives all of a service but its number of replicas back to the engine', async () => {
  const services = new Services({ api: { replicas: 3, grace: 10 } });
  await outcome(services, 'api');
  expect(services.updates).toEqual([
    {
      Name: 'api',
      version: 7,
      Mode: { Replicated: { Replicas: 0 } },
      TaskTemplate: { ContainerSpec: { StopGracePeriod: 10e9 } },
    },
  ]);
});

it('says what had replicas, and gives them back', async () => {
  const services = new Services({ api: { replicas: 3 }, idle: { replicas: 0 }, everywhere: {} });
  const stopped = stopServices(services.docker, ['api', 'idle', 'everywhere', 'gone']);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await stopped).toEqual(new Map([['api', 3]]));
  const idle = new Services({ api: { replicas: 0 } });
  await startServices(idle.docker, new Map([['api', 3]]));
  expect(idle.updates).toMatchObject([{ Name: 'api', Mode: { Replicated: { Replicas: 3 } } }]);
});

it('stops a service that the engine changes just then', async () => {
  const services = new Services({ api: { replicas: 2 } });
  services.outOfSequence = 2;
  expect((await outcome(services, 'api')).error).toBeUndefined();
  expect(services.updates).toHaveLength(1);
});

it('waits until no replica runs any more', async () => {
  const services = new Services({ api: { replicas: 2 } }, [
    ['running', 'running'],
    ['running', 'shutdown'],
    ['starting'],
    [],
  ]);
  expect((await outcome(services, 'api')).seconds).toBeGreaterThanOrEqual(0.75);
});

it('waits for one that was stopped already but still runs', async () => {
  const services = new Services({ api: { replicas: 0 } }, [['running'], ['complete', 'failed']]);
  expect((await outcome(services, 'api')).seconds).toBeGreaterThanOrEqual(0.25);
  expect(services.updates).toEqual([]);
});

it.each([
  [10, 40],
  [90, 120],
  [undefined, 40],
])('waits somewhat longer than the stop grace period of %p s, and fails', async (grace, limit) => {
  const services = new Services({ api: { replicas: 1, ...(grace === undefined ? {} : { grace }) } }, [['running']]);
  const { error, seconds } = await outcome(services, 'api');
  expect(error!.message).toBe(
    `service api: a replica is still running ${(grace ?? 10) + 30} s after it was told to stop. See \`docker service ps api\`, then run \`up\` again`,
  );
  expect(seconds).toBeGreaterThan(limit - 1);
  expect(seconds).toBeLessThan(limit + 1);
});

it('has nothing to do for a service that is gone, or runs on every node', async () => {
  const services = new Services({ everywhere: {} });
  expect(await outcome(services, 'gone', 'everywhere')).toMatchObject({ seconds: expect.any(Number) as number });
  expect(services.updates).toEqual([]);
});

it('fails where the engine does', async () =>
  expect((await outcome(new Services({ api: { failing: 500 } }), 'api')).error!.message).toBe('engine'));
