import fc from 'fast-check';
import { isPrivate, overlaps, parseCidr, size } from '../../../components/aws/cidr';

const cidr = (text: string) => parseCidr(text)!;
/** A block and its text. */
const anyBlock = fc.tuple(fc.integer({ min: 0, max: 32 }), fc.nat(0xffffffff)).map(([bits, address]) => {
  const first = address - (address % 2 ** (32 - bits));
  return {
    first,
    bits,
    text: `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${bits}`,
  };
});

describe('a block of addresses', () => {
  it('is read from its text, whatever it is', () => {
    fc.assert(fc.property(anyBlock, ({ first, bits, text }) => expect(parseCidr(text)).toEqual({ first, bits })));
  });

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '::/0',
    '256.0.0.0/8',
    'x/8',
    '10.0.0.0/-1',
  ])('is not %j', (text) => expect(parseCidr(text)).toBeUndefined());

  it('begins with its first address', () => {
    expect(parseCidr('10.0.0.1/16')).toBeUndefined();
    expect(parseCidr('10.0.0.1/32')).toEqual({ first: 0x0a000001, bits: 32 });
  });

  it('has as many addresses as its prefix leaves', () =>
    expect([cidr('10.0.0.0/24'), cidr('0.0.0.0/0')].map(size)).toEqual([256, 2 ** 32]));
});

it('blocks overlap exactly when one holds the other, since their sizes are powers of two', () => {
  fc.assert(
    fc.property(anyBlock, anyBlock, (a, b) => {
      const holds = (outer: typeof a, inner: typeof a) =>
        outer.bits <= inner.bits && Math.floor(inner.first / size(outer)) === Math.floor(outer.first / size(outer));
      expect(overlaps(a, b)).toBe(holds(a, b) || holds(b, a));
    }),
  );
});

it.each<[string, boolean]>([
  ['10.0.0.0/8', true],
  ['10.255.0.0/16', true],
  ['172.16.0.0/12', true],
  ['172.32.0.0/16', false],
  ['192.168.1.0/24', true],
  ['100.64.0.0/10', true],
  ['203.0.113.0/24', false],
  ['0.0.0.0/0', false],
  // Holds private addresses and others.
  ['8.0.0.0/6', false],
])('%s is private: %j', (text, expected) => expect(isPrivate(cidr(text))).toBe(expected));
