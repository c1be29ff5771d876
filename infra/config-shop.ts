import { z } from 'zod';
import { AUTO, text, unlessAuto, wholeNumber } from './config-values';

const WORD = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const BACKUP = new RegExp(`^(?!latest$)${WORD}$`);
const RESTORE = new RegExp(`^${WORD}@${WORD}$`);
const BACKUP_RULE = 'lower-case letters, digits and hyphens, at most 63 characters';

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
  renamedFrom: text
    .regex(/^[A-Za-z0-9_.-]{1,100}$/, 'must be the name that the stack had when its objects and data were made')
    .optional(),
  revision: z.coerce.string().default('1'),
  backup: text.regex(BACKUP, `must be a name of ${BACKUP_RULE}`).optional(),
  restore: text
    .regex(RESTORE, `must be "NAME@REQUEST": the name of a backup, or "latest", and a text of ${BACKUP_RULE}`)
    .optional(),
};

/** Keys that Pulumi.yaml can give no value that means something. */
export const WITHOUT_DEFAULT_SHOP = ['backup', 'renamedFrom', 'restore'];
