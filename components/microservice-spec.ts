import { z } from 'zod';
import {
  ALIVE_DEFAULTS,
  checkSchema,
  checkSpec,
  durationSchema,
  portSchema,
  READY_DEFAULTS,
  type Check,
  type CheckSpec,
} from './check';
import { maxConnectionsSchema, maxHeadersSchema, maxHeaderSizeSchema, TRAFFIC_DEFAULTS } from './traffic';
import type { Duration, Size } from './quantity';
import { storageSchema, type StorageArgs, type StorageSpec } from './storage';
import type { Transform } from './transform';
import { isPlainObject, parseInside, type Problem } from './validation';
import { checkStoragePath, workloadSpec, type WorkloadSpec } from './workload';
import type { WorkloadArgs } from './workload-args';
import { workloadShape } from './workload-shape';

/** A number of replicas that follows the load. */
export interface ReplicaRange {
  /** Replicas that always run. From 1 to 1000. */
  min: number;
  /** Replicas at most. From 1 to 1000. */
  max: number;
  /**
   * Average use of the requested processor time, in percent, that the number of replicas is held at. From 1 to 100.
   * @default 70
   */
  cpu?: number;
}

/** One service of an application: what runs, how many, when it is healthy, what it may use and whom it may call. */
export interface MicroserviceArgs extends WorkloadArgs {
  /**
   * Port that the replicas listen on and that callers use. Without one it is a worker, with no load balancer.
   * @default - none: a worker
   */
  port?: number;
  /**
   * What the port speaks. `grpc` is HTTP/2 without TLS (h2c). A gateway can route to `http` and `grpc`, and only their
   * requests can be sent again when a replica fails.
   * @default "http"
   */
  protocol?: 'http' | 'grpc' | 'tcp';
  /**
   * How many replicas run: from 0 to 1000, on Docker at most 30.
   * @default 2, or 1 for a worker and with storage
   */
  replicas?: number | ReplicaRange;
  /**
   * A replica that fails this check is replaced. It should not ask other services.
   * @default - a TCP check of the port, also with `protocol: 'grpc'`, since not every gRPC server has the health service;
   * none for a worker
   */
  alive?: Check;
  /**
   * A replica that fails this check gets no requests, and an update waits for it.
   * @default - the `alive` check
   */
  ready?: Check;
  /**
   * Time a new replica has until it is ready for the first time. From 1s to 1h.
   * @default "60s"
   */
  startup?: Duration;
  /**
   * Time a new replica must stay healthy before an update goes on to the next; a failure in it rolls the update back. From
   * 0s to 1h.
   * @default "5s"
   */
  monitor?: Duration;
  /**
   * Time from a request to the first byte of its answer; after it the caller gets 504. A request that is too slow is
   * never sent again. Does not apply to `tcp`. From 100ms to 1h.
   * @default "30s"
   */
  timeout?: Duration;
  /**
   * Longest silence in either direction while a request is sent, an answer streams or a connection is open; after it the
   * connection is closed. WebSockets and event streams must say something more often. From 1s to 24h.
   * @default "5m", or "1h" with `protocol: 'tcp'`
   */
  idleTimeout?: Duration;
  /**
   * Requests that one proxy passes to this service at once and, in front of callers, their open connections. Beyond it
   * callers get 503; with `tcp` the connection is closed. From 100 to 100000.
   * @default 8192
   */
  maxConnections?: number;
  /**
   * Size of all headers of a request; more gets 431, more than 6 KiB above it 400. Answers may be up to 6 KiB larger;
   * beyond that callers get 502. A gateway takes the largest of the services that it routes to. From 4Ki to 1Mi.
   * @default "32Ki"
   */
  maxHeaderSize?: Size;
  /**
   * Number of headers of a request; more gets 431. Answers may have twice as many plus 100; beyond that callers get 502.
   * From 20 to 5000.
   * @default 200
   */
  maxHeaders?: number;
  /**
   * Storage that outlives replicas and `destroy`. There can then be one replica only, and an update stops it first.
   * @default - none
   */
  storage?: StorageArgs;
  /**
   * Escape hatch: changes what is rendered where the arguments don't reach.
   * @default - none
   */
  transform?: Transform;
}

/** A microservice after validation and defaults. Times are milliseconds, sizes are bytes. */
export interface MicroserviceSpec extends WorkloadSpec {
  port?: number;
  protocol: 'http' | 'grpc' | 'tcp';
  replicas: { min: number; max: number; cpu?: number };
  alive?: CheckSpec;
  ready?: CheckSpec;
  startup: number;
  monitor: number;
  timeout: number;
  idleTimeout: number;
  maxConnections: number;
  /** Bytes. */
  maxHeaderSize: number;
  maxHeaders: number;
  storage?: StorageSpec;
  transform: Transform;
}

/** A number that no environment needs; a typing error is more likely. */
export const MAX_REPLICAS = 1_000;
const REPLICAS_RULE = `must be a whole number from 0 to ${MAX_REPLICAS}, on Docker to 30, or {min, max, cpu}`;
const whole = (min: number, max: number, rule: string) => z.number(rule).int(rule).min(min, rule).max(max, rule);

const replicaRange = z
  .strictObject({
    min: whole(1, MAX_REPLICAS, `must be a whole number from 1 to ${MAX_REPLICAS}`),
    max: whole(1, MAX_REPLICAS, `must be a whole number from 1 to ${MAX_REPLICAS}`),
    cpu: whole(1, 100, 'must be a whole number of percent from 1 to 100').optional(),
  })
  .refine(({ min, max }) => min <= max, { path: ['min'], message: 'must not be above max' });

const replicas = z.unknown().transform((value, context): MicroserviceSpec['replicas'] => {
  if (!isPlainObject(value)) {
    const count = parseInside(whole(0, MAX_REPLICAS, REPLICAS_RULE), value, context);
    return { min: count, max: count };
  }
  const { min, max, cpu } = parseInside(replicaRange, value, context);
  return { min, max, cpu: cpu ?? 70 };
});

export const microserviceSchema = z.strictObject(
  {
    ...workloadShape,
    port: portSchema.optional(),
    protocol: z.enum(['http', 'grpc', 'tcp'], 'must be "http", "grpc" or "tcp"').optional(),
    replicas: replicas.optional(),
    alive: checkSchema.optional(),
    ready: checkSchema.optional(),
    startup: durationSchema(1_000, 3_600_000).optional(),
    monitor: durationSchema(0, 3_600_000).optional(),
    timeout: durationSchema(100, 3_600_000).optional(),
    idleTimeout: durationSchema(1_000, 86_400_000).optional(),
    maxConnections: maxConnectionsSchema.optional(),
    maxHeaderSize: maxHeaderSizeSchema.optional(),
    maxHeaders: maxHeadersSchema.optional(),
    storage: storageSchema.optional(),
    transform: z
      .custom<Transform>((value) => typeof value === 'object' && value !== null, 'must be an object of functions')
      .optional(),
  },
  'must be an object with the arguments of a microservice',
);

type TrafficArgument = 'timeout' | 'idleTimeout' | 'maxConnections' | 'maxHeaderSize' | 'maxHeaders';

/** What only a proxy applies and differs from its default, so that somebody relies on it. */
export function changedTraffic(spec: MicroserviceSpec): TrafficArgument[] {
  const { timeout, idleTimeout, maxConnections, maxHeaderSize, maxHeaders } = TRAFFIC_DEFAULTS;
  const defaults = { timeout, idleTimeout: idleTimeout[spec.protocol], maxConnections, maxHeaderSize, maxHeaders };
  return (Object.keys(defaults) as TrafficArgument[]).filter((name) => spec[name] !== defaults[name]);
}

/** Fills in defaults and checks what concerns more than one argument. */
export function microserviceSpec(
  name: string,
  args: z.output<typeof microserviceSchema>,
  path: string,
  problems: Problem[],
): MicroserviceSpec {
  const single = args.storage !== undefined;
  const spec: MicroserviceSpec = {
    ...workloadSpec(name, pickWorkload(args), path, problems),
    ...(args.port === undefined ? {} : { port: args.port }),
    protocol: args.protocol ?? 'http',
    replicas: args.replicas ?? (single || args.port === undefined ? { min: 1, max: 1 } : { min: 2, max: 2 }),
    startup: args.startup ?? 60_000,
    monitor: args.monitor ?? 5_000,
    timeout: args.timeout ?? TRAFFIC_DEFAULTS.timeout,
    idleTimeout: args.idleTimeout ?? TRAFFIC_DEFAULTS.idleTimeout[args.protocol ?? 'http'],
    maxConnections: args.maxConnections ?? TRAFFIC_DEFAULTS.maxConnections,
    maxHeaderSize: args.maxHeaderSize ?? TRAFFIC_DEFAULTS.maxHeaderSize,
    maxHeaders: args.maxHeaders ?? TRAFFIC_DEFAULTS.maxHeaders,
    ...(args.storage === undefined ? {} : { storage: args.storage }),
    transform: args.transform ?? {},
  };
  if (single && spec.replicas.max > 1) {
    problems.push({
      path: `${path}.replicas`,
      value: spec.replicas.min === spec.replicas.max ? spec.replicas.max : spec.replicas,
      allowed: 'must be 1 (or 0) with storage, which two replicas cannot share',
      fix: 'remove storage, or keep one replica',
    });
  }
  checkStoragePath(spec, args.storage, path, problems);
  const alive = args.alive ?? (args.port === undefined ? undefined : { tcp: {} });
  for (const [argument, check, defaults] of [
    ['alive', alive, ALIVE_DEFAULTS],
    ['ready', args.ready ?? alive, READY_DEFAULTS],
  ] as const) {
    if (!check) continue;
    const result = checkSpec(check, args.port, defaults);
    if (result) spec[argument] = result;
    else if (args[argument]) {
      problems.push({
        path: `${path}.${argument}`,
        allowed: 'needs a port, since the microservice has none',
        fix: 'give the check a port, or use exec',
      });
    }
  }
  return spec;
}

function pickWorkload(args: z.output<typeof microserviceSchema>) {
  return Object.fromEntries(Object.entries(args).filter(([key]) => key in workloadShape)) as Parameters<
    typeof workloadSpec
  >[1];
}
