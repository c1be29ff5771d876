import { z } from 'zod';
import { DURATION_FORMAT, parseDuration, type Duration } from './quantity';
import { parsed } from './validation';

/** How often a check runs and what it takes to fail. */
export interface CheckTiming {
  /**
   * Time between two runs. From 200ms to 1h.
   * @default "3s" for `alive`, "1s" for `ready`
   */
  interval?: Duration;
  /**
   * A run that takes longer has failed. From 100ms to 10m.
   * @default "2s" for `alive`, "1s" for `ready`
   */
  timeout?: Duration;
  /**
   * Failures in a row after which the check counts as failed. From 1 to 100.
   * @default 3 for `alive`, 2 for `ready`
   */
  failures?: number;
}

/** Passes when `GET path` is answered in full within `timeout`, with a status from 200 to 399. */
export interface HttpCheck extends CheckTiming {
  http: {
    /** Absolute path without a host; it may have a query: `/healthz?full=1`. */
    path: string;
    /** @default the port of the microservice */
    port?: number;
    /**
     * Headers of the request, by name. Not for secrets: whoever may read the deployment can read them.
     * @default - `Host: localhost`, `User-Agent: probe` and `Accept` of anything; a header given here replaces its default
     */
    headers?: Record<string, string>;
  };
}

/** Passes when the gRPC health service (`grpc.health.v1.Health/Check`) answers `SERVING`. */
export interface GrpcCheck extends CheckTiming {
  grpc: {
    /**
     * Name that the server reports this status under.
     * @default - the server as a whole
     */
    service?: string;
    /** @default the port of the microservice */
    port?: number;
  };
}

/** Passes when the command, run inside the container, ends with code 0. */
export interface ExecCheck extends CheckTiming {
  exec: string[];
}

/** Passes when the port accepts a connection. */
export interface TcpCheck extends CheckTiming {
  tcp: {
    /** @default the port of the microservice */
    port?: number;
  };
}

/** One way to ask a replica for its state: an HTTP request, a gRPC call, a TCP connection or a command. */
export type Check = HttpCheck | GrpcCheck | TcpCheck | ExecCheck;

export interface HttpAction {
  kind: 'http';
  /** With the query. */
  path: string;
  port: number;
  /** What differs from the default headers; see `requestHeaders`. */
  headers?: Readonly<Record<string, string>>;
}

export interface GrpcAction {
  kind: 'grpc';
  /** Empty for the server as a whole. */
  service: string;
  port: number;
}

export type CheckAction = HttpAction | GrpcAction | { kind: 'tcp'; port: number } | { kind: 'exec'; command: string[] };

/** A check after validation and defaults. Times are milliseconds. */
export interface CheckSpec {
  action: CheckAction;
  interval: number;
  timeout: number;
  failures: number;
}

export const portSchema = z
  .number('must be a whole number from 1 to 65535')
  .int('must be a whole number from 1 to 65535')
  .min(1, 'must be a whole number from 1 to 65535')
  .max(65535, 'must be a whole number from 1 to 65535');

/** The beginning of a request's path. It is compared as clients send it, who resolve "." and ".." before. */
export const routePathSchema = z
  .string('must be a path such as "/healthz"')
  .max(1024, 'must have at most 1024 characters')
  .regex(/^\//, 'must start with a slash, such as "/healthz"')
  .regex(/^[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/, 'must have only characters that a URL path may have, and no query')
  .regex(/^(?:[^%]|%[0-9A-Fa-f]{2})*$/, 'must have "%" only before two hexadecimal digits')
  .refine((path) => !/\/\.{1,2}(\/|$)/.test(path), 'must not have "." or "..", which clients resolve')
  .refine((path) => !path.includes('//'), 'must not have "//"');

/** The query is sent as it stands; Kubernetes would take what follows "//" for a host. */
const checkPathSchema = z
  .string('must be a path such as "/healthz"')
  .max(1024, 'must have at most 1024 characters')
  .regex(/^\/(?!\/)/, 'must start with one "/", such as "/healthz"')
  .regex(
    /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/,
    'must have only characters that a URL path and its query may have, and "%" only before two hexadecimal digits',
  );

/** They decide how a message is framed and when a connection ends. */
const RESERVED_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const MAX_HEADERS_SIZE = 4096;

const headersSchema = z
  .record(z.string(), z.string('must be a string'), 'must be an object with a string for each header')
  .superRefine((headers, context) => {
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(headers)) {
      const message = headerProblem(name.toLowerCase(), value, seen);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
      seen.add(name.toLowerCase());
    }
    if (Object.entries(headers).flat().join('').length > MAX_HEADERS_SIZE) {
      context.addIssue({ code: 'custom', message: `must have at most ${MAX_HEADERS_SIZE} characters in all` });
    }
  });

/** The Kubernetes API allows fewer names than HTTP does. */
function headerProblem(name: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (!/^[-a-z0-9]+$/.test(name)) return 'the name must consist of letters, digits and hyphens';
  if (RESERVED_HEADERS.includes(name)) return 'is a header that the check sets itself';
  if (seen.has(name)) return 'is a header that is there already: names do not differ by upper and lower case';
  if (!/^[!-~](?:[ -~]*[!-~])?$/.test(value)) {
    return 'must consist of printable ASCII characters, without spaces at either end';
  }
  return name === 'host' && !/^[A-Za-z0-9._:[\]-]+$/.test(value)
    ? 'must be a host name, with or without a port'
    : undefined;
}

const grpcServiceSchema = z
  .string('must be the name of a gRPC service such as "shop.Orders"')
  .max(128, 'must have at most 128 characters')
  .regex(/^[A-Za-z0-9._/-]+$/, 'must consist of letters, digits, ".", "_", "/" and "-", such as "shop.Orders"');

const duration = (min: number, max: number) =>
  parsed(
    (value) => {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= min && ms <= max ? ms : undefined;
    },
    `${DURATION_FORMAT}, from ${min / 1000}s to ${max / 1000}s`,
  );

/** The kernel's own bound of one argument or variable, with the zero that ends it. */
const MAX_ARGUMENT = 128 * 2 ** 10;

/** @returns why the kernel would not hand a text to a program, as one argument or as one variable `NAME=value`. */
export function argumentProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'must not have a NUL character, which ends a text for programs';
  return Buffer.byteLength(text) < MAX_ARGUMENT ? undefined : 'must have less than 128 KiB, the limit of Linux';
}

const argumentSchema = z.string('must be a text').superRefine((text, context) => {
  const message = argumentProblem(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const commandSchema = z
  .array(argumentSchema, 'must be a list of texts: the program and its arguments')
  .min(1, 'must name a program')
  .refine((command) => command[0] !== '', { path: [0], message: 'must name a program' });

const checkSchema = z
  .strictObject(
    {
      http: z
        .strictObject(
          { path: checkPathSchema, port: portSchema.optional(), headers: headersSchema.optional() },
          'must be an object with a path',
        )
        .optional(),
      grpc: z
        .strictObject({ service: grpcServiceSchema.optional(), port: portSchema.optional() }, 'must be an object')
        .optional(),
      tcp: z.strictObject({ port: portSchema.optional() }, 'must be an object').optional(),
      exec: commandSchema.optional(),
      interval: duration(200, 3_600_000).optional(),
      timeout: duration(100, 600_000).optional(),
      failures: z
        .number('must be a whole number from 1 to 100')
        .int('must be a whole number from 1 to 100')
        .min(1, 'must be a whole number from 1 to 100')
        .max(100, 'must be a whole number from 1 to 100')
        .optional(),
    },
    'must be a check: {http: {path}}, {grpc: {}}, {tcp: {}} or {exec: [command]}',
  )
  .superRefine((check, context) => {
    const kinds = [check.http, check.grpc, check.tcp, check.exec].filter((kind) => kind !== undefined).length;
    // A misspelt kind has been told of already.
    if (kinds !== 1 && context.issues.length === 0) {
      context.addIssue({ code: 'custom', message: 'must have exactly one of http, grpc, tcp and exec' });
    }
  });

export { checkSchema, commandSchema, duration as durationSchema };

export const ALIVE_DEFAULTS = { interval: 3_000, timeout: 2_000, failures: 3 };
export const READY_DEFAULTS = { interval: 1_000, timeout: 1_000, failures: 2 };

/** @returns `undefined` if the check needs a port and there is none. */
export function checkSpec(
  check: z.output<typeof checkSchema>,
  port: number | undefined,
  defaults: typeof ALIVE_DEFAULTS,
): CheckSpec | undefined {
  const action = checkAction(check, port);
  return (
    action && {
      action,
      interval: check.interval ?? defaults.interval,
      timeout: check.timeout ?? defaults.timeout,
      failures: check.failures ?? defaults.failures,
    }
  );
}

function checkAction(check: z.output<typeof checkSchema>, servicePort: number | undefined): CheckAction | undefined {
  if (check.exec) return { kind: 'exec', command: check.exec };
  const port = (check.http ?? check.grpc ?? check.tcp)?.port ?? servicePort;
  if (port === undefined) return undefined;
  if (check.grpc) return { kind: 'grpc', service: check.grpc.service ?? '', port };
  if (!check.http) return { kind: 'tcp', port };
  const { path, headers } = check.http;
  return { kind: 'http', path, port, ...(headers && Object.keys(headers).length > 0 ? { headers } : {}) };
}

const DEFAULT_HEADERS = { Host: 'localhost', 'User-Agent': 'probe', Accept: '*/*' };

/** The headers that every target sends, in this order, so that a service gives each of them the same answer. */
export function requestHeaders({ headers = {} }: Pick<HttpAction, 'headers'>): [name: string, value: string][] {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const defaults = Object.entries(DEFAULT_HEADERS).map(([name, value]): [string, string] => [
    name,
    given.get(name.toLowerCase()) ?? value,
  ]);
  const names = new Set(defaults.map(([name]) => name.toLowerCase()));
  return [...defaults, ...Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()))];
}
