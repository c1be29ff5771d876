import fc from 'fast-check';
import { hashNumber, namePrefix, shortHash } from '../../components/identity';

const LABEL_PATTERN = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** What Pulumi allows as the name of a project or stack, and worse. */
const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/),
  fc.string({ minLength: 1 }),
  fc.constantFrom('dev', 'pr-42', 'Prod', '-', '...', '123', 'ä', 'a--b'),
);
const shortName = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);

describe('the prefix of all names', () => {
  it.each([
    [{ project: 'shop', stack: 'dev' }, 'shop', /^shop-dev-[0-9a-f]{6}$/],
    [{ project: 'shop', stack: 'pr-42' }, 'shop', /^shop-pr-42-[0-9a-f]{6}$/],
    [{ project: 'Shop_2', stack: 'Dev' }, 'api', /^shop-2-dev-api-[0-9a-f]{6}$/],
    [{ project: '42', stack: '7' }, '42', /^app-[0-9a-f]{6}$/],
    [{ project: 'infrastructure', stack: 'dev' }, 'shop', /^infrastructure-d-[0-9a-f]{6}$/],
  ])('of %j is readable', (identity, application, prefix) => expect(namePrefix(identity, application)).toMatch(prefix));

  it('of another installation is another', () => {
    const prefixes = [undefined, 'a1b2', 'a1b3'].map((installation) =>
      namePrefix({ project: 'shop', stack: 'dev', ...(installation ? { installation } : {}) }, 'shop'),
    );
    expect(new Set(prefixes).size).toBe(3);
  });

  it('is a DNS label with room for the names of services, whatever project and stack are called', () => {
    fc.assert(
      fc.property(anyName, anyName, (project, stack) => {
        const prefix = namePrefix({ project, stack }, 'shop');
        expect(prefix).toMatch(LABEL_PATTERN);
        expect(prefix.length).toBeLessThanOrEqual(23);
      }),
    );
  });

  it('is the same for the same, and another for another project, stack or application', () => {
    const identity = fc.tuple(shortName, shortName, shortName);
    const prefixOf = ([project, stack, application]: [string, string, string]) =>
      namePrefix({ project, stack }, application);
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        fc.pre(a.join() !== b.join());
        expect(prefixOf(a)).not.toBe(prefixOf(b));
        expect(prefixOf(a)).toBe(prefixOf([...a]));
      }),
    );
  });

  it.each([
    [
      ['a', 'b-c', 'a'],
      ['a-b', 'c', 'a-b'],
    ],
    [
      ['shop', 'dev-x', 'shop'],
      ['shop', 'dev', 'x'],
    ],
    [
      ['shop', 'Dev', 'shop'],
      ['shop', 'dev', 'shop'],
    ],
    [
      ['shop', 'a.b', 'shop'],
      ['shop', 'a-b', 'shop'],
    ],
    [
      ['shop', 'a_b', 'shop'],
      ['shop', 'a.b', 'shop'],
    ],
    [
      ['shop', `${'x'.repeat(60)}1`, 'shop'],
      ['shop', `${'x'.repeat(60)}2`, 'shop'],
    ],
  ])('of %j is not that of %j', (a, b) => {
    expect(namePrefix({ project: a[0]!, stack: a[1]! }, a[2]!)).not.toBe(
      namePrefix({ project: b[0]!, stack: b[1]! }, b[2]!),
    );
  });
});

it('hashes follow from the text alone and spread over the whole range', () => {
  expect(shortHash('a')).toBe('ca9781');
  expect(shortHash('a', 10)).toBe('ca978112ca');
  const counts = new Map<number, number>();
  for (let index = 0; index < 6400; index++)
    counts.set(hashNumber(`n${index}`, 64), (counts.get(hashNumber(`n${index}`, 64)) ?? 0) + 1);
  expect(counts.size).toBe(64);
  expect(Math.max(...counts.values())).toBeLessThan(160);
});
