import { z } from 'zod';
import { AUTO, unlessAuto, wholeNumber } from './config-values';

/** Keys of every target that runs the shop. */
export const shopKeys = {
  replicas: z
    .record(z.string(), z.number('must be a whole number'), 'must be an object of services and whole numbers')
    .default({}),
  imagePrefix: z
    .string('must be a text')
    .regex(/^$|^auto$|\/$/, 'must end with a slash, or be "auto" or empty')
    .default(AUTO)
    .transform(unlessAuto),
  passwordGeneration: wholeNumber(1, 1_000_000, 'must be a whole number from 1 to 1000000').default(1),
  revision: z.coerce.string().default('1'),
};
