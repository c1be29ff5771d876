import { z } from 'zod';
import { argumentProblem, commandSchema, durationSchema } from './check';
import { containerPathSchema } from './container-path';
import { IMAGE_FORMAT, isImageReference } from './image-reference';
import { CPU_FORMAT, formatSize, parseCpu, parseSize, SIZE_FORMAT } from './quantity';
import { secretProblem } from './secret-value';
import { inputString, isPlainObject, parsed, parseInside } from './validation';
import type { SecretSpec } from './workload';

/** Docker's own minimum. */
const MIN_MEMORY = 6 * 2 ** 20;
const MAX_MEMORY = 64 * 2 ** 40;
/** The logs of a container, which nodes keep as five files of 10 MiB. */
export const LOGS = 64 * 2 ** 20;
/** A thousandth of a second in each tenth: the kernel takes no less. */
const MIN_CPU_LIMIT = 10;

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

export type ParsedWorkload = z.output<z.ZodObject<typeof workloadShape, z.core.$strict>>;
