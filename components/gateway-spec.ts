import { z } from 'zod';
import { durationSchema, portSchema, routePathSchema } from './check';
import type { Duration } from './quantity';
import { cidrSchema, maxConnectionsSchema, TRAFFIC_DEFAULTS } from './traffic';
import type { Transform } from './transform';

/** Sends requests to a microservice. The most specific route wins: first by host, then by the longest path. */
export interface Route {
  /**
   * Prefix of the request's path, whole segments: `/api` matches `/api` and `/api/x`, not `/apix`.
   * @default "/"
   */
  path?: string;
  /**
   * Host name of the request, without port; `*.example.com` matches every name below.
   * @default - any host
   */
  host?: string;
  /** Name of the microservice. */
  to: string;
}

/** The public entry of an application. */
export interface GatewayArgs {
  routes: Route[];
  /**
   * Port on 127.0.0.1 where the application answers (Docker).
   * @default - from 20000 to 29999, derived from project, stack and installation
   */
  port?: number;
  /**
   * Client connections that one gateway accepts; on Kubernetes each gateway pod counts its own. Some more are accepted for
   * services that use few, so that the clients of one service cannot starve another's; beyond that, clients get 503 at
   * once. Memory follows from it, and each connection needs two file descriptors of what the engine gives a container.
   * From 100 to 100000.
   * @default 8192
   */
  maxConnections?: number;
  /**
   * Time that requests, streams and WebSockets which are running have to end when the gateway's rules change or a pod of it
   * leaves. At least the longest `timeout` of the services that it routes to. From 1s to 1h.
   * @default "5m"
   */
  drain?: Duration;
  /**
   * CIDRs of proxies whose `X-Forwarded-*`, `Forwarded` and `X-Real-IP` headers are kept as they are. From all others these
   * are deleted, and `X-Forwarded-For`, `-Proto`, `-Host`, `-Port` and `X-Real-IP` set anew. On Docker all clients connect from
   * the engine's address: to trust it is to trust everyone.
   * @default - none; with exposure `Ingress` on Kubernetes whoever connects
   */
  trustedProxies?: string[];
  /**
   * Escape hatch: changes what is rendered where the arguments don't reach.
   * @default - none
   */
  transform?: Transform;
}

export interface RouteSpec {
  path: string;
  host?: string;
  to: string;
}

/** A gateway after validation and defaults; routes in the order in which they are tried. */
export interface GatewaySpec {
  routes: RouteSpec[];
  port?: number;
  maxConnections: number;
  /** Milliseconds. */
  drain: number;
  trustedProxies: string[];
  transform: Transform;
}

/** The rules of a proxy, which name each path and host up to four times, must fit into one config of Swarm: 500 KiB. */
const MAX_ROUTES = 500;
const MAX_ROUTE_TEXT = 50_000;

function fitsConfiguration(routes: readonly { path?: string | undefined; host?: string | undefined }[]): boolean {
  return routes.map(({ path, host }) => `${path ?? ''}${host ?? ''}`).join('').length <= MAX_ROUTE_TEXT;
}

/** Name of the gateway among an application's members; no other member can have it. */
export const GATEWAY = 'gateway';

const HOST = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const gatewaySchema = z.strictObject(
  {
    routes: z
      .array(
        z.strictObject(
          {
            path: routePathSchema.optional(),
            host: z
              .string('must be a host name')
              .max(253, 'must have at most 253 characters')
              .regex(
                HOST,
                'must be a host name in lower case, without port or path, such as "shop.example.com" or "*.example.com"',
              )
              .optional(),
            to: z.string('must name a microservice'),
          },
          'must be a route: {path, host, to}',
        ),
        'must be a list of routes',
      )
      .min(1, 'must have at least one route')
      .max(MAX_ROUTES, `must have at most ${MAX_ROUTES} routes`)
      .refine(fitsConfiguration, `must have at most ${MAX_ROUTE_TEXT} characters of hosts and paths in all`),
    port: portSchema.optional(),
    maxConnections: maxConnectionsSchema.optional(),
    drain: durationSchema(1_000, 3_600_000).optional(),
    trustedProxies: z.array(cidrSchema, 'must be a list of CIDRs').optional(),
    transform: z
      .custom<Transform>((value) => typeof value === 'object' && value !== null, 'must be an object of functions')
      .optional(),
  },
  'must be an object with routes',
);

/** Orders routes so that the first match is the most specific one. */
export function gatewaySpec(args: z.output<typeof gatewaySchema>): GatewaySpec {
  const routes = args.routes.map(({ path, host, to }): RouteSpec => {
    const prefix = (path ?? '/').replace(/(?<=.)\/+$/, '');
    return host === undefined ? { path: prefix, to } : { path: prefix, host, to };
  });
  return {
    routes: routes.sort(
      (a, b) =>
        rank(a.host) - rank(b.host) ||
        (b.host?.length ?? 0) - (a.host?.length ?? 0) ||
        b.path.length - a.path.length ||
        (key(a) < key(b) ? -1 : 1),
    ),
    ...(args.port === undefined ? {} : { port: args.port }),
    maxConnections: args.maxConnections ?? TRAFFIC_DEFAULTS.maxConnections,
    drain: args.drain ?? TRAFFIC_DEFAULTS.drain,
    trustedProxies: args.trustedProxies ?? [],
    transform: args.transform ?? {},
  };
}

/** An exact host before a wildcard before any host. */
function rank(host: string | undefined): number {
  if (host === undefined) return 2;
  return host.startsWith('*.') ? 1 : 0;
}

/** Two routes with the same key can't be told apart. */
export function routeKey({ host, path }: RouteSpec): string {
  return key({ path, ...(host === undefined ? {} : { host }) });
}

function key({ host, path }: Pick<RouteSpec, 'host' | 'path'>): string {
  return `${host ?? '*'}${path}`;
}
