import fc from 'fast-check';
import {
  defaultGatewayPort,
  hashNumber,
  labels,
  LABEL,
  namePrefix,
  objectName,
  shortHash,
} from '../../../components/docker/identity';

const LABEL_PATTERN = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** What Pulumi allows as the name of a project or stack, and worse. */
const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/),
  fc.string({ minLength: 1 }),
  fc.constantFrom('dev', 'pr-42', 'Prod', '-', '...', '123', 'ä', 'a--b'),
);
const shortName = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
const serviceName = fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);

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

describe('the name of an object', () => {
  it('is a DNS label of at most 63 characters', () => {
    fc.assert(
      fc.property(
        anyName,
        anyName,
        serviceName,
        fc.constantFrom('lb', 'data', 'config', 'proxy', 'abcdef0123'),
        (project, stack, service, suffix) => {
          const prefix = namePrefix({ project, stack }, 'shop');
          for (const name of [
            objectName(prefix, service),
            objectName(prefix, service, suffix),
            objectName(prefix, service, 'lb', suffix),
          ])
            expect(name).toMatch(LABEL_PATTERN);
        },
      ),
    );
  });

  it('keeps long names apart', () => {
    const long = 'x'.repeat(39);
    const found = [`${long}a`, `${long}b`].flatMap((service) =>
      ['config', 'proxy'].map((suffix) => objectName('shop-averylongname1', service, 'lb', suffix)),
    );
    expect(new Set(found).size).toBe(4);
    expect(found.every((name) => name.length <= 63)).toBe(true);
  });

  it('of one stack is none of another', () => {
    const nameIn = (stack: string, service: string) =>
      objectName(namePrefix({ project: 'shop', stack }, 'shop'), service);
    expect(nameIn('dev', 'a-b')).not.toBe(nameIn('dev-a', 'b'));
    fc.assert(
      fc.property(shortName, shortName, shortName, shortName, (stackA, serviceA, stackB, serviceB) => {
        fc.pre(stackA !== stackB);
        expect(nameIn(stackA, serviceA)).not.toBe(nameIn(stackB, serviceB));
      }),
    );
  });
});

it('the port of the gateway is no well-known and no ephemeral one, and follows from the prefix', () => {
  fc.assert(
    fc.property(fc.string(), (prefix) => {
      const port = defaultGatewayPort(prefix);
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(30_000);
      expect(defaultGatewayPort(prefix)).toBe(port);
    }),
  );
  expect(
    new Set(Array.from({ length: 20 }, (_, index) => defaultGatewayPort(`shop-pr-${index}`))).size,
  ).toBeGreaterThan(18);
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

it('labels are sorted, as the provider gives them back', () => {
  const found = labels('shop-dev', 'api', 'microservice');
  expect(found.map(({ label }) => label)).toEqual(Object.values(LABEL).sort());
  expect(Object.fromEntries(found.map(({ label, value }) => [label, value]))).toMatchObject({
    [LABEL.partOf]: 'shop-dev',
    [LABEL.name]: 'api',
  });
});
