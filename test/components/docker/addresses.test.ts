import fc from 'fast-check';
import {
  blockStart,
  MAX_NETWORKS,
  NO_ADDRESSES,
  parseAddressRange,
  places,
  proxyAddresses,
  subnetAt,
  subnets,
  type DeployedAddresses,
} from '../../../components/docker/addresses';

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const range = (cidr: string): [number, number] => {
  const [address, bits] = cidr.split('/') as [string, string];
  return [number(address), number(address) + 2 ** (32 - Number(bits)) - 1];
};
const overlap = (a: string, b: string) => range(a)[0] <= range(b)[1] && range(b)[0] <= range(a)[1];
const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { minLength: 1, maxLength: MAX_NETWORKS });
const start = fc.oneof(
  fc.string().map((prefix) => blockStart(prefix, undefined)),
  fc.constantFrom('10.0.0.0/8', '172.16.0.0/12', '192.168.32.0/19').map((text) => blockStart('x', text)),
);
const place = fc.nat({ max: MAX_NETWORKS - 1 });

describe('the networks of an application', () => {
  it('never overlap', () => {
    fc.assert(
      fc.property(start, place, place, (first, a, b) => {
        fc.pre(a !== b);
        expect(overlap(subnetAt(first, a).subnet, subnetAt(first, b).subnet)).toBe(false);
      }),
    );
  });

  it('lie in one aligned block of private addresses that Docker does not use itself', () => {
    fc.assert(
      fc.property(fc.string(), place, (prefix, at) => {
        const first = blockStart(prefix, undefined);
        expect(first % 8192).toBe(0);
        const [low, high] = range(subnetAt(first, at).subnet);
        expect(low).toBeGreaterThanOrEqual(first);
        expect(high).toBeLessThan(first + 8192);
        expect(low).toBeGreaterThanOrEqual(number('10.64.0.0'));
        expect(high).toBeLessThanOrEqual(number('10.255.255.255'));
      }),
    );
  });

  it('are all different places, within the block, for up to 64 names', () => {
    fc.assert(
      fc.property(names, (list) => {
        const found = [...places(list, MAX_NETWORKS).values()];
        expect(new Set(found).size).toBe(list.length);
        expect(found.every((at) => at >= 0 && at < MAX_NETWORKS)).toBe(true);
      }),
    );
    expect(() => places(['a', 'b', 'c'], 2)).toThrow('no place of 2 is free for c');
  });

  it('stay where they are when another name is added at the end', () => {
    fc.assert(
      fc.property(names, (list) => {
        const before = places(list.slice(0, -1), MAX_NETWORKS);
        const after = places(list, MAX_NETWORKS);
        for (const [name, at] of before) expect(after.get(name)).toBe(at);
      }),
    );
  });

  it('stay where they are when any name is added or removed, save those that had to make way', () => {
    fc.assert(
      fc.property(names, fc.nat(), (list, at) => {
        const removed = list[at % list.length]!;
        const alone = (name: string) => places([name], MAX_NETWORKS).get(name);
        const full = places(list, MAX_NETWORKS);
        const undisturbed = list.filter((name) => full.get(name) === alone(name) && name !== removed);
        const fewer = places(
          list.filter((name) => name !== removed),
          MAX_NETWORKS,
        );
        for (const name of undisturbed.slice(0, 1)) expect(fewer.get(name)).toBe(full.get(name));
        const wanted = list.map(alone);
        fc.pre(new Set(wanted).size === list.length);
        for (const name of undisturbed) expect(fewer.get(name)).toBe(full.get(name));
      }),
    );
  });
});

describe('the networks of an application that runs', () => {
  const block = number('10.200.0.0');
  const names = (...keys: string[]) => new Map(keys.map((key) => [key, `shop-${key}`]));
  const deployed = (networks: Record<string, string>, foreign: string[] = []): DeployedAddresses => ({
    ...NO_ADDRESSES,
    networks: new Map(Object.entries(networks).map(([name, subnet]) => [`shop-${name}`, { subnet, internal: true }])),
    foreign,
  });
  const subnetOf = (key: string, keys: string[], before: DeployedAddresses) =>
    subnets(block, names(...keys), before).get(key)!.subnet;

  // "customer" and "migrate" want one place.
  it('keep their addresses when one is added that wants the same place', () => {
    const [migrate] = [subnetOf('migrate', ['migrate'], NO_ADDRESSES)];
    expect(subnetOf('customer', ['customer'], NO_ADDRESSES)).toBe(migrate);
    const before = deployed({ migrate });
    expect(subnetOf('migrate', ['customer', 'migrate'], before)).toBe(migrate);
    expect(subnetOf('customer', ['customer', 'migrate'], before)).not.toBe(migrate);
  });

  it('do not get those of one that is only now removed', () => {
    const migrate = subnetOf('migrate', ['migrate'], NO_ADDRESSES);
    expect(subnetOf('customer', ['customer'], deployed({ migrate }))).not.toBe(migrate);
  });

  it('keep addresses outside the block', () =>
    expect(subnetOf('api', ['api', 'web'], deployed({ api: '10.99.0.128/25' }))).toBe('10.99.0.128/25'));

  it.each(['10.200.0.0/20', '10.200.31.128/25', '10.200.4.0/24'])('avoid %s, which is not theirs', (foreign) => {
    const keys = Array.from({ length: 20 }, (_, index) => `s${index}`);
    for (const { subnet } of subnets(block, names(...keys), deployed({}, [foreign])).values())
      expect(overlap(subnet, foreign)).toBe(false);
  });

  it('are refused when the block is full', () =>
    expect(() => subnetOf('api', ['api'], deployed({}, ['10.192.0.0/10']))).toThrow(RangeError));

  it('do not mind networks of IPv6', () =>
    expect(subnetOf('api', ['api'], deployed({}, ['fd00::/64']))).toBe(subnetOf('api', ['api'], NO_ADDRESSES)));
});

describe('one network', () => {
  it('is a /25 whose upper half the engine gives out', () =>
    expect(subnetAt(number('10.200.0.0'), 3)).toMatchObject({
      subnet: '10.200.1.128/25',
      ipRange: '10.200.1.192/26',
      gateway: '10.200.1.129',
    }));

  it('reserves addresses that are in it, are not the gateway, and are never given out', () => {
    fc.assert(
      fc.property(start, place, (first, at) => {
        const { subnet, ipRange, gateway, reserved } = subnetAt(first, at);
        expect(new Set(reserved).size).toBe(62);
        for (const address of [gateway, ...reserved]) {
          expect(overlap(`${address}/32`, subnet)).toBe(true);
          expect(overlap(`${address}/32`, ipRange)).toBe(false);
        }
        expect(reserved).not.toContain(gateway);
        expect(reserved.map(number)).not.toContain(range(subnet)[0]);
        expect(overlap(ipRange, subnet)).toBe(true);
        expect(range(ipRange)[1]).toBe(range(subnet)[1]);
      }),
    );
  });

  it('gives each proxy an address of its own that stays when another comes', () => {
    fc.assert(
      fc.property(
        names.map((list) => list.slice(0, 62)),
        (callees) => {
          const network = subnetAt(number('10.200.0.0'), 0);
          const proxies = (list: string[]) => new Map(list.map((name) => [name, `shop-${name}-lb`]));
          const addresses = proxyAddresses(network, proxies(callees));
          expect(new Set(addresses.values()).size).toBe(callees.length);
          for (const address of addresses.values()) expect(network.reserved).toContain(address);
          for (const [name, address] of proxyAddresses(network, proxies(callees.slice(0, -1))))
            expect(addresses.get(name)).toBe(address);
        },
      ),
    );
  });
});

describe('a configured range', () => {
  it.each([
    ['10.200.0.0/19', '10.200.0.0'],
    ['10.0.0.0/8', '10.0.0.0'],
    ['172.16.0.0/12', '172.16.0.0'],
    ['192.168.224.0/19', '192.168.224.0'],
  ])('%s is taken', (text, first) => {
    expect(parseAddressRange(text)).toBe(number(first));
    expect(blockStart('whatever', text)).toBe(number(first));
  });

  it.each([
    ...[
      '',
      '10.200.0.0',
      '10.200.0.0/20',
      '10.200.0.0/33',
      '10.200.1.0/19',
      '10.256.0.0/16',
      '8.8.0.0/16',
      '172.15.0.0/16',
      '172.32.0.0/16',
    ],
    ...[
      '192.169.0.0/16',
      '192.168.0.0/8',
      '10.0.0.0/0',
      '10.0.0.0/7',
      '192.168.0.0/15',
      '10.0.0.0/-1',
      'fd00::/8',
      '10.0.0.0/19 ',
      'a.b.c.d/19',
      '10.0.0.0/19\n',
    ],
  ])('%j is refused', (text) => expect(parseAddressRange(text)).toBeUndefined());
});

it('two stacks have different blocks as a rule', () => {
  const blocks = Array.from({ length: 40 }, (_, index) => blockStart(`shop-pr-${index}`, undefined));
  expect(new Set(blocks).size).toBeGreaterThan(38);
  expect(blockStart('shop-dev', undefined)).toBe(blockStart('shop-dev', undefined));
});
