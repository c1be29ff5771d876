/**
 * Sizes, processor shares and durations with units, as people write them and as Kubernetes spells them.
 * A parser returns `undefined` for what it does not understand; the validation turns that into a message.
 */

/** Processor time: `"500m"` (thousandths of a core), `"1.5"` or `1.5` (cores). */
export type Cpu = number | `${number}` | `${number}m`;

/** Bytes with a binary or decimal unit: `"256Mi"`, `"1Gi"`, `"500M"`. */
export type Size = `${number}${keyof typeof SIZE_UNITS}`;

/** A length of time with its unit: `"500ms"`, `"30s"`, `"2m"`, `"1h"`. */
export type Duration = `${number}${keyof typeof DURATION_UNITS}`;

const SIZE_UNITS = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
} as const;

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const CPU_FORMAT = 'cores such as 0.5 or "0.5", or thousandths such as "500m"';
export const SIZE_FORMAT = 'a number with a unit (Ki, Mi, Gi, Ti, k, M, G, T) such as "256Mi"';
export const DURATION_FORMAT = 'a number with a unit (ms, s, m, h) such as "30s"';

function withUnit(text: unknown, units: Record<string, number>): number | undefined {
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) : null;
  if (!match) return undefined;
  const [, amount, unit] = match;
  const factor = Object.hasOwn(units, unit!) ? units[unit!] : undefined;
  return factor === undefined ? undefined : Number(amount) * factor;
}

/** @returns thousandths of a core. */
export function parseCpu(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value * 1000) : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(value);
  return match ? Math.round(Number(match[1]) * (match[2] ? 1 : 1000)) : undefined;
}

/** @returns whole bytes. */
export function parseSize(value: unknown): number | undefined {
  const bytes = withUnit(value, SIZE_UNITS);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/** @returns whole milliseconds. */
export function parseDuration(value: unknown): number | undefined {
  const milliseconds = withUnit(value, DURATION_UNITS);
  return milliseconds === undefined ? undefined : Math.round(milliseconds);
}

/** Milliseconds as the Docker provider gives them back, so that they are no change: `1m30s`, `1m`, `1.5s`, `500ms`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 1_000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1_000;
  return [
    hours > 0 && `${hours}h`,
    (minutes > 0 || (hours > 0 && seconds > 0)) && `${minutes}m`,
    seconds > 0 && `${seconds}s`,
  ]
    .filter(Boolean)
    .join('');
}

/** Bytes for people: `256Mi`. */
export function formatSize(bytes: number): string {
  for (const unit of ['Gi', 'Mi', 'Ki'] as const) {
    if (bytes >= SIZE_UNITS[unit] && bytes % SIZE_UNITS[unit] === 0) return `${bytes / SIZE_UNITS[unit]}${unit}`;
  }
  return `${bytes} bytes`;
}

/** Thousandths of a core as the API server gives them back, and people write them: `1`, `250m`. */
export function formatCpu(milli: number): string {
  return milli % 1_000 === 0 ? String(milli / 1_000) : `${milli}m`;
}
