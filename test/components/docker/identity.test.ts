import fc from 'fast-check';
import { defaultGatewayPort, labels, objectName } from '../../../components/docker/identity';
import { LABEL, namePrefix } from '../../../components/identity';

const LABEL_PATTERN = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** What Pulumi allows as the name of a project or stack, and worse. */
const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/),
  fc.string({ minLength: 1 }),
  fc.constantFrom('dev', 'pr-42', 'Prod', '-', '...', '123', 'ä', 'a--b'),
);
const shortName = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
const serviceName = fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);

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

it('labels are sorted, as the provider gives them back', () => {
  const found = labels('shop-dev', 'api', 'microservice');
  expect(found.map(({ label }) => label)).toEqual(Object.values(LABEL).sort());
  expect(Object.fromEntries(found.map(({ label, value }) => [label, value]))).toMatchObject({
    [LABEL.partOf]: 'shop-dev',
    [LABEL.name]: 'api',
  });
});
