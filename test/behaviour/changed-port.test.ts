import { ECHO } from './fixture/definition';
import { REQUESTS } from './support/environment';
import { echoShot, onlyVersion, runningFixture, versions } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength } from './support/target';
import { sleep } from './support/wait';

/** Longer than an answer of DNS, a check or a rule of a proxy lives on. */
const LATE_EFFECTS = 12_000;

let stack: Stack;
let url: string;

interface Change {
  port?: number;
  env?: Record<string, string>;
  ready?: object;
}

/** What one version of echo has other than the fixture as it is. */
const config = (version: string, change: Change, behaviour = 'none') => ({
  'fixture:version': version,
  'fixture:behaviour': behaviour,
  'fixture:patch': JSON.stringify({
    services: {
      echo: change,
      // Who calls it has to name its port.
      caller: { env: { CALLEE: `echo:${change.port ?? 8080}` } },
    },
  }),
});
const at = (port: number): Change => ({ port, env: { PORT: String(port) } });
const readyAt = (path: string, port: number, checkPort = 0): Change => ({
  ...at(port),
  env: { PORT: String(port), READY_PATH: path, CHECK_PORT: String(checkPort) },
  ready: { http: { path, ...(checkPort === 0 ? {} : { port: checkPort }) } },
});

/** Deploys a version under load; neither the old replicas nor the new ones may lose a request. */
async function update(name: string, version: string, change: Change): Promise<void> {
  const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
    await stack.mustUp(config(version, change));
    await onlyVersion(url, version);
    await sleep(LATE_EFFECTS);
  });
  expectNoneLost(name, result);
}

beforeAll(async () => {
  ({ stack, url } = await runningFixture(config('first', at(8080))));
});

describe('replicas of two versions run side by side, and no request is lost', () => {
  it('when the port changes', async () => {
    await update('update with another port', 'port', at(8081));
    const { callee } = (await (await fetch(`${url}/call?n=1`)).json()) as { callee: { version: string } };
    expect(callee.version).toBe('port');
  });

  it('when the path of the check changes', () =>
    update('update with another path of the check', 'path', readyAt('/ready/v2', 8081)));

  it('when the check gets a port of its own, and then another one', async () => {
    await update('update with a port for the check', 'check', readyAt('/ready/v2', 8081, 9000));
    await update('update with another port for the check', 'check2', readyAt('/ready/v3', 8081, 9001));
  });
});

describe('a bad update with another port, another check and another route', () => {
  it('fails, and everything in front of the replicas stays as it was', async () => {
    const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
      await stack.mustNotUp({
        ...config('bad', readyAt('/ready/v4', 8082), 'never-healthy'),
        'fixture:extra': 'route',
      });
      await fullStrength(stack.scope, 'echo', ECHO.replicas);
      await sleep(LATE_EFFECTS);
    });
    expectNoneLost('bad update with another port', result);
    expect(await versions(url)).toEqual(new Set(['check2']));
    // Those that call echo changed with it, or not at all.
    expect((await fetch(`${url}/call?n=1`)).status).toBe(200);
  });

  it('and the next good one works, with a preview after it that shows nothing', async () => {
    const good = config('good', readyAt('/ready/v4', 8082));
    await update('update after a bad one', 'good', readyAt('/ready/v4', 8082));
    const { code, output } = await stack.preview(good, ['--expect-no-changes']);
    expect({ code, output }).toMatchObject({ code: 0 });
  });
});
