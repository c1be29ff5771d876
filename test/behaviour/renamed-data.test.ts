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

const alone = { echo: null, caller: null };
const gateway = (...to: string[]) => ({
  routes: to.map((name, index) => ({ path: index === 0 ? '/' : `/other`, to: name })),
});
const patch = (services: Record<string, unknown>, routed: ReturnType<typeof gateway>) => ({
  'fixture:patch': JSON.stringify({ services: { ...alone, ...services }, gateway: routed }),
});

/** A microservice with the data of a name. */
async function stored(data: string | undefined, more: object = {}, env: object = {}) {
  return {
    image: await target.published(await fixtureImage()),
    port: 8080,
    resources: { memory: '96Mi' },
    env: { DATA: '/data', VERSION: 'stored', ...env },
    storage: { path: '/data', size: '64Mi', ...(data === undefined ? {} : { name: data }) },
    startup: '15s',
    monitor: '2s',
    ...more,
  };
}

/** The lines of a route: what has the storage answers again within seconds, and nobody else had it meanwhile. */
async function expectLines(path: string, expected: string[]): Promise<void> {
  const url = `${await stack.url()}${path}`;
  // One of several gateways may find it later than another.
  const answer = await waitFor(`answers at ${path}`, async () => {
    const response = await fetch(url);
    const text = await response.text();
    return response.status === 200 && text;
  });
  expect(JSON.parse(answer)).toEqual({ lines: expected });
}

it('a microservice that is renamed keeps its data under its former name, and gives it back', async () => {
  stack = await fixtureStack('renamed-data');
  const before = patch({}, gateway('keeper'));
  await stack.mustUp(before);
  await fullStrength(stack.scope, 'keeper', 1);
  // The gateway finds a first replica within seconds.
  await waitFor('the line to be kept', async () => (await keep('first')) === 200);

  const after = patch({ keeper: null, archive: await stored('keeper') }, gateway('archive'));
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
  report({ name: 'renamed microservice with data', note: `${Math.round(seconds)} s, nothing lost` });
});

it('renamed again, it has the data alone; where the new one fails, the one before starts again', async () => {
  const records = { keeper: null, archive: null, records: await stored('keeper') };
  await stack.mustUp(patch({ keeper: null, archive: await stored('keeper') }, gateway('archive')));
  await stack.mustUp(patch(records, gateway('records')));
  await expectLines('/kept', ['first', 'second']);

  const bad = { ...records, records: null, journal: await stored('keeper', {}, { BEHAVIOUR: 'exit:boom' }) };
  for (let attempt = 1; attempt <= 2; attempt++) {
    const { output } = await stack.mustNotUp(patch(bad, gateway('journal')));
    expect(output).toContain('what had the storage before was started again');
    expect(output).toContain('boom');
    await fullStrength(stack.scope, 'records', 1);
    await expectLines('/kept', ['first', 'second']);
  }

  const undone = patch({}, gateway('keeper'));
  await stack.mustUp(undone);
  await expectLines('/kept', ['first', 'second']);
  expect((await stack.preview(undone, ['--expect-no-changes', '--refresh'])).code).toBe(0);
});

it('where the provider cannot create the new one, the one before starts again', async () => {
  const journal = patch({ keeper: null, journal: await stored('keeper') }, gateway('journal'));
  const { output } = await stack.mustNotUp({ ...journal, 'fixture:refused': 'journal' });
  expect(output).toMatch(/warning: what had the storage before was started again: \S*keeper/);
  await fullStrength(stack.scope, 'keeper', 1);
  await expectLines('/kept', ['first', 'second']);
  await stack.mustUp(journal);
  await expectLines('/kept', ['first', 'second']);
});

it('a bad update that also changes what is mounted leaves the previous version running', async () => {
  const mounted = { writablePaths: ['/tmp', '/var/tmp'] };
  await stack.mustUp(patch({ keeper: await stored(undefined) }, gateway('keeper')));
  const bad = patch({ keeper: await stored(undefined, mounted, { BEHAVIOUR: 'exit:boom' }) }, gateway('keeper'));
  const { output } = await stack.mustNotUp(bad);
  expect(output).toContain('started again');
  await expectLines('/kept', ['first', 'second']);
  const good = patch({ keeper: await stored(undefined, mounted) }, gateway('keeper'));
  await stack.mustUp(good);
  await fullStrength(stack.scope, 'keeper', 1);
  await expectLines('/kept', ['first', 'second']);
  expect((await stack.preview(good, ['--expect-no-changes'])).code).toBe(0);
});

it('two that exchange their data never have them at the same time', async () => {
  const both = async (first?: string, second?: string) =>
    patch({ keeper: await stored(first), ledger: await stored(second) }, gateway('keeper', 'ledger'));
  await stack.mustUp(await both());
  await expectLines('/other/kept', []);
  for (let times = 1; times <= 2; times++) {
    await stack.mustUp(await both('ledger', 'keeper'));
    await expectLines('/kept', []);
    await expectLines('/other/kept', ['first', 'second']);
    await stack.mustUp(await both());
    await expectLines('/other/kept', []);
    await expectLines('/kept', ['first', 'second']);
  }
});

it('and nothing but the data outlives the stack', async () => {
  expect(await stack.destroy()).toMatchObject({ code: 0 });
  expect(await leftOf(stack.scope)).toEqual({ objects: [], data: target.dataOf(stack.scope, 'keeper', 'ledger') });
});
