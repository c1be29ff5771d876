/** Whole seconds of a time in milliseconds; Kubernetes knows no parts of one. */
export function wholeSeconds(milliseconds: number, minimum = 0): number {
  return Math.max(minimum, Math.ceil(milliseconds / 1_000));
}

/** Bytes as the API server gives them back: `256Mi`, `5Gi`, `1000`. */
export function byteQuantity(bytes: number): string {
  for (const [unit, size] of [
    ['Ti', 2 ** 40],
    ['Gi', 2 ** 30],
    ['Mi', 2 ** 20],
    ['Ki', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** @returns a quantity of the API server in cores or bytes; 0 for what is none. */
export function parseQuantity(text: string | undefined): number {
  const match = /^([0-9.]+(?:[eE][+-]?\d+)?)([A-Za-z]{0,2})$/.exec(text ?? '');
  return match ? Number(match[1]) * (UNITS[match[2]!] ?? 0) : 0;
}
