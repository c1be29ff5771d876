import { SCALED } from './fixture/definition';
import { theCluster } from './support/cluster';
import { echoShot, fixtureStack } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength } from './support/target';
import { sleep, timed, waitFor } from './support/wait';

const BY_LOAD = { 'fixture:scaling': 'load' };
const ENOUGH = 5;
/** Requests a second: far more than two replicas may answer with what they request, and hardly any. */
const [BUSY, CALM] = [1_000, 20];
const MINUTES = 60_000;
const cluster = theCluster();
let stack: Stack;

beforeAll(async () => {
  stack = await fixtureStack();
  await stack.mustUp(BY_LOAD);
  await fullStrength(stack.scope, 'echo', SCALED.min, { timeout: 3 * MINUTES });
});

afterAll(async () => {
  // A fixed number again, for the suites that share the fixture.
  await stack.mustUp();
});

/** What the autoscaler was told by the metrics server, in percent of what is requested; nothing until it has measured. */
async function measured(): Promise<number | undefined> {
  const { status } = await cluster.autoscaling.readNamespacedHorizontalPodAutoscaler({
    namespace: stack.scope,
    name: 'echo',
  });
  return status?.currentMetrics?.[0]?.resource?.current.averageUtilization;
}

async function replicas(): Promise<number> {
  const { spec } = await cluster.apps.readNamespacedDeployment({ namespace: stack.scope, name: 'echo' });
  return spec!.replicas!;
}

describe('a number of replicas that follows the load', () => {
  it('grows under load and shrinks without, loses no request, and is no change to a preview', async () => {
    const url = await stack.url();
    await waitFor('the first measurement', measured, { timeout: 2 * MINUTES, every: 1_000 });
    let highest = 0;
    let grew = 0;
    const busy = await underLoad({ url, shot: echoShot(), requests: 5_000, rate: BUSY, after: 1_000 }, async () => {
      grew = await timed(async () => {
        await waitFor(`${ENOUGH} replicas`, async () => (await replicas()) >= ENOUGH, {
          timeout: 4 * MINUTES,
          every: 500,
        });
        const now = await replicas();
        await fullStrength(stack.scope, 'echo', now, { timeout: MINUTES }).catch(() => undefined);
        highest = (await measured()) ?? 0;
      });
      for (const args of [[], ['--refresh']]) {
        const { code, output } = await stack.preview(BY_LOAD, [...args, '--expect-no-changes']);
        if (code !== 0) throw new Error(output);
      }
      expect(await replicas()).toBeGreaterThanOrEqual(ENOUGH);
    });
    expectNoneLost(`scaling from ${SCALED.min} to ${await replicas()}`, busy, `after ${grew} ms, at ${highest} %`);

    let shrank = 0;
    const calm = await underLoad({ url, shot: echoShot(), requests: 500, rate: CALM }, async () => {
      shrank = await timed(() =>
        waitFor(`${SCALED.min} replicas`, async () => (await replicas()) === SCALED.min, {
          timeout: 5 * MINUTES,
          every: 500,
        }),
      );
      // Those that leave finish what they have.
      await fullStrength(stack.scope, 'echo', SCALED.min, { timeout: MINUTES });
      await sleep(15_000);
    });
    expectNoneLost(`scaling back to ${SCALED.min}`, calm, `after ${shrank} ms`);
  });
});
