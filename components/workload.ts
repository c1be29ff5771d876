import type * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { commandSchema, durationSchema } from './check';
import { CPU_FORMAT, parseCpu, parseSize, SIZE_FORMAT, type Cpu, type Duration, type Size } from './quantity';
import { inputString, isPlainObject, parsed, parseInside, type Problem } from './validation';

/** What one replica may use. `request` is set aside for it, `limit` is never exceeded. */
export interface ResourcesArgs {
  /**
   * Processor time; one value is the limit. Above its limit a replica is slowed down.
   * @default {request: a twentieth of the limit, limit: "1"}
   */
  cpu?: Cpu | { request?: Cpu; limit?: Cpu };
  /**
   * Memory; one value is both request and limit. Above its limit a replica is killed and replaced.
   * @default {request: the limit, limit: "256Mi"}
   */
  memory?: Size | { request?: Size; limit?: Size };
}

/** Protections that are on unless they are turned off by name. */
export interface HardeningArgs {
  /**
   * Numeric user, or user and group, that the processes run as. 0 (root) is refused unless `allowRoot`.
   * @default "10001:10001"
   */
  user?: string;
  /** @default false */
  allowRoot?: boolean;
  /**
   * Only `writablePaths` and the storage can be written to.
   * @default true
   */
  readOnlyRoot?: boolean;
  /**
   * All Linux capabilities are dropped but these.
   * @default []
   */
  capabilities?: string[];
}

/** A secret whose value has a version: where a rotation can fail half-way, give it one. */
export interface VersionedSecret {
  value: pulumi.Input<string>;
  /** Changes with the value, says nothing about it: a number that counts up, a date. Lower-case letters, digits, hyphens. */
  version: string;
}

/** What a microservice and a job have in common: one container and how it is confined. */
export interface WorkloadArgs {
  /** Image reference, usually an `Image`'s `reference`. */
  image: pulumi.Input<string>;
  /**
   * Program and arguments instead of the image's own.
   * @default - the image's entry point and command
   */
  command?: string[];
  /**
   * Environment variables. Never put a secret here: anyone who may inspect a container reads them.
   * @default {}
   */
  env?: Record<string, pulumi.Input<string>>;
  /**
   * Secrets by file name; each is a file `/run/secrets/<name>` that only the container's user can read.
   * @default {}
   */
  secrets?: Record<string, pulumi.Input<string> | VersionedSecret>;
  /** @default - see ResourcesArgs */
  resources?: ResourcesArgs;
  /**
   * Names of the microservices that this one may connect to. All other connections are refused.
   * @default []
   */
  calls?: string[];
  /**
   * Microservices and jobs that must be up, or done, before this one starts.
   * @default - what it `calls`
   */
  after?: string[];
  /**
   * Whether it may connect to addresses outside the application.
   * @default false
   */
  internet?: boolean;
  /**
   * Folders held in memory that the processes may write to, with nothing kept.
   * @default ["/tmp"]
   */
  writablePaths?: string[];
  /** @default - see HardeningArgs */
  hardening?: HardeningArgs;
  /**
   * Time between the request to stop and the kill.
   * @default "10s"
   */
  stopGrace?: Duration;
}

export interface SecretSpec {
  value: pulumi.Input<string>;
  version?: string;
}

/** A workload after validation and defaults: plain and complete. Times are milliseconds, sizes are bytes. */
export interface WorkloadSpec {
  name: string;
  image: pulumi.Input<string>;
  command: string[];
  env: Record<string, pulumi.Input<string>>;
  secrets: Record<string, SecretSpec>;
  cpu: { request: number; limit: number };
  memory: { request: number; limit: number };
  calls: string[];
  after: string[];
  internet: boolean;
  writablePaths: string[];
  user: string;
  readOnlyRoot: boolean;
  capabilities: string[];
  stopGrace: number;
}

export const DEFAULT_CPU_LIMIT = 1_000;
/** Services of one machine are rarely busy at once; a laptop has room for two environments. */
const CPU_LIMIT_PER_REQUEST = 20;
export const DEFAULT_MEMORY_LIMIT = 256 * 2 ** 20;
/** Docker's own minimum. */
export const MIN_MEMORY = 6 * 2 ** 20;

const cpu = parsed((value) => {
  const milli = parseCpu(value);
  return milli !== undefined && milli >= 1 && milli <= 1_024_000 ? milli : undefined;
}, `${CPU_FORMAT}, from 1m to 1024`);
const memory = parsed((value) => {
  const bytes = parseSize(value);
  return bytes !== undefined && bytes >= MIN_MEMORY ? bytes : undefined;
}, `${SIZE_FORMAT}, at least 6Mi`);

const amount = (one: z.ZodType<number>) =>
  z
    .unknown()
    .transform((value, context): { request?: number | undefined; limit?: number | undefined } =>
      isPlainObject(value)
        ? parseInside(z.strictObject({ request: one.optional(), limit: one.optional() }), value, context)
        : { limit: parseInside(one, value, context) },
    );

const text = z.string('must be a text');
const absolutePath = text.regex(/^\/[^\s:,]+$/, 'must be an absolute path inside the container, such as "/tmp"');
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const SECRET_NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

const secretValue = z.unknown().transform((value, context): SecretSpec => {
  const plain = inputString.safeParse(value);
  if (plain.success) return { value: plain.data };
  const versioned = z
    .strictObject({
      value: inputString,
      version: text.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens'),
    })
    .safeParse(value);
  if (versioned.success) return versioned.data;
  context.addIssue({ code: 'custom', message: 'must be a text, or an Output or Promise of one, or {value, version}' });
  return z.NEVER;
});

const record = <T>(value: z.ZodType<T>, name: RegExp, rule: string) =>
  z.record(z.string(), value, 'must be an object of names and values').superRefine((entries, context) => {
    for (const key of Object.keys(entries)) {
      if (!name.test(key)) context.addIssue({ code: 'custom', path: [key], message: `the name ${rule}` });
    }
  });

/** The schema's part for WorkloadArgs. */
export const workloadShape = {
  image: inputString.refine((image) => image !== '', 'must name an image'),
  command: commandSchema.optional(),
  env: record(
    inputString,
    ENV_NAME,
    'must start with a letter or underscore and have only letters, digits, _ . -',
  ).optional(),
  secrets: record(
    secretValue,
    SECRET_NAME,
    'must be a file name of lower-case letters, digits, dots, hyphens',
  ).optional(),
  resources: z
    .strictObject(
      { cpu: amount(cpu).optional(), memory: amount(memory).optional() },
      'must be an object with cpu and memory',
    )
    .optional(),
  calls: z.array(text, 'must be a list of names of microservices').optional(),
  after: z.array(text, 'must be a list of names of microservices and jobs').optional(),
  internet: z.boolean('must be true or false').optional(),
  writablePaths: z.array(absolutePath, 'must be a list of paths').optional(),
  hardening: z
    .strictObject(
      {
        user: text
          .regex(/^\d{1,9}(:\d{1,9})?$/, 'must be a numeric user, or user and group, such as "10001:10001"')
          .optional(),
        allowRoot: z.boolean('must be true or false').optional(),
        readOnlyRoot: z.boolean('must be true or false').optional(),
        capabilities: z
          .array(
            text.regex(/^CAP_[A-Z_]+$/, 'must be a capability such as "CAP_NET_BIND_SERVICE"'),
            'must be a list of capabilities',
          )
          .optional(),
      },
      'must be an object',
    )
    .optional(),
  stopGrace: durationSchema(0, 3_600_000).optional(),
};

type ParsedWorkload = z.output<z.ZodObject<typeof workloadShape, z.core.$strict>>;

/** Fills in defaults and checks what concerns more than one argument. */
export function workloadSpec(name: string, args: ParsedWorkload, path: string, problems: Problem[]): WorkloadSpec {
  const cpuLimit = args.resources?.cpu?.limit ?? Math.max(DEFAULT_CPU_LIMIT, args.resources?.cpu?.request ?? 0);
  const memoryLimit =
    args.resources?.memory?.limit ?? Math.max(DEFAULT_MEMORY_LIMIT, args.resources?.memory?.request ?? 0);
  const amounts = {
    cpu: {
      request: args.resources?.cpu?.request ?? Math.max(1, Math.round(cpuLimit / CPU_LIMIT_PER_REQUEST)),
      limit: cpuLimit,
    },
    memory: { request: args.resources?.memory?.request ?? memoryLimit, limit: memoryLimit },
  };
  for (const [kind, { request, limit }] of Object.entries(amounts)) {
    if (request > limit) {
      problems.push({
        path: `${path}.resources.${kind}.limit`,
        allowed: `must not be below the request (${kind === 'cpu' ? `${request}m` : `${request} bytes`})`,
        fix: 'raise the limit or lower the request',
      });
    }
  }
  const user = args.hardening?.user ?? '10001:10001';
  if (/^0+(:|$)/.test(user) && args.hardening?.allowRoot !== true) {
    problems.push({
      path: `${path}.hardening.user`,
      value: user,
      allowed: 'must not be root',
      fix: 'give a numeric user above 0, or set hardening.allowRoot',
    });
  }
  const calls = args.calls ?? [];
  return {
    name,
    image: args.image,
    command: args.command ?? [],
    env: args.env ?? {},
    secrets: args.secrets ?? {},
    ...amounts,
    calls: [...new Set(calls)],
    after: [...new Set(args.after ?? calls)],
    internet: args.internet ?? false,
    writablePaths: args.writablePaths ?? ['/tmp'],
    user: user.includes(':') ? user : `${user}:${user}`,
    readOnlyRoot: args.hardening?.readOnlyRoot ?? true,
    capabilities: args.hardening?.capabilities ?? [],
    stopGrace: args.stopGrace ?? 10_000,
  };
}
