import * as pulumi from '@pulumi/pulumi';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** One thing that is wrong with the arguments. */
export interface Problem {
  /** Where, as the user wrote it: `services.user.alive.http.path`. */
  path: string;
  /** What stands there. Left out when it may be a secret. */
  value?: unknown;
  /** What may stand there, or what the rule is. */
  allowed: string;
  /** How to mend it, when `allowed` does not say it already. */
  fix?: string;
}

/** Takes a problem down. */
export type Report = (problem: Problem) => void;

/** Arguments that can't be deployed. Thrown before anything is created; lists every problem, not only the first. */
export class InvalidArgumentsError extends pulumi.RunError {
  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
  ) {
    super(
      [
        `${subject}: ${problems.length === 1 ? 'one argument is' : `${problems.length} arguments are`} not valid; nothing was created or changed.`,
        ...problems.map((problem) => `  ${formatProblem(problem)}`),
      ].join('\n'),
    );
  }
}

export function formatProblem({ path, value, allowed, fix }: Problem): string {
  const shown = value === undefined ? '' : ` ${show(value)} is not allowed;`;
  return `${path}:${shown} ${allowed}${fix === undefined ? '' : ` (${fix})`}`;
}

function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (pulumi.Output.isInstance(value)) return 'an Output';
  const text = (JSON.stringify(value) as string | undefined) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

export function throwIfAny(subject: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidArgumentsError(subject, problems);
}

/** The candidate that a misspelt word most likely meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** `did you mean "x"?`, or the whole list when nothing is near. */
export function suggest(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  return candidates.length === 0 ? 'there are none' : `there are: ${candidates.join(', ')}`;
}

/** A path as the user would write it: `services.user.routes[0].path`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const plain = /^[A-Za-z_][\w-]*$/.test(String(key));
      if (!plain) return `[${JSON.stringify(String(key))}]`;
      return index === 0 ? String(key) : `.${String(key)}`;
    })
    .join('');
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/**
 * Runs a schema and turns what it finds into problems below `prefix`.
 *
 * @returns the parsed value, or `undefined` when problems were added.
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown, prefix: string[], problems: Problem[]): T | undefined {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const found: Problem[] = [];
  const add = (problem: Problem) => {
    // One mistake can break several rules of a schema; the first says enough.
    if (!found.some(({ path }) => path === problem.path)) found.push(problem);
  };
  for (const issue of result.error.issues) {
    const where = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const shape = (issue as { known?: string[] }).known ?? shapeAt(schema, issue.path);
      for (const key of issue.keys) {
        add({
          path: formatPath([...where, key]),
          allowed: `there is no such argument; ${suggest(key, shape)}`,
        });
      }
      continue;
    }
    const value = at(input, issue.path);
    const secret = where.includes('secrets');
    add({
      path: formatPath(where),
      ...(value === undefined || secret ? {} : { value }),
      allowed: value === undefined ? `is missing; ${issue.message}` : issue.message,
    });
  }
  problems.push(...found);
  return undefined;
}

/** Runs a schema inside a transform and hands on what it finds, with the keys it knows for suggestions. */
export function parseInside<T>(schema: z.ZodType<T>, value: unknown, context: z.core.$RefinementCtx): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    context.addIssue({ ...issue, known: shapeAt(schema, issue.path) });
  }
  return z.NEVER;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The keys that an object schema knows at a path, for suggestions. */
function shapeAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const key of path) {
    const inside = unwrap(current);
    current = typeof key === 'number' ? inside?.def?.element : (inside?.shape?.[String(key)] ?? inside?.def?.valueType);
  }
  return Object.keys(shapeOf(current) ?? {});
}

interface SchemaInside {
  def?: { innerType?: unknown; in?: unknown; element?: unknown; valueType?: unknown };
  shape?: Record<string, unknown>;
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return unwrap(schema)?.shape;
}

/** The schema of an object, a list or a record inside `optional` and the like. */
function unwrap(schema: unknown): SchemaInside | undefined {
  let current = schema as SchemaInside | undefined;
  while (current && !current.shape && current.def?.element === undefined && current.def?.valueType === undefined) {
    current = (current.def?.innerType ?? current.def?.in) as SchemaInside | undefined;
  }
  return current;
}

/** A schema for a value that `parser` reads, with `format` as the message when it can't. */
export function parsed<T>(parser: (value: unknown) => T | undefined, format: string): z.ZodType<T> {
  return z.unknown().transform((value, context) => {
    const result = parser(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `must be ${format}` });
    return z.NEVER;
  });
}

/** A text that is known now or only once another resource exists. */
export const inputString = z.custom<pulumi.Input<string>>(
  (value) => typeof value === 'string' || pulumi.Output.isInstance(value) || value instanceof Promise,
  'must be a text, or an Output or Promise of one',
);

/** A label as DNS allows it (RFC 1123). */
export const DNS_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
export const DNS_LABEL_FORMAT =
  'must be a DNS label: lower-case letters, digits and hyphens, starting with a letter, ending with a letter or digit';
