import { REQUESTS } from './support/environment';
import { echoShot, runningFixture } from './support/fixture';
import { underLoad } from './support/load';
import { onDocker } from './support/only';
import { expectNoneLost } from './support/report';

/** Echo at a port; whoever calls it has to name that. */
const at = (port: number, version: string, behaviour = 'none') => ({
  'fixture:version': version,
  'fixture:behaviour': behaviour,
  'fixture:patch': JSON.stringify({
    services: {
      echo: { port, env: { PORT: String(port) } },
      caller: { env: { CALLEE: `echo:${port}` } },
    },
  }),
});

/** Goes from one service to the other. */
const call = echoShot({ path: '/call', nested: true });

// On the cluster, callers of a service whose port changes get no answer for a moment: see docs/promises.md.
onDocker('callers of a service whose port changes', () => {
  it('find it at the old port until they are updated themselves, also after an update that fails', async () => {
    const { stack, url } = await runningFixture(at(8080, 'first'));
    const result = await underLoad({ url, shot: call, requests: REQUESTS, rate: 300 }, async () => {
      await stack.mustUp(at(8081, 'moved'));
    });
    expectNoneLost('calls of a service with another port', result);

    const failed = await underLoad({ url, shot: call, requests: REQUESTS, rate: 300 }, async () => {
      await stack.mustNotUp(at(8082, 'bad', 'never-healthy'));
      await stack.mustUp(at(8081, 'moved'));
    });
    expectNoneLost('calls of a service whose new port fails, and back', failed);
    const { code } = await stack.preview(at(8081, 'moved'), ['--expect-no-changes']);
    expect(code).toBe(0);
  });
});
