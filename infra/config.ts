import * as pulumi from '@pulumi/pulumi';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { formatPath, nearest } from '../components/validation';
import { bootstrapKeys, clusterKeys, STRUCTURED_AWS, WITHOUT_DEFAULT_AWS } from './config-aws';
import { eksKeys, STRUCTURED_EKS } from './config-eks';
import { kubernetesKeys, STRUCTURED_KUBERNETES, WITHOUT_DEFAULT_KUBERNETES } from './config-kubernetes';
import { shopKeys, WITHOUT_DEFAULT_SHOP } from './config-shop';
import { AUTO, text, unlessAuto, wholeNumber } from './config-values';

/** Keys of the target `docker`. */
const dockerKeys = {
  gatewayPort: wholeNumber(0, 65535, 'must be a whole number from 1 to 65535, or 0 for one that follows from the stack')
    .default(0)
    .transform((port) => (port === 0 ? undefined : port)),
  addressRange: text.default(AUTO).transform(unlessAuto),
  ...shopKeys,
};

/** What can be configured for each target, besides the target itself. */
const KEYS = {
  docker: dockerKeys,
  kubernetes: kubernetesKeys,
  eks: eksKeys,
  'aws-bootstrap': bootstrapKeys,
  'aws-cluster': clusterKeys,
};

type Keys = typeof KEYS;
export type Target = keyof Keys;

/** Configuration of a stack of one target. */
export type ConfigOf<T extends Target> = { target: T } & z.output<z.ZodObject<Keys[T], z.core.$strict>>;
export type ShopConfig = { [T in Target]: ConfigOf<T> }[Target];

export const TARGETS = Object.keys(KEYS) as Target[];
/** Every key of every target. */
export const CONFIG_KEYS = ['target', ...new Set(TARGETS.flatMap((target) => Object.keys(KEYS[target])))];

/** The stack's configuration can't be used. Thrown before anything is created. */
export class ConfigurationError extends pulumi.RunError {}

/** Keys whose values are structured, and so written as JSON in the stack's file. */
const STRUCTURED = ['replicas', ...STRUCTURED_KUBERNETES, ...STRUCTURED_EKS, ...STRUCTURED_AWS];
/** Keys that Pulumi.yaml can give no value that means something. */
const WITHOUT_DEFAULT = [...WITHOUT_DEFAULT_SHOP, ...WITHOUT_DEFAULT_KUBERNETES, ...WITHOUT_DEFAULT_AWS];
/** Stands for no value where Pulumi.yaml must give one, since Pulumi knows no optional keys. */
const NONE = 'none';

/**
 * Reads the configuration of a project's namespace. Strict: a key that nobody knows is an error, and so is one that does
 * nothing for the stack's target, unless it only repeats the default that Pulumi.yaml gives to every stack.
 *
 * @param values every key and value that Pulumi gives, `namespace:key`.
 * @throws ConfigurationError naming each key that is wrong, missing or unknown.
 */
export function readConfig(namespace: string, values: Readonly<Record<string, string>>): ShopConfig {
  const input: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [fullKey, value] of Object.entries(values)) {
    if (!fullKey.startsWith(`${namespace}:`)) continue;
    const key = fullKey.slice(namespace.length + 1);
    if (!CONFIG_KEYS.includes(key)) {
      const near = nearest(key, CONFIG_KEYS);
      problems.push(
        `${fullKey}: there is no such key; ${near === undefined ? `there are: ${CONFIG_KEYS.join(', ')}` : `did you mean ${namespace}:${near}?`}`,
      );
      continue;
    }
    if (value === NONE && WITHOUT_DEFAULT.includes(key)) continue;
    input[key] = STRUCTURED.includes(key) ? parseJson(value) : value;
  }
  const target = z.enum(TARGETS, `must be ${quoted(TARGETS)}`).safeParse(input['target']);
  const schema = target.success
    ? z.object({ target: z.literal(target.data), ...(KEYS[target.data] as z.core.$ZodLooseShape) })
    : z.object({ target: z.enum(TARGETS, `must be ${quoted(TARGETS)}`) });
  const result = schema.safeParse(input);
  for (const issue of result.error?.issues ?? []) problems.push(problemOf(namespace, input, issue));
  if (target.success) problems.push(...withoutEffect(namespace, target.data, input));
  if (problems.length > 0 || !result.success) {
    throw new ConfigurationError(
      `the stack's configuration is not valid; nothing was created or changed.\n  ${problems.join('\n  ')}`,
    );
  }
  return result.data as ShopConfig;
}

function problemOf(namespace: string, input: Record<string, unknown>, issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  return value === undefined
    ? `${namespace}:${path} is missing; it ${issue.message}. Set it with: npx pulumi config set ${keyOf(issue.path)} VALUE`
    : `${namespace}:${path}: ${JSON.stringify(value)} is not allowed; ${issue.message}`;
}

/** A key as `pulumi config set` takes it. */
function keyOf(path: readonly PropertyKey[]): string {
  return path.length === 1 ? String(path[0]) : `--path '${formatPath(path)}'`;
}

/** Keys of other targets that somebody has set. */
function withoutEffect(namespace: string, target: Target, input: Record<string, unknown>): string[] {
  return Object.entries(input).flatMap(([key, value]) => {
    const owners = TARGETS.filter((other) => key in KEYS[other]);
    if (key === 'target' || owners.includes(target)) return [];
    const schema = (KEYS[owners[0]!] as Record<string, z.ZodType>)[key]!;
    const [given, byDefault] = [schema.safeParse(value), schema.safeParse(undefined)];
    if (given.success && byDefault.success && isDeepStrictEqual(given.data, byDefault.data)) return [];
    return [`${namespace}:${key}: has no effect with the target "${target}"; it is for ${quoted(owners)}`];
  });
}

function quoted(words: readonly string[]): string {
  const all = words.map((word) => JSON.stringify(word));
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} or ${all.at(-1)!}`;
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
