import fc from 'fast-check';
import { applicationSpec } from '../../components/application-spec';
import { startOrder } from '../../components/start-order';

const image = 'example/api:1';

type Edges = Record<string, { calls?: string[]; after?: string[] }>;

function order(edges: Edges, deployed: readonly string[] = []): [string, string[]][] {
  const services = Object.fromEntries(Object.entries(edges).map(([name, one]) => [name, { image, port: 1, ...one }]));
  const spec = applicationSpec('shop', { services });
  return startOrder(spec, (name) => deployed.includes(name)).map(({ name, after }) => [name, after]);
}

it('is that of definition where nothing starts after another', () =>
  expect(order({ c: { calls: ['a'] }, a: { calls: ['c'] }, b: {} })).toEqual([
    ['c', []],
    ['a', []],
    ['b', []],
  ]));

it('puts each after what it names', () =>
  expect(order({ web: { after: ['api'] }, api: { after: ['db'] }, db: {} })).toEqual([
    ['db', []],
    ['api', ['db']],
    ['web', ['api']],
  ]));

it('updates what is deployed after what it calls and is new', () =>
  expect(order({ web: { calls: ['api', 'db'] }, api: { calls: ['db'] }, db: {} }, ['web', 'db'])).toEqual([
    ['api', []],
    ['web', ['api']],
    ['db', []],
  ]));

it('but not where that would contradict `after`, through others as well', () =>
  expect(
    order({ old: { calls: ['fresh'] }, fresh: { after: ['between'] }, between: { after: ['old'] } }, ['old']),
  ).toEqual([
    ['old', []],
    ['between', ['old']],
    ['fresh', ['between']],
  ]));

it('is an order, whatever is deployed', () => {
  const size = fc.integer({ min: 1, max: 7 });
  const graph = size.chain((count) => {
    const names = Array.from({ length: count }, (_, index) => `s${index}`);
    return fc.tuple(
      fc.subarray(names),
      fc.tuple(
        ...names.map((name, index) =>
          fc.record({
            name: fc.constant(name),
            calls: fc.subarray(names.filter((other) => other !== name)),
            after: fc.subarray(names.slice(0, index)),
          }),
        ),
      ),
      fc.shuffledSubarray(names, { minLength: count }),
    );
  });
  fc.assert(
    fc.property(graph, ([deployed, services, shuffled]) => {
      const edges: Edges = Object.fromEntries(
        shuffled.map((name) => {
          const { calls, after } = services.find((one) => one.name === name)!;
          return [name, { calls, after }];
        }),
      );
      const result = order(edges, deployed);
      const names = result.map(([name]) => name);
      expect([...names].sort()).toEqual(Object.keys(edges).sort());
      for (const [name, after] of result) {
        expect(after).toEqual(expect.arrayContaining(edges[name]!.after!));
        for (const other of after) expect(names.indexOf(other)).toBeLessThan(names.indexOf(name));
      }
    }),
  );
});
