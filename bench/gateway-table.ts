import type { SystemCalls } from './system-calls';
import { median, noise } from './statistics';

/** One round of one subject. */
export interface Measured {
  perSecond: number;
  p99: number;
  /** Processor time of the proxy for a request, in microseconds; a subject without a proxy has none. */
  cost?: { total: number; user: number; kernel: number };
}

export interface Measurements {
  name: string;
  rounds: Measured[];
}

export const HEAD = [
  '',
  'requests/s',
  'against nginx',
  'p99 ms',
  'against nginx',
  'requests per CPU second',
  'against nginx',
  'noise',
];

/** @param base what the others are compared with, round by round: what the machine does meanwhile hits both. */
export function rows(all: readonly Measurements[], base: Measurements): string[][] {
  return all.map(({ name, rounds }) => [
    name,
    median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
    `${ratio(rounds, base.rounds, ({ perSecond }) => perSecond).toFixed(2)} ×`,
    median(rounds.map(({ p99 }) => p99)).toFixed(1),
    `${ratio(rounds, base.rounds, ({ p99 }) => p99).toFixed(2)} ×`,
    ...(rounds.every(({ cost }) => cost !== undefined)
      ? [median(rounds.map(perCpuSecond)).toFixed(0), `${ratio(rounds, base.rounds, perCpuSecond).toFixed(2)} ×`]
      : ['–', '–']),
    noise(rounds.map(({ perSecond }) => perSecond)),
  ]);
}

/** The median of the ratios of each round. */
export function ratio(ours: readonly Measured[], theirs: readonly Measured[], of: (one: Measured) => number): number {
  return median(ours.map((one, round) => of(one) / of(theirs[round]!)));
}

export interface Profile extends Measurements {
  /** System calls for a request, where they could be counted. */
  calls?: SystemCalls;
}

/** Where the gateway's time goes, in one sentence; nothing when it is nowhere below nginx. */
export function explanation(gateway: Profile, nginx: Profile, plain: Measurements): string | undefined {
  const below = [({ perSecond }: Measured) => perSecond, perCpuSecond].some(
    (of) => ratio(gateway.rounds, nginx.rounds, of) < 1,
  );
  if (!below) return undefined;
  const both = (value: (profile: Profile) => number, digits: number) =>
    `${value(gateway).toFixed(digits)} against ${value(nginx).toFixed(digits)}`;
  const cost = (part: 'total' | 'user' | 'kernel') => (profile: Measurements) =>
    median(profile.rounds.map((round) => round.cost![part]));
  const calls = (kind: keyof SystemCalls) => both((profile) => profile.calls![kind], 1);
  return [
    `Why it is below nginx: a request costs it ${both(cost('total'), 1)} µs of processor time`,
    `(${both(cost('user'), 1)} µs in user space, ${both(cost('kernel'), 1)} µs in the kernel),`,
    ...(gateway.calls && nginx.calls
      ? [
          `makes ${calls('all')} system calls (send ${calls('send')}, receive ${calls('receive')}, poll ${calls('poll')}),`,
        ]
      : []),
    `and it used ${both((profile) => median(profile.rounds.map(processors)), 2)} processors;`,
    `of ${plain.name} a request costs ${cost('total')(plain).toFixed(1)} µs, ${cost('user')(plain).toFixed(1)} µs in user space.`,
  ].join(' ');
}

function perCpuSecond({ cost }: Measured): number {
  return 1e6 / cost!.total;
}

function processors({ perSecond, cost }: Measured): number {
  return (perSecond * cost!.total) / 1e6;
}
