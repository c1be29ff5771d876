import { ECHO } from './fixture/definition';
import { runningFixture } from './support/fixture';
import { onDocker } from './support/only';
import { report } from './support/report';
import { leftOf, target } from './support/target';
import { sleep } from './support/wait';

/** Longer than any replica is given. */
const SLOW = 60_000;

/** From inside, since the proxies, which go first, would take a request from outside along. */
async function slowRequest(scope: string, service: string): Promise<void> {
  const [replica] = await target.replicas(scope, service);
  const request = `from urllib.request import urlopen; urlopen("http://127.0.0.1:8080/echo?ms=${SLOW}")`;
  void target.exec(replica!.id, ['python3', '-c', request], { timeout: SLOW }).catch(() => undefined);
  await sleep(2_000);
}

onDocker('a replica that uses up its stop grace period', () => {
  it('does not fail the `up` that removes its service', async () => {
    const { stack } = await runningFixture({ 'fixture:extra': 'service' });
    await slowRequest(stack.scope, 'extra');
    const { seconds } = await stack.mustUp({ 'fixture:extra': 'none' });
    expect(seconds).toBeGreaterThan(ECHO.stopGraceMs / 1_000);
    expect((await leftOf(stack.scope)).objects.filter((name) => name.includes('-extra'))).toEqual([]);
    const { code } = await stack.preview({}, ['--expect-no-changes']);
    expect(code).toBe(0);
    report({ name: 'removed service with a request that does not end', note: `${Math.round(seconds)} s` });
  });

  it('may fail `destroy`, and the next one with --refresh leaves nothing', async () => {
    const { stack } = await runningFixture();
    await slowRequest(stack.scope, 'echo');
    const first = await stack.destroy();
    const second = await stack.destroy({ refresh: true });
    expect(second).toMatchObject({ code: 0 });
    expect((await leftOf(stack.scope)).objects).toEqual([]);
    report({ name: 'destroy with a request that does not end', note: `exit codes ${first.code}, ${second.code}` });
    await stack.remove();
    await target.deleteData(stack.scope);
  });
});
