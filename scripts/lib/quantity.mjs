// Quantities of Kubernetes as numbers. Pure.

const UNITS = { '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** @returns cores or bytes; `undefined` for what is no quantity. */
export function quantity(value) {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]{0,2})$/.exec(String(value)) ?? [];
  return UNITS[unit] === undefined ? undefined : Number(number) * UNITS[unit];
}
