import { ECHO } from './fixture/definition';
import { fullStrength, target } from './support/target';
import { echoShot, runningFixture } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost, report } from './support/report';
import type { Stack } from './support/stack';
import { sleep } from './support/wait';

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture());
});

/** Asks one replica itself, from inside: a fault must hit the one that the test watches. */
function ask(id: string, path: string) {
  const program = `import urllib.request; print(urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:8080${path}", method="POST"), timeout=10).status)`;
  return target.exec(id, ['python3', '-c', program], { timeout: 15_000 });
}

describe('limits hold', () => {
  it('a replica that takes more memory than it may is killed and replaced while the others serve', async () => {
    const [victim] = await target.replicas(stack.scope, 'echo');
    let took = 0;
    const result = await underLoad({ url, shot: echoShot(), requests: 2_000 }, async () => {
      await ask(victim!.id, `/allocate?mb=${2 * ECHO.memoryMiB}`).catch(() => undefined);
      took = await fullStrength(stack.scope, 'echo', 3, { without: [victim!.id] });
    });
    expect(await target.outOfMemory(victim!.id)).toBe(true);
    expectNoneLost('memory above the limit', result, `full strength after ${took} ms`);
  });

  it('a replica that spins gets no more processor time than it may', async () => {
    const [victim] = await target.replicas(stack.scope, 'echo');
    expect((await ask(victim!.id, '/spin?seconds=8')).output.trim()).toBe('200');
    await sleep(1_000);
    const [before, start] = [await target.cpuSeconds(victim!.id), performance.now()];
    await sleep(5_000);
    const [after, end] = [await target.cpuSeconds(victim!.id), performance.now()];
    const share = (after - before) / ((end - start) / 1_000);
    report({ name: 'processor limit', note: `${share.toFixed(2)} of ${ECHO.cpu} cores` });
    expect(share).toBeGreaterThan(ECHO.cpu * 0.5);
    // The quota is given out every 100 ms, so both ends of the interval may hold one more.
    expect(share).toBeLessThanOrEqual(ECHO.cpu * 1.1);
  });
});
