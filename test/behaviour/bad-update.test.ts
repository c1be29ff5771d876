import { ECHO } from './fixture/definition';
import { fullStrength, target } from './support/target';
import { REQUESTS } from './support/environment';
import { echoShot, fixtureStack, onlyVersion, runningFixture, versions } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost } from './support/report';
import type { CommandResult } from './support/command';
import type { Stack } from './support/stack';

const GOOD = { 'fixture:version': 'good' };
let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture(GOOD));
});

/** Deploys something bad under load; the version that served before must go on serving. */
async function badUpdate(name: string, behaviour: string): Promise<CommandResult> {
  let outcome: CommandResult | undefined;
  const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
    outcome = await stack.mustNotUp({ 'fixture:version': 'bad', 'fixture:behaviour': behaviour });
    await fullStrength(stack.scope, 'echo', ECHO.replicas);
  });
  expectNoneLost(name, result, `up failed after ${Math.round(outcome!.seconds)} s`);
  expect(outcome!.output).toContain(target.nameInErrors(stack.scope, 'echo'));
  return outcome!;
}

/** What was never ready gets no request, not even for a moment. */
async function goodAlone(): Promise<void> {
  expect(await versions(url)).toEqual(new Set(['good']));
}

describe('a bad update loses no request, fails and leaves the old version serving', () => {
  it('when the new version never becomes healthy', async () => {
    await badUpdate('update that never becomes healthy', 'never-healthy');
    await goodAlone();
  });

  it('when the new version listens on 127.0.0.1 only, where no proxy can connect', async () => {
    const { output } = await badUpdate('update that listens on loopback only', 'loopback');
    if (target.name === 'docker') expect(output).toContain('listens on 127.0.0.1 only');
    await goodAlone();
  });

  it('when the new version crashes one second before the monitoring time ends', async () => {
    // Counted from its start; it becomes ready within its first second.
    const { output } = await badUpdate('update that crashes late', `crash-after:${ECHO.monitorMs / 1_000 - 1}`);
    expect(output).toContain('crashing as told');
    // It was started again, and goes on for a while as any that leaves.
    await onlyVersion(url, 'good');
  });

  it('when the new version exits, and the failure shows its last log lines', async () => {
    const { output } = await badUpdate('update that exits', 'exit:boom: no database');
    expect(output).toContain('boom: no database');
    await goodAlone();
  });

  it('again when it is repeated unchanged, and not when a good one follows', async () => {
    const bad = { 'fixture:version': 'bad', 'fixture:behaviour': 'exit:boom: no database' };
    const repeated = await stack.mustNotUp(bad);
    expect(repeated.output).toContain('boom: no database');
    await goodAlone();

    await stack.mustUp({ 'fixture:version': 'better' });
    await onlyVersion(url, 'better');
    expect((await target.replicas(stack.scope, 'echo')).filter(({ health }) => health === 'healthy')).toHaveLength(
      ECHO.replicas,
    );
  });
});

describe('a first deployment that fails', () => {
  it('says what is true, and so does a fix that fails for another reason: nothing has served before', async () => {
    const first = await fixtureStack('first', {
      'fixture:patch': JSON.stringify({
        services: { caller: null, keeper: null },
        gateway: { routes: [{ path: '/', to: 'echo' }] },
      }),
    });
    try {
      const causes = ['cause of the first', 'cause of the second'];
      for (const [index, cause] of causes.entries()) {
        const { output } = await first.mustNotUp({
          'fixture:behaviour': `exit:${cause}`,
          'fixture:version': `${index}`,
        });
        expect(output).toContain(target.nameInErrors(first.scope, 'echo'));
        expect(output).toContain(cause);
        for (const other of causes.filter((one) => one !== cause)) expect(output).not.toContain(`exit:${other}`);
        expect(output).not.toMatch(/still serving|serves on|was rolled back/);
        // The last words are those of the version that was just deployed.
        const [, words = ''] = /last log lines:([^]*?)(\n\s*\n|$)/.exec(output) ?? [];
        expect(words).toContain(cause);
        for (const other of causes.filter((one) => one !== cause)) expect(words).not.toContain(other);
      }
      await first.mustUp({ 'fixture:version': 'good' });
      await onlyVersion(await first.url(), 'good');
    } finally {
      await first.destroy({ remove: true, refresh: true });
      await target.deleteData(first.scope);
    }
  });
});
