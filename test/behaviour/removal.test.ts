import { ECHO } from './fixture/definition';
import { runningFixture } from './support/fixture';
import { onDocker } from './support/only';
import { report } from './support/report';
import { leftOf, target } from './support/target';
import { sleep } from './support/wait';

/** Longer than any replica is given. */
const SLOW = 60_000;

/** A request that makes the replica that works on it use up its stop grace period. */
async function slowRequest(url: string, path: string): Promise<void> {
  fetch(`${url}${path}?ms=${SLOW}`, { method: 'POST', body: 'slow' }).catch(() => undefined);
  await sleep(1_000);
}

onDocker('a replica that uses up its stop grace period', () => {
  it('does not fail the `up` that removes its service', async () => {
    const { stack, url } = await runningFixture({ 'fixture:extra': 'service' });
    await slowRequest(url, '/extra/echo');
    const { seconds } = await stack.mustUp({ 'fixture:extra': 'none' });
    expect(seconds).toBeGreaterThan(ECHO.stopGraceMs / 1_000);
    expect((await leftOf(stack.scope)).objects.filter((name) => name.includes('-extra'))).toEqual([]);
    const { code } = await stack.preview({}, ['--expect-no-changes']);
    expect(code).toBe(0);
    report({ name: 'removed service with a request that does not end', note: `${Math.round(seconds)} s` });
  });

  it('may fail `destroy`, and the next one with --refresh leaves nothing', async () => {
    const { stack, url } = await runningFixture();
    await slowRequest(url, '/echo');
    const first = await stack.destroy();
    const second = await stack.destroy({ refresh: true });
    expect(second).toMatchObject({ code: 0 });
    expect((await leftOf(stack.scope)).objects).toEqual([]);
    report({ name: 'destroy with a request that does not end', note: `exit codes ${first.code}, ${second.code}` });
    await stack.remove();
    await target.deleteData(stack.scope);
  });
});
