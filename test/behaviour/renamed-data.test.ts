import { fixtureImage } from './support/fixture-image';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, leftOf, target } from './support/target';
import { waitFor } from './support/wait';

let stack: Stack;

afterAll(async () => {
  await stack.destroy({ remove: true });
  await target.deleteData(stack.scope);
});

const lines = async () => ((await (await fetch(`${await stack.url()}/kept`)).json()) as { lines: string[] }).lines;
const keep = async (line: string) => (await fetch(`${await stack.url()}/keep`, { method: 'POST', body: line })).status;

it('a microservice that is renamed keeps its data under its former name, and gives it back', async () => {
  stack = await fixtureStack('renamed-data');
  const alone = { echo: null, caller: null };
  const gateway = (to: string) => ({ routes: [{ path: '/', to }] });
  const before = { 'fixture:patch': JSON.stringify({ services: alone, gateway: gateway('keeper') }) };
  await stack.mustUp(before);
  await fullStrength(stack.scope, 'keeper', 1);
  // The gateway finds a first replica within seconds.
  await waitFor('the line to be kept', async () => (await keep('first')) === 200);

  const archive = {
    image: await target.published(await fixtureImage()),
    port: 8080,
    resources: { memory: '96Mi' },
    env: { DATA: '/data', VERSION: 'archive' },
    storage: { path: '/data', size: '64Mi', name: 'keeper' },
  };
  const services = { ...alone, keeper: null, archive };
  const after = { 'fixture:patch': JSON.stringify({ services, gateway: gateway('archive') }) };
  const { seconds } = await stack.mustUp(after);
  await fullStrength(stack.scope, 'archive', 1);
  expect(await lines()).toEqual(['first']);
  expect(await keep('second')).toBe(200);
  expect((await stack.preview(after, ['--expect-no-changes'])).code).toBe(0);
  const { data } = await target.belongings(stack.scope);
  expect(data).toEqual(expect.arrayContaining(target.dataOf(stack.scope, 'keeper')));
  expect(data.filter((name) => name.includes('archive'))).toEqual([]);

  await stack.mustUp(before);
  await fullStrength(stack.scope, 'keeper', 1);
  expect(await lines()).toEqual(['first', 'second']);
  expect(await stack.destroy()).toMatchObject({ code: 0 });
  expect(await leftOf(stack.scope)).toEqual({ objects: [], data: target.dataOf(stack.scope, 'keeper') });
  report({ name: 'renamed microservice with data', note: `${Math.round(seconds)} s, nothing lost` });
});
