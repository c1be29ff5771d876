import type * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { argumentProblem, commandSchema, durationSchema } from './check';
import { containerPathSchema } from './container-path';
import { IMAGE_FORMAT, isImageReference } from './image-reference';
import {
  CPU_FORMAT,
  formatSize,
  parseCpu,
  parseSize,
  SIZE_FORMAT,
  type Cpu,
  type Duration,
  type Size,
} from './quantity';
import { secretProblem } from './secret-value';
import { formatPath, inputString, isPlainObject, parsed, parseInside, type Problem } from './validation';

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
  /**
   * Files outside of `storage` and `writablePaths`, and the logs that the node keeps; one value is the limit. Above its limit
   * a replica is evicted and replaced. Not limited on Docker.
   * @default {request: "64Mi", limit: "1Gi", or the request where that is more}
   */
  ephemeralStorage?: Size | { request?: Size; limit?: Size };
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

/** A folder held in memory. */
export interface WritablePath {
  /** Absolute path inside the container. */
  path: string;
  /**
   * Bytes that it holds at most; beyond them writes fail with "no space left on device". It must not be above the memory's
   * limit, which what is written counts towards.
   * @default "64Mi"
   */
  size?: Size;
}

/** A secret whose value has a version: where a rotation can fail half-way, give it one. */
export interface VersionedSecret {
  value: pulumi.Input<string>;
  /**
   * Changes with the value, says nothing about it: a number that counts up, a date. Lower-case letters, digits, hyphens, at
   * most 63 characters.
   */
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
   * Secrets by file name; each is a file `/run/secrets/<name>` that only the container's user can read (mode 0400). A value
   * has from 1 byte to less than 500 KiB; one that another resource produces is checked when it is known, and fails the
   * deployment before the secret is made.
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
   * Microservices and jobs that must be up, or done, before this one is created or updated. To call one is no reason: what
   * it calls may be away for a moment at any time. One that cannot start without another names it here.
   * @default []
   */
  after?: string[];
  /**
   * Whether it may connect to addresses outside the application.
   * @default false
   */
  internet?: boolean;
  /**
   * Folders held in memory that the processes may write to and run programs from, with nothing kept. What is written
   * counts as the replica's memory, up to the folder's size: 64Mi, or the `size` that is given. What the image has there
   * is not seen.
   * @default ["/tmp"]
   */
  writablePaths?: (string | WritablePath)[];
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
  /** The argument, for messages: `services.api.secrets.password`. */
  path: string;
}

/** A folder in memory after validation. The size is bytes. */
export interface WritableFolder {
  path: string;
  size: number;
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
  ephemeralStorage: { request: number; limit: number };
  calls: string[];
  after: string[];
  internet: boolean;
  writablePaths: WritableFolder[];
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
const MAX_MEMORY = 64 * 2 ** 40;
/** The logs of a container, which nodes keep as five files of 10 MiB. */
const LOGS = 64 * 2 ** 20;
/** With a read-only root it is only the logs; the rest is for bursts of them between two rotations. */
export const EPHEMERAL_STORAGE = { request: LOGS, limit: 2 ** 30 } as const;
/** A thousandth of a second in each tenth: the kernel takes no less. */
const MIN_CPU_LIMIT = 10;
export const WRITABLE_SIZE = 64 * 2 ** 20;
/** A cluster keeps no object above 1.5 MiB, and each `$` is doubled there. */
const MAX_TEXTS = 512 * 2 ** 10;

const cpu = (min: number) =>
  parsed((value) => {
    const milli = parseCpu(value);
    return milli !== undefined && milli >= min && milli <= 1_024_000 ? milli : undefined;
  }, `${CPU_FORMAT}, from ${min}m to 1024`);
const memory = parsed((value) => {
  const bytes = parseSize(value);
  return bytes !== undefined && bytes >= MIN_MEMORY && bytes <= MAX_MEMORY ? bytes : undefined;
}, `${SIZE_FORMAT}, from 6Mi to 64Ti`);
const ephemeralStorage = (min: number) =>
  parsed(
    (value) => {
      const bytes = parseSize(value);
      return bytes !== undefined && bytes >= min && bytes <= MAX_MEMORY ? bytes : undefined;
    },
    `${SIZE_FORMAT}, from ${formatSize(min)} to 64Ti`,
  );
const writableSize = parsed((value) => {
  const bytes = parseSize(value);
  return bytes !== undefined && bytes >= 2 ** 16 && bytes <= MAX_MEMORY ? bytes : undefined;
}, `${SIZE_FORMAT}, from 64Ki to 64Ti`);

const amount = (request: z.ZodType<number>, limit: z.ZodType<number>) =>
  z
    .unknown()
    .transform((value, context): { request?: number | undefined; limit?: number | undefined } =>
      isPlainObject(value)
        ? parseInside(z.strictObject({ request: request.optional(), limit: limit.optional() }), value, context)
        : { limit: parseInside(limit, value, context) },
    );

const text = z.string('must be a text');
const SECRET_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

const secretValue = z.unknown().transform((value, context): Omit<SecretSpec, 'path'> => {
  const plain = inputString.safeParse(value);
  const versioned = z
    .strictObject({
      value: inputString,
      version: text.max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens'),
    })
    .safeParse(value);
  const secret = plain.success ? { value: plain.data } : versioned.data;
  const message =
    secret === undefined
      ? 'must be a text, or an Output or Promise of one, or {value, version}'
      : typeof secret.value === 'string'
        ? secretProblem(secret.value)
        : undefined;
  if (message === undefined) return secret!;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const writablePath = z
  .unknown()
  .transform((value, context): { path: string; size?: number | undefined } =>
    isPlainObject(value)
      ? parseInside(z.strictObject({ path: containerPathSchema, size: writableSize.optional() }), value, context)
      : { path: parseInside(containerPathSchema, value, context) },
  );

/** Capabilities of Linux 5.9 and later; an engine refuses others when the container starts. */
const CAPABILITIES = new Set(
  (
    'AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER ' +
    'FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE ' +
    'NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE ' +
    'SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM'
  )
    .split(' ')
    .map((name) => `CAP_${name}`),
);

const record = <T>(value: z.ZodType<T>, name: RegExp, rule: string) =>
  z.record(z.string(), value, 'must be an object of names and values').superRefine((entries, context) => {
    for (const key of Object.keys(entries)) {
      if (!name.test(key)) context.addIssue({ code: 'custom', path: [key], message: `the name ${rule}` });
    }
  });

const environment = record(
  inputString,
  /^[A-Za-z_][A-Za-z0-9_.-]*$/,
  'must start with a letter or underscore and have only letters, digits, _ . -',
).superRefine((env, context) => {
  for (const [name, value] of Object.entries(env)) {
    const message = typeof value === 'string' ? argumentProblem(`${name}=${value}`) : undefined;
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});

/** The schema's part for WorkloadArgs. */
export const workloadShape = {
  image: inputString
    .refine((image) => image !== '', { message: 'must name an image', abort: true })
    .refine((image) => typeof image !== 'string' || isImageReference(image), IMAGE_FORMAT),
  command: commandSchema.optional(),
  env: environment.optional(),
  secrets: record(
    secretValue,
    SECRET_NAME,
    'must be a file name of lower-case letters, digits, dots, hyphens and underscores',
  ).optional(),
  resources: z
    .strictObject(
      {
        cpu: amount(cpu(1), cpu(MIN_CPU_LIMIT)).optional(),
        memory: amount(memory, memory).optional(),
        ephemeralStorage: amount(ephemeralStorage(2 ** 20), ephemeralStorage(LOGS)).optional(),
      },
      'must be an object with cpu, memory and ephemeralStorage',
    )
    .optional(),
  calls: z.array(text, 'must be a list of names of microservices').optional(),
  after: z.array(text, 'must be a list of names of microservices and jobs').optional(),
  internet: z.boolean('must be true or false').optional(),
  writablePaths: z.array(writablePath, 'must be a list of paths').optional(),
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
            text.refine((name) => CAPABILITIES.has(name), 'must be a capability such as "CAP_NET_BIND_SERVICE"'),
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
  const disk = args.resources?.ephemeralStorage ?? {};
  const amounts = {
    cpu: {
      request: args.resources?.cpu?.request ?? Math.max(1, Math.round(cpuLimit / CPU_LIMIT_PER_REQUEST)),
      limit: cpuLimit,
    },
    memory: { request: args.resources?.memory?.request ?? memoryLimit, limit: memoryLimit },
    ephemeralStorage: {
      request: disk.request ?? EPHEMERAL_STORAGE.request,
      limit: disk.limit ?? Math.max(EPHEMERAL_STORAGE.limit, disk.request ?? 0),
    },
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
  const env = args.env ?? {};
  const texts = [...(args.command ?? []), ...Object.entries(env).flat()].filter((text) => typeof text === 'string');
  if (Buffer.byteLength(texts.join('')) > MAX_TEXTS) {
    problems.push({
      path: `${path}.env`,
      allowed: 'must have at most 512 KiB, together with the command',
      fix: 'bring large texts as secrets, or in the image',
    });
  }
  const calls = args.calls ?? [];
  return {
    name,
    image: args.image,
    command: args.command ?? [],
    env,
    secrets: Object.fromEntries(
      Object.entries(args.secrets ?? {}).map(([file, secret]) => [
        file,
        { ...secret, path: `${path}.${formatPath(['secrets', file])}` },
      ]),
    ),
    ...amounts,
    calls: [...new Set(calls)],
    after: [...new Set(args.after ?? [])],
    internet: args.internet ?? false,
    writablePaths: writableFolders(args.writablePaths ?? [{ path: '/tmp' }], memoryLimit, path, problems),
    user: user.includes(':') ? user : `${user}:${user}`,
    readOnlyRoot: args.hardening?.readOnlyRoot ?? true,
    capabilities: args.hardening?.capabilities ?? [],
    stopGrace: args.stopGrace ?? 10_000,
  };
}

function writableFolders(
  folders: readonly { path: string; size?: number | undefined }[],
  memory: number,
  path: string,
  problems: Problem[],
): WritableFolder[] {
  folders.forEach((folder, index) => {
    const first = folders.findIndex((other) => other.path === folder.path);
    if (first < index) {
      problems.push({
        path: `${path}.writablePaths[${index}]`,
        value: folder.path,
        allowed: `is the same as writablePaths[${first}]`,
        fix: 'remove one of them',
      });
    }
    if (folder.size !== undefined && folder.size > memory) {
      problems.push({
        path: `${path}.writablePaths[${index}].size`,
        value: formatSize(folder.size),
        allowed: `must not be above the memory's limit (${formatSize(memory)}), which what is written counts towards`,
        fix: 'raise resources.memory, or lower the size',
      });
    }
  });
  return folders.map(({ path, size }) => ({ path, size: size ?? WRITABLE_SIZE }));
}

/** Whether somebody relies on another size than the default. */
export function changesEphemeralStorage({ ephemeralStorage: { request, limit } }: WorkloadSpec): boolean {
  return request !== EPHEMERAL_STORAGE.request || limit !== EPHEMERAL_STORAGE.limit;
}

/** Nothing can be mounted twice at one place. */
export function checkStoragePath(
  { writablePaths }: Pick<WorkloadSpec, 'writablePaths'>,
  storage: { path: string } | undefined,
  path: string,
  problems: Problem[],
): void {
  const index = writablePaths.findIndex((folder) => folder.path === storage?.path);
  if (index < 0) return;
  problems.push({
    path: `${path}.storage.path`,
    value: storage!.path,
    allowed: `is the same as writablePaths[${index}]`,
    fix: 'remove it from writablePaths',
  });
}
