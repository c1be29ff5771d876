import { ECHO } from './fixture/definition';
import { fullStrength, target, type Replica } from './support/target';
import { ONE_POST_IN, REQUESTS } from './support/environment';
import { echoShot, onlyVersion, runningFixture } from './support/fixture';
import { underLoad, type LoadResult } from './support/load';
import { expectNoneLost, report, reportLoad } from './support/report';
import type { Stack } from './support/stack';
import { sleep, waitFor } from './support/wait';

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture());
});

/** Full load on the gateway while something happens to a replica of echo. */
function load(scenario: () => Promise<void>, shot = echoShot({ onePostIn: ONE_POST_IN })): Promise<LoadResult> {
  return underLoad({ url, shot, requests: REQUESTS, maxTime: 580_000 }, scenario);
}

let victims = 0;

/** Another replica each time: a kubelet lets one that ended a short time ago wait before it starts again. */
async function victim(): Promise<Replica> {
  const replicas = await target.replicas(stack.scope, 'echo');
  const chosen = replicas[victims++ % replicas.length];
  if (!chosen) throw new Error('echo has no replica');
  return chosen;
}

/** What the check of a hung replica and its grace period name. */
const { alive } = ECHO;
const NAMED_MS = alive.failures * (alive.intervalMs + alive.timeoutMs) + alive.intervalMs + ECHO.stopGraceMs;

/**
 * What the engine needs beside it, under full load: it starts a process for each probe, notices the exit, waits 2 s
 * before a restart, creates a container, and waits for its first probe. Measured on two cores: 5 to 6.4 s.
 */
const ENGINE_MS = 9_000;
const HUNG_MS = NAMED_MS + ENGINE_MS;

describe('no request is lost', () => {
  it('without any fault', async () => {
    expectNoneLost('no fault', await load(() => sleep(2_000)));
  });

  it('when an update replaces every replica', async () => {
    const result = await load(async () => {
      await stack.mustUp({ 'fixture:version': '2' });
    });
    expectNoneLost('update of echo', result);
    await onlyVersion(url, '2');
  });

  it('when a replica fails its ready check, and it gets requests again when it passes', async () => {
    const { id, hostname } = await victim();
    let before = 0;
    const result = await load(async () => {
      await target.exec(id, ['touch', '/tmp/unready']);
      await sleep(4_000);
      const quiet = await answersOf(hostname, 40);
      expect(quiet).toBe(0);
      await target.exec(id, ['rm', '/tmp/unready']);
      before = Date.now();
      await waitFor('the replica to get requests again', async () => (await answersOf(hostname, 20)) > 0, {
        timeout: 15_000,
      });
    });
    expectNoneLost('a replica fails ready', result, `back in use after ${Date.now() - before} ms, not replaced`);
    // A replica that is not ready is left alone: a database outage must not restart every replica.
    expect((await target.replicas(stack.scope, 'echo')).map((one) => one.id)).toContain(id);
  });

  it('when a replica fails its alive check and is replaced', async () => {
    const { id } = await victim();
    let took = 0;
    const result = await load(async () => {
      await target.exec(id, ['touch', '/tmp/unalive']);
      took = await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
    });
    expectNoneLost('a replica fails alive', result, `full strength after ${took} ms`);
  });

  it('when a replica is killed, and it is replaced within 5 s', async () => {
    const { id } = await victim();
    let took = 0;
    const result = await load(async () => {
      await sleep(1_000);
      await target.kill(id);
      took = await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
    });
    expectNoneLost('SIGKILL', result, `full strength after ${took} ms`);
    expect(took).toBeLessThanOrEqual(5_000);
  });

  it('when a replica hangs, and it is replaced in the time that its check and its grace period name, and the engine needs', async () => {
    const { id } = await victim();
    let took = 0;
    const result = await load(async () => {
      await sleep(1_000);
      await target.freeze(id);
      took = await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
    });
    expectNoneLost('SIGSTOP', result, `full strength after ${took} ms; at most ${HUNG_MS} ms`);
    expect(took).toBeLessThanOrEqual(HUNG_MS);
  });

  it('between services when an update replaces every replica', async () => {
    const shot = echoShot({ path: '/call', onePostIn: ONE_POST_IN, nested: true });
    const result = await load(async () => {
      await stack.mustUp({ 'fixture:version': '3' });
    }, shot);
    expectNoneLost('update, service to service', result);
  });

  it('between services when a replica is killed; where nothing repeats them, at most those in flight', async () => {
    const { id } = await victim();
    const result = await load(
      async () => {
        await sleep(1_000);
        await target.kill(id);
        await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
      },
      echoShot({ path: '/call', onePostIn: ONE_POST_IN, nested: true }),
    );
    const most = target.repeatsBetweenServices ? 0 : result.workers;
    reportLoad('SIGKILL, service to service', result, `at most ${most} may be lost`);
    expect(result.failed).toBeLessThanOrEqual(most);
  });
});

describe('a request that must not be repeated is not', () => {
  it.each([
    ['killed', (id: string) => target.kill(id)],
    ['hung', (id: string) => target.freeze(id)],
  ])('when a replica is %s: at most those in flight are lost', async (fault, hurt) => {
    const { id } = await victim();
    const result = await load(
      async () => {
        await sleep(1_000);
        await hurt(id);
        await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
      },
      echoShot({ onePostIn: 1, keyed: false }),
    );
    reportLoad(`POST without a key, replica ${fault}`, result, `at most ${result.workers} may be lost`);
    expect(result.failed).toBeLessThanOrEqual(result.workers);
  });
});

describe('the load test itself', () => {
  it('fails when the proxy does not retry', async () => {
    // Only the proxy's rules change.
    await stack.mustUp({ 'fixture:version': '3', 'fixture:proxy': 'no-retries' });
    const { id } = await victim();
    const result = await load(async () => {
      await sleep(1_000);
      await target.kill(id);
      await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
    });
    report({
      name: 'SIGKILL with retries off (must lose some)',
      requests: result.requests,
      failed: result.failed,
      p99: result.latency.p99,
    });
    expect(result.failed).toBeGreaterThan(0);
    await stack.mustUp({ 'fixture:version': '3' });
  });
});

/** How many of some requests a replica answers. */
async function answersOf(hostname: string, requests: number): Promise<number> {
  let answers = 0;
  for (let n = 0; n < requests; n++) {
    const response = await fetch(`${url}/version`);
    await response.text();
    if (response.headers.get('x-replica') === hostname) answers++;
  }
  return answers;
}
