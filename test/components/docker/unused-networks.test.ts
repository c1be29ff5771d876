import type Docker from 'dockerode';
import { networksUnused } from '../../../components/docker/unused-networks';

const task = (State: string, network: string, grace = 10) => ({
  Status: { State },
  Spec: { ContainerSpec: { StopGracePeriod: grace * 1e9 } },
  NetworksAttachments: [{ Network: { Spec: { Name: network } } }],
});

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Seconds until the wait for `old` is over, and with what error. */
async function wait(looks: object[][]): Promise<{ seconds: number; error?: Error }> {
  const docker = {
    listTasks: () => Promise.resolve(looks.length > 1 ? looks.shift() : looks[0]),
  } as unknown as Docker;
  const start = Date.now();
  let end: { seconds: number; error?: Error } | undefined;
  const seconds = () => (Date.now() - start) / 1_000;
  networksUnused(docker, ['old']).then(
    () => (end = { seconds: seconds() }),
    (error: unknown) => (end = { seconds: seconds(), error: error as Error }),
  );
  while (!end) await jest.advanceTimersByTimeAsync(250);
  return end;
}

it('waits for replicas that leave', async () => {
  const looks = [[task('running', 'old')], [task('running', 'old')], [task('shutdown', 'old')]];
  expect(await wait(looks)).toEqual({ seconds: expect.closeTo(0.5, 0) as number });
});

it.each([
  ['on other networks', task('running', 'new')],
  ['that have ended', task('failed', 'old')],
  ['without networks', { Status: { State: 'running' }, Spec: {}, NetworksAttachments: null }],
])('does not wait for replicas %s', async (_, one) => {
  const { seconds, error } = await wait([[one]]);
  expect(error).toBeUndefined();
  expect(seconds).toBeLessThan(0.5);
});

it('gives them their grace period, and says so when that is over', async () => {
  const { seconds, error } = await wait([[task('running', 'old', 60)]]);
  expect(seconds).toBeGreaterThan(60);
  expect(seconds).toBeLessThan(100);
  expect(error?.message).toBe(
    'networks old: still used by a replica after its stop grace period. See `docker network inspect`, then run `up` again',
  );
});
