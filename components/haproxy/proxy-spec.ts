import type { CheckSpec } from '../check';
import type { RouteSpec } from '../gateway-spec';

/** A group of replicas that DNS lists under one name. Times are milliseconds. */
export interface Backend {
  /** Unique in the proxy; also the label in its logs. */
  name: string;
  /** `grpc` is HTTP/2 without TLS all the way. */
  mode: 'http' | 'grpc' | 'tcp';
  /** DNS name with one address per replica, or an SRV name (`_http._tcp.…`), whose records carry the port. */
  dnsName: string;
  /** Does not apply where `dnsName` is an SRV name. */
  port: number;
  /** Most replicas that can be told apart. */
  slots: number;
  /** Decides whether a replica gets requests. */
  check?: BackendCheck;
  /** Until the first byte of the answer. */
  timeout: number;
  /** Longest silence of a request, an answer or a connection that runs. */
  idleTimeout: number;
  /** Most requests and connections at once. */
  maxConnections: number;
}

/** A check as a proxy makes it. */
export interface BackendCheck extends CheckSpec {
  /**
   * Of an HTTP check.
   * @default "GET"
   */
  method?: 'GET' | 'OPTIONS';
  /**
   * What lets a replica have requests: that it says it is ready; that it does not fail (any status but 5xx); or any answer.
   * Of an HTTP or gRPC check.
   * @default "ready"
   */
  accepts?: 'ready' | 'working' | 'any';
}

/** What the first proxy that a request meets does with the headers that say where the request came from. */
export interface Edge {
  scheme: 'http' | 'https';
  /** CIDRs of proxies whose word counts; `any` where only such a proxy can connect. */
  trustedProxies: readonly string[] | 'any';
}

/** An address that the proxy answers at. */
export interface Listener {
  name: string;
  /** `address:port`; several for one listener. */
  bind: string[];
  mode: 'http' | 'tcp';
  /** Backend for what no route matches. */
  backend?: string;
  /** In the order in which they are tried. */
  routes?: RouteSpec[];
  /** @default - none: the caller is a service of the application, and its headers are passed on */
  edge?: Edge;
  /** File with a certificate, whose key is beside it in `<file>.key`. */
  certificate?: string;
}

/** What one HAProxy does. */
export interface ProxySpec {
  listeners: Listener[];
  backends: Backend[];
  /** Folder with the admin socket and the saved state of servers. */
  stateFolder: string;
  /** File with the rules in Lua; see `RULES`. */
  rulesFile: string;
  /**
   * DNS server, `address:port`.
   * @default - the one that the system uses
   */
  nameserver?: string;
  /** How often DNS is asked, in milliseconds; a replica that leaves it gets no new request after twice as long at the latest. */
  dnsInterval: number;
  /** Most connections at once. */
  maxConnections: number;
  /** Bytes of a request's, or an answer's, headers. */
  maxHeaderSize: number;
  /** Number of a request's, or an answer's, headers. */
  maxHeaders: number;
  /** Time in milliseconds that requests and connections have to end after the proxy was told to stop, or was reloaded. */
  drain: number;
  threads: number;
  /** Address that answers `GET /healthz` while the proxy runs and is not stopping. */
  health?: string;
  /** Address that redirects every request to `https`. */
  redirect?: string;
}
