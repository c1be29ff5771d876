import fc from 'fast-check';
import { judge } from '../../policy/judge';
import { RULES } from '../../policy/rules';
import { UNKNOWN } from '../../policy/value';
import { EXAMPLES } from './examples';
import { resource, type Given } from './resource';

/** Paths of what a rule finds. */
function pathsOf(rule: string, given: Given | Given[]): string[] {
  const resources = [given].flat().map((one, index) => resource({ name: `r${index}`, ...one }));
  return judge(resources)
    .filter((violation) => violation.rule === rule)
    .map(({ path }) => path);
}

const told = (given: Given | Given[]) =>
  [given]
    .flat()
    .map(({ type, name: _name, ...more }) => `${type.split(':').at(-1)!} ${JSON.stringify(more)}`)
    .join(', ');

it('every rule has examples, and no other', () =>
  expect(Object.keys(EXAMPLES).sort()).toEqual(RULES.map(({ name }) => name).sort()));

describe.each(Object.entries(EXAMPLES))('%s', (rule, { breaks, passes }) => {
  it.each(breaks.map(([given, ...paths]) => [told(given), given, paths] as const))(
    'is broken by %s',
    (_, given, paths) => expect(pathsOf(rule, given)).toEqual(paths),
  );

  it.each(passes.map((given) => [told(given), given] as const))('is kept by %s', (_, given) =>
    expect(pathsOf(rule, given)).toEqual([]),
  );

  it('finds nothing where nothing is known', () => {
    const all = [...breaks.map(([given]) => given), ...passes].flat();
    for (const given of all.filter(({ type }) => !/volume:Volume|PersistentVolumeClaim|Ingress|:Gateway$/.test(type)))
      expect(rule === 'cost-bearing-resources' ? [] : pathsOf(rule, { ...given, props: UNKNOWN })).toEqual([]);
  });
});

describe('a value that is not known yet', () => {
  const ALL = Object.entries(EXAMPLES).flatMap(([rule, { breaks, passes }]) =>
    [...breaks.map(([given]) => given), ...passes].map((given) => [rule, [given].flat()] as const),
  );

  /** The same values, of which those at some leaves and branches are unknown. */
  function hidden(value: unknown, decide: () => boolean): unknown {
    if (decide()) return UNKNOWN;
    if (Array.isArray(value)) return value.map((item) => hidden(item, decide));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hidden(inner, decide)]));
  }

  it('never makes a finding that is not there when it is known', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL),
        fc.infiniteStream(fc.integer({ min: 0, max: 5 })),
        ([rule, given], stream) => {
          const known = new Set(pathsOf(rule, given));
          const decide = () => stream.next().value === 0;
          const found = pathsOf(
            rule,
            given.map((one) => ({ ...one, props: hidden(one.props, decide) })),
          );
          expect(found.filter((path) => !known.has(path))).toEqual([]);
        },
      ),
      { numRuns: 3_000 },
    ));

  it('never makes a rule fail, whatever stands there', () =>
    fc.assert(
      fc.property(fc.constantFrom(...ALL), fc.jsonValue(), ([, given], junk) => {
        judge(given.map((one) => resource({ ...one, props: junk })));
        judge(
          given.map((one) =>
            resource({ ...one, props: { spec: junk, taskSpec: junk, labels: junk, tags: junk, policy: junk } }),
          ),
        );
      }),
      { numRuns: 500 },
    ));
});
