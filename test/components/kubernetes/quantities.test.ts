import fc from 'fast-check';
import { byteQuantity, parseQuantity, wholeSeconds } from '../../../components/kubernetes/quantities';
import { formatCpu } from '../../../components/quantity';

it.each([
  [0, 0],
  [1, 1],
  [999, 1],
  [1_000, 1],
  [1_001, 2],
])('%i ms are %i whole seconds: never less than was asked for', (milliseconds, seconds) =>
  expect(wholeSeconds(milliseconds)).toBe(seconds),
);

it('a time can have a lower bound', () => expect(wholeSeconds(0, 1)).toBe(1));

it.each([
  [50, '50m'],
  [1_000, '1'],
  [1_500, '1500m'],
  [64_000, '64'],
])('%i thousandths of a core are written %s, as the API server writes them', (milli, text) =>
  expect(formatCpu(milli)).toBe(text),
);

it.each([
  [2 ** 20, '1Mi'],
  [256 * 2 ** 20, '256Mi'],
  [1536 * 2 ** 20, '1536Mi'],
  [5 * 2 ** 30, '5Gi'],
  [2 ** 40, '1Ti'],
  [500e6, '500000000'],
  [6 * 2 ** 20 + 1, '6291457'],
])('%i bytes are written %s', (bytes, text) => expect(byteQuantity(bytes)).toBe(text));

it('what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (amount) => {
      expect(parseQuantity(byteQuantity(amount))).toBe(amount);
      expect(Math.round(parseQuantity(formatCpu(amount)) * 1_000)).toBe(amount);
    }),
  );
});

it.each([
  ['3920m', 3.92],
  ['4', 4],
  ['16Gi', 16 * 2 ** 30],
  ['16269412Ki', 16269412 * 2 ** 10],
  ['1e3', 1_000],
  ['500M', 5e8],
  [undefined, 0],
  ['many', 0],
])('a quantity of a node, %s, is %d', (text, amount) => expect(parseQuantity(text)).toBeCloseTo(amount));
