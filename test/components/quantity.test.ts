import fc from 'fast-check';
import { formatSize, goDuration, parseCpu, parseDuration, parseSize } from '../../components/quantity';

const SIZES = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const DURATIONS = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };
const whole = fc.nat({ max: 8000 });

describe('parsing sizes and durations', () => {
  it.each(Object.entries(SIZES))('reads whole and decimal amounts of %s', (unit, factor) => {
    fc.assert(
      fc.property(whole, (amount) => {
        expect(parseSize(`${amount}${unit}`)).toBe(amount * factor);
        expect(parseSize(`${amount}.5${unit}`)).toBe((amount + 0.5) * factor);
      }),
    );
  });

  it.each(Object.entries(DURATIONS))('reads whole amounts of %s', (unit, factor) => {
    fc.assert(fc.property(whole, (amount) => expect(parseDuration(`${amount}${unit}`)).toBe(amount * factor)));
  });

  it('gives whole bytes and milliseconds', () => {
    expect(parseSize('1.0001Ki')).toBe(1024);
    expect(parseDuration('1.5ms')).toBe(2);
    expect(parseDuration('0.0001s')).toBe(0);
  });

  it.each([
    ...[
      '',
      '256',
      'Mi',
      '12x',
      '-1Mi',
      '+1Mi',
      ' 1Mi',
      '1 Mi',
      '1Mi ',
      '1mi',
      '1MI',
      '.5Mi',
      '1.Mi',
      '1e3Mi',
      '1,5Gi',
      '1MiB',
      '0x1Mi',
      '١Mi',
    ],
    ...['1toString', '1constructor', '1hasOwnProperty', '1Mi\n'],
  ])('refuses %j as a size', (text) => expect(parseSize(text)).toBeUndefined());

  it.each(['', '5', 's', '-1s', '1 s', '1S', '1sec', '1d', '1m30s', '.5s', '1.s', '1s\n'])(
    'refuses %j as a duration',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it.each([undefined, null, true, 5, NaN, {}, [], ['1Mi']])('refuses %p, which is no text', (value) => {
    expect(parseSize(value)).toBeUndefined();
    expect(parseDuration(value)).toBeUndefined();
  });

  it('reads no text that lacks a digit or a known unit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/^\d+(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)$/.test(text));
        expect(parseSize(text)).toBeUndefined();
      }),
    );
  });
});

describe('parsing processor time', () => {
  it('reads cores and thousandths of a core', () => {
    expect(parseCpu('500m')).toBe(500);
    expect(parseCpu('1.5')).toBe(1500);
    expect(parseCpu(0.25)).toBe(250);
    expect(parseCpu(0)).toBe(0);
    fc.assert(fc.property(whole, (milli) => expect(parseCpu(`${milli}m`)).toBe(parseCpu(milli / 1000))));
  });

  it.each([
    '',
    'm',
    '-1',
    '1M',
    '1 m',
    ' 1',
    '1.m',
    '.5',
    '1e3',
    'NaN',
    '0x10',
    -1,
    NaN,
    Infinity,
    true,
    null,
    undefined,
    {},
    ['1'],
  ])('refuses %p', (value) => expect(parseCpu(value)).toBeUndefined());

  it('keeps the order of amounts', () => {
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        expect(Math.sign(parseCpu(`${a}m`)! - parseCpu(`${b}m`)!)).toBe(Math.sign(a - b));
        expect(Math.sign(parseSize(`${a}Mi`)! - parseSize(`${b}Mi`)!)).toBe(Math.sign(a - b));
        expect(Math.sign(parseDuration(`${a}s`)! - parseDuration(`${b}s`)!)).toBe(Math.sign(a - b));
      }),
    );
  });
});

describe('durations as Go writes them', () => {
  it.each([
    [0, '0s'],
    [1, '1ms'],
    [500, '500ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [1_001, '1.001s'],
    [59_999, '59.999s'],
    [60_000, '1m'],
    [60_500, '1m0.5s'],
    [61_000, '1m1s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [3_601_000, '1h0m1s'],
    [3_660_000, '1h1m'],
    [3_661_001, '1h1m1.001s'],
    [86_400_000, '24h'],
  ])('%i ms is %s', (milliseconds, text) => expect(goDuration(milliseconds)).toBe(text));

  it('lose nothing: the parts add up to the milliseconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (milliseconds) => {
        const parts = goDuration(milliseconds).match(/\d+(\.\d+)?(ms|h|m|s)/g)!;
        expect(parts.join('')).toBe(goDuration(milliseconds));
        expect(parts.reduce((sum, part) => sum + parseDuration(part)!, 0)).toBe(milliseconds);
      }),
    );
  });
});

describe('sizes for people', () => {
  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1Ki'],
    [1536, '1536 bytes'],
    [256 * 2 ** 20, '256Mi'],
    [1.5 * 2 ** 30, '1536Mi'],
    [2 ** 40, '1024Gi'],
  ])('%i bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it('name the same number of bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (kib) =>
        expect(parseSize(formatSize(kib * 1024))).toBe(kib * 1024),
      ),
    );
  });
});
