import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/**
 * Asks again and again until the answer is something else than `undefined` or `false`.
 *
 * @throws when `timeout` milliseconds have passed, with the last thing that `probe` threw.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  { timeout = 60_000, every = 100 }: { timeout?: number; every?: number } = {},
): Promise<T> {
  const end = performance.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      const reason = last === undefined ? '' : ` (${last instanceof Error ? last.message : JSON.stringify(last)})`;
      throw new Error(`gave up after ${timeout} ms waiting for ${what}${reason}`);
    }
    await sleep(every);
  }
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}
