import { explanation, HEAD, ratio, rows, type Measured, type Profile } from '../../bench/gateway-table';

const round = (perSecond: number, p99: number, total?: number): Measured => ({
  perSecond,
  p99,
  ...(total === undefined ? {} : { cost: { total, user: total / 4, kernel: (total * 3) / 4 } }),
});

// The machine was twice as fast in the second round, and both sides gained by it.
const NGINX: Profile = { name: 'nginx', rounds: [round(10_000, 4, 40), round(20_000, 2, 20), round(11_000, 4, 40)] };
const SLOWER: Profile = { name: 'gateway', rounds: [round(8_000, 5, 50), round(16_000, 2.5, 25), round(9_900, 4, 40)] };
const FASTER: Profile = { name: 'gateway', rounds: NGINX.rounds.map(() => round(40_000, 1, 10)) };
const PLAIN: Profile = { name: 'plain HAProxy', rounds: NGINX.rounds.map(() => round(12_000, 3, 36)) };
const CALLS = { all: 5.25, send: 2, receive: 2.5, poll: 0.5 };

describe('the table of the gateway', () => {
  it('compares round by round, not median by median', () => {
    expect(ratio(SLOWER.rounds, NGINX.rounds, ({ perSecond }) => perSecond)).toBe(0.8);
  });

  it('has medians, ratios and noise of each subject', () => {
    expect(rows([NGINX, SLOWER], NGINX)).toEqual([
      ['nginx', '11000', '1.00 ×', '4.0', '1.00 ×', '25000', '1.00 ×', '±45 %'],
      ['gateway', '9900', '0.80 ×', '4.0', '1.25 ×', '25000', '0.80 ×', '±40 %'],
    ]);
  });

  it('has no processor time of what is no proxy', () => {
    const direct = { name: 'one replica directly', rounds: NGINX.rounds.map(() => round(40_000, 1)) };
    const [row] = rows([direct], NGINX);
    expect(row).toEqual([direct.name, '40000', '3.64 ×', '1.0', '0.25 ×', '–', '–', '±0 %']);
    expect(row).toHaveLength(HEAD.length);
  });
});

describe('the explanation', () => {
  it('says where the time goes', () => {
    expect(explanation({ ...SLOWER, calls: CALLS }, { ...NGINX, calls: { ...CALLS, all: 4.5 } }, PLAIN)).toBe(
      'Why it is below nginx: a request costs it 40.0 against 40.0 µs of processor time (10.0 against 10.0 µs in user space, 30.0 against 30.0 µs in the kernel), makes 5.3 against 4.5 system calls (send 2.0 against 2.0, receive 2.5 against 2.5, poll 0.5 against 0.5), and it used 0.40 against 0.40 processors; of plain HAProxy a request costs 36.0 µs, 9.0 µs in user space.',
    );
  });

  it.each([
    ['of the gateway', { ...SLOWER }, { ...NGINX, calls: CALLS }],
    ['of nginx', { ...SLOWER, calls: CALLS }, { ...NGINX }],
  ])('does without the system calls %s', (_, gateway, nginx) => {
    const text = explanation(gateway, nginx, PLAIN)!;
    expect(text).not.toContain('system calls');
    expect(text).toMatch(/in the kernel\), and it used 0\.40 against 0\.40 processors;/);
  });

  it('is left out where nothing is below nginx', () => {
    expect(explanation(FASTER, NGINX, PLAIN)).toBeUndefined();
    expect(explanation(NGINX, NGINX, PLAIN)).toBeUndefined();
  });

  it.each([
    ['requests/s', round(9_000, 1, 10)],
    ['requests per CPU second', round(40_000, 1, 60)],
  ])('is there where only %s are below', (_, one) => {
    expect(explanation({ name: 'gateway', rounds: NGINX.rounds.map(() => one) }, NGINX, PLAIN)).toBeDefined();
  });
});
