import { ECHO } from './fixture/definition';
import { REQUESTS } from './support/environment';
import { echoShot, runningFixture } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, target } from './support/target';

/** Many enough that their order is another one nearly every time. */
const ENV = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`V${index}`, `${index}`]));
const patch = (echo: object) => ({ 'fixture:patch': JSON.stringify({ services: { echo: { env: ENV, ...echo } } }) });

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture(patch({})));
});

const ids = async () => (await target.replicas(stack.scope, 'echo')).map(({ id }) => id).sort();

/** Deploys under load, and waits until the old replicas are gone that leave. */
async function change(name: string, config: Record<string, string>, replicas: number): Promise<void> {
  const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
    await stack.mustUp(config);
    await fullStrength(stack.scope, 'echo', replicas);
  });
  expectNoneLost(name, result);
}

describe('replicas live on', () => {
  it('when others are added, and when others are removed', async () => {
    const before = await ids();
    expect(before).toHaveLength(ECHO.replicas);
    await change('scale up', { ...patch({}), 'fixture:replicas': '5' }, 5);
    const more = await ids();
    expect(more).toHaveLength(5);
    expect(more).toEqual(expect.arrayContaining(before));
    await change('scale down', { ...patch({}), 'fixture:replicas': '2' }, 2);
    const fewer = await ids();
    expect(fewer).toHaveLength(2);
    expect(more).toEqual(expect.arrayContaining(fewer));
    await change('scale up again', { ...patch({}), 'fixture:replicas': '3' }, 3);
    expect(await ids()).toEqual(expect.arrayContaining(fewer));
  });

  it('when only what is watched for changes', async () => {
    const before = await ids();
    await change('another monitoring time', { ...patch({ monitor: '4s' }), 'fixture:replicas': '3' }, 3);
    expect(await ids()).toEqual(before);
  });

  it('but not when a value changes', async () => {
    const before = await ids();
    const config = { ...patch({ env: { ...ENV, V0: 'x' } }), 'fixture:replicas': '3' };
    await change('another value', config, 3);
    expect((await ids()).filter((id) => before.includes(id))).toEqual([]);
    const { code, output } = await stack.preview(config, ['--expect-no-changes']);
    expect({ code, output }).toMatchObject({ code: 0 });
  });
});
