import { ECHO } from './fixture/definition';
import { ONE_POST_IN, REQUESTS } from './support/environment';
import { echoShot, runningFixture } from './support/fixture';
import { underLoad, type LoadResult } from './support/load';
import { expectNoneLost } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, target, type Replica } from './support/target';
import { sleep, waitFor } from './support/wait';

const PROXIED = { 'fixture:serviceProxies': '["echo"]' };
let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture({ 'fixture:version': '1' }));
});

/** Load from service to service while something happens. */
function load(scenario: () => Promise<void>, slow?: number): Promise<LoadResult> {
  const shot = echoShot({ path: '/call', onePostIn: ONE_POST_IN, nested: true });
  return underLoad({ url, shot, requests: REQUESTS, ...(slow === undefined ? {} : { slow }) }, scenario);
}

async function victim(): Promise<Replica> {
  const [chosen] = await target.replicas(stack.scope, 'echo');
  if (!chosen) throw new Error('echo has no replica');
  return chosen;
}

describe('with a proxy of its own, a service loses no request of its callers', () => {
  it('when it gets the proxy', async () => {
    expectNoneLost(
      'a proxy is put in front of a service',
      await load(async () => {
        await stack.mustUp({ 'fixture:version': '1', ...PROXIED });
        await sleep(5_000);
      }),
    );
    expect(await target.replicas(stack.scope, 'echo-proxy')).toHaveLength(2);
  });

  it.each([
    ['is killed', (id: string) => target.kill(id)],
    ['hangs', (id: string) => target.freeze(id)],
  ])('when a replica %s', async (fault, hurt) => {
    const { id } = await victim();
    const result = await load(async () => {
      await sleep(1_000);
      await hurt(id);
      await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [id] });
    });
    expectNoneLost(`a replica behind a proxy ${fault}`, result);
  });

  it('when an update replaces every replica', async () => {
    const result = await load(async () => {
      await stack.mustUp({ 'fixture:version': '2', ...PROXIED });
    });
    expectNoneLost('update behind a proxy', result);
  });

  it('when the proxy goes again', async () => {
    expectNoneLost(
      'the proxy of a service is taken away',
      await load(async () => {
        await stack.mustUp({ 'fixture:version': '2' });
        await sleep(5_000);
      }),
    );
    expect(await target.replicas(stack.scope, 'echo-proxy')).toEqual([]);
  });

  it('and is reached at another port once callers know it', async () => {
    const services = { echo: { port: 8081, env: { PORT: '8081' } }, caller: { env: { CALLEE: 'echo:8081' } } };
    await stack.mustUp({ 'fixture:version': '2', ...PROXIED, 'fixture:patch': JSON.stringify({ services }) });
    await waitFor('callers to get answers', async () => (await fetch(`${url}/call?n=1`)).status === 200, {
      timeout: 30_000,
    });
  });
});
