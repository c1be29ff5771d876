import { z } from 'zod';
import { DURATION_FORMAT, parseDuration, type Duration } from './quantity';
import { parsed } from './validation';

/** How often a check runs and what it takes to fail. */
export interface CheckTiming {
  /**
   * Time between two runs.
   * @default "3s" for `alive`, "1s" for `ready`
   */
  interval?: Duration;
  /**
   * A run that takes longer has failed.
   * @default "2s" for `alive`, "1s" for `ready`
   */
  timeout?: Duration;
  /**
   * Failures in a row after which the check counts as failed.
   * @default 3 for `alive`, 2 for `ready`
   */
  failures?: number;
}

/** Passes when `GET path` answers with a status from 200 to 399. */
export interface HttpCheck extends CheckTiming {
  http: {
    /** Absolute path, without a host: `/healthz`. */
    path: string;
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

/** One way to ask a replica for its state: an HTTP request, a TCP connection or a command. */
export type Check = HttpCheck | ExecCheck | TcpCheck;

export type CheckAction =
  { kind: 'http'; path: string; port: number } | { kind: 'tcp'; port: number } | { kind: 'exec'; command: string[] };

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

/** A path of a URL that can stand in a request line and in a proxy's configuration. */
export const urlPathSchema = z
  .string('must be a path such as "/healthz"')
  .max(1024, 'must have at most 1024 characters')
  .regex(/^\//, 'must start with a slash, such as "/healthz"')
  .regex(/^[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/, 'must have only characters that a URL path may have, and no query');

const duration = (min: number, max: number) =>
  parsed(
    (value) => {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= min && ms <= max ? ms : undefined;
    },
    `${DURATION_FORMAT}, from ${min / 1000}s to ${max / 1000}s`,
  );

const commandSchema = z
  .array(z.string('must be a text'), 'must be a list of texts: the program and its arguments')
  .min(1, 'must name a program');

const checkSchema = z
  .strictObject(
    {
      http: z
        .strictObject({ path: urlPathSchema, port: portSchema.optional() }, 'must be an object with a path')
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
    'must be a check: {http: {path}}, {tcp: {}} or {exec: [command]}',
  )
  .superRefine((check, context) => {
    const kinds = [check.http, check.tcp, check.exec].filter((kind) => kind !== undefined).length;
    // A misspelt kind has been told of already.
    if (kinds !== 1 && context.issues.length === 0) {
      context.addIssue({ code: 'custom', message: 'must have exactly one of http, tcp and exec' });
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
  const port = check.http?.port ?? check.tcp?.port ?? servicePort;
  if (port === undefined) return undefined;
  return check.http ? { kind: 'http', path: check.http.path, port } : { kind: 'tcp', port };
}
