import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { nearest } from '../components/validation';

const wholeNumber = (min: number, max: number, rule: string) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    z.number(rule).int(rule).min(min, rule).max(max, rule),
  );

/** Pulumi knows no optional keys: this stands for "work it out". */
const AUTO = 'auto';
const unlessAuto = (value: string) => (value === AUTO ? undefined : value);

/** Configuration of a stack. Strict: a key that is not listed here is an error. */
export const configSchema = z.strictObject({
  target: z.enum(['docker'], 'must be "docker"'),
  replicas: z
    .record(z.string(), z.number('must be a whole number'), 'must be an object of services and whole numbers')
    .default({}),
  gatewayPort: wholeNumber(0, 65535, 'must be a whole number from 1 to 65535, or 0 for one that follows from the stack')
    .default(0)
    .transform((port) => (port === 0 ? undefined : port)),
  addressRange: z.string('must be a text').default(AUTO).transform(unlessAuto),
  imagePrefix: z
    .string('must be a text')
    .regex(/^$|^auto$|\/$/, 'must end with a slash, or be "auto" or empty')
    .default(AUTO)
    .transform(unlessAuto),
  passwordGeneration: wholeNumber(1, 1_000_000, 'must be a whole number from 1 to 1000000').default(1),
  revision: z.coerce.string().default('1'),
});

export type ShopConfig = z.output<typeof configSchema>;

/** The stack's configuration can't be used. Thrown before anything is created. */
export class ConfigurationError extends pulumi.RunError {}

/** Keys whose values are structured, and so written as JSON in the stack's file. */
const STRUCTURED = ['replicas'];

/**
 * Reads the configuration of a project's namespace.
 *
 * @param values every key and value that Pulumi gives, `namespace:key`.
 * @throws ConfigurationError naming each key that is wrong, missing or unknown.
 */
export function readConfig(namespace: string, values: Readonly<Record<string, string>>): ShopConfig {
  const known = Object.keys(configSchema.shape);
  const input: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [fullKey, value] of Object.entries(values)) {
    if (!fullKey.startsWith(`${namespace}:`)) continue;
    const key = fullKey.slice(namespace.length + 1);
    if (!known.includes(key)) {
      const near = nearest(key, known);
      problems.push(
        `${fullKey}: there is no such key; ${near === undefined ? `there are: ${known.join(', ')}` : `did you mean ${namespace}:${near}?`}`,
      );
      continue;
    }
    input[key] = STRUCTURED.includes(key) ? parseJson(value) : value;
  }
  const result = configSchema.safeParse(input);
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path.join('.');
    const value = issue.path.reduce<unknown>(
      (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
      input,
    );
    problems.push(
      value === undefined
        ? `${namespace}:${path} is missing; it ${issue.message}. Set it with: pulumi config set ${path} VALUE`
        : `${namespace}:${path}: ${JSON.stringify(value)} is not allowed; ${issue.message}`,
    );
  }
  if (problems.length > 0 || !result.success) {
    throw new ConfigurationError(
      `the stack's configuration is not valid; nothing was created or changed.\n  ${problems.join('\n  ')}`,
    );
  }
  return result.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
