import { z } from 'zod';

/** A whole number, which Pulumi hands over as a text. */
export const wholeNumber = (min: number, max: number, rule: string) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    z.number(rule).int(rule).min(min, rule).max(max, rule),
  );

/** True or false, which Pulumi hands over as a text. */
export const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('must be true or false'),
);

export const text = z.string('must be a text');

/** Pulumi knows no optional keys: this stands for "work it out". */
export const AUTO = 'auto';
export const unlessAuto = (value: string) => (value === AUTO ? undefined : value);
