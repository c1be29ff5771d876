import type { CheckAction } from '../check';
import type { RouteSpec } from '../gateway-spec';

/** A group of replicas that DNS lists under one name. */
export interface Backend {
  /** Unique in the proxy; also the label in its logs. */
  name: string;
  mode: 'http' | 'tcp';
  /** DNS name with one address a replica. */
  dnsName: string;
  port: number;
  /** Most replicas that can be told apart. */
  slots: number;
  /** What decides that a replica gets requests. Milliseconds. */
  check?: { action: CheckAction; interval: number; timeout: number; failures: number };
  /** Time for one answer, in milliseconds. */
  timeout: number;
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
  /**
   * What a request came by, for the services: `http` or `https`; `given` leaves what a proxy before this one says.
   * @default "http"
   */
  scheme?: 'http' | 'https' | 'given';
  /** File with a certificate, whose key is beside it in `<file>.key`. */
  certificate?: string;
}

/** What one HAProxy does. */
export interface ProxySpec {
  listeners: Listener[];
  backends: Backend[];
  /** Folder with the admin socket and the saved state of servers. */
  stateFolder: string;
  /**
   * DNS server, `address:port`.
   * @default - the one that the system uses
   */
  nameserver?: string;
  /** Most connections at once. */
  maxConnections: number;
  /**
   * Threads that carry requests.
   * @default - one for each processor
   */
  threads?: number;
  /** Address that answers `GET /healthz` while the proxy runs and is not stopping. */
  health?: string;
  /** Address that sends every request to `https`. */
  redirect?: string;
}

/**
 * Renders HAProxy's configuration. Pure and deterministic: the same spec gives the same text.
 *
 * - A request is repeated on another replica only if its method is idempotent (RFC 9110, 9.2.2) or it carries an
 *   `Idempotency-Key`; a connection that was never established is retried for all.
 * - HTTP takes two hops through the same process. `on-marked-down shutdown-sessions` ends requests that wait for a hung
 *   replica, but HAProxy 3.0 does not itself repeat what it has ended so: the inner hop ends, the outer one repeats.
 * - `init-addr last` with the saved state keeps the known replicas over a reload; DNS fills in the rest within
 *   milliseconds, where a look-up by libc would hold up the start for each slot.
 */
export function haproxyConfiguration(spec: ProxySpec): string {
  return [
    globalSection(spec),
    resolversSection(spec),
    defaultsSection(),
    ...spec.listeners.map(frontend),
    ...(spec.health === undefined ? [] : [healthFrontend(spec.health)]),
    ...(spec.redirect === undefined ? [] : [redirectFrontend(spec.redirect)]),
    ...spec.backends.flatMap((one) => backend(one, spec.stateFolder)),
  ].join('\n');
}

function section(head: string, lines: (string | false | undefined)[]): string {
  return `${head}\n${lines
    .filter((line): line is string => typeof line === 'string')
    .map((line) => `  ${line}\n`)
    .join('')}`;
}

function globalSection({ stateFolder, maxConnections, threads }: ProxySpec): string {
  return section('global', [
    `maxconn ${maxConnections}`,
    threads !== undefined && `nbthread ${threads}`,
    // Requests that went well and replicas that come and go are no news.
    'log stdout format raw daemon warning',
    `stats socket ${stateFolder}/admin.sock mode 600 level admin expose-fd listeners`,
    `server-state-file ${stateFolder}/servers.state`,
    'hard-stop-after 60s',
  ]);
}

function resolversSection({ nameserver }: ProxySpec): string {
  return section('resolvers replicas', [
    nameserver === undefined ? 'parse-resolv-conf' : `nameserver dns ${nameserver}`,
    // Without it an answer with more than a few replicas is cut off.
    'accepted_payload_size 8192',
    'resolve_retries 3',
    'timeout resolve 1s',
    'timeout retry 1s',
    'hold valid 1s',
    'hold obsolete 1s',
    'hold nx 5s',
    // While DNS itself is away the replicas that are known serve on: the checks say which of them do.
    'hold timeout 5m',
    'hold refused 5m',
    'hold other 5m',
  ]);
}

function defaultsSection(): string {
  return section('defaults', [
    'log global',
    'option dontlognull',
    'option dontlog-normal',
    'option log-separate-errors',
    'timeout connect 1s',
    'timeout client 60s',
    'timeout http-request 10s',
    'timeout http-keep-alive 60s',
    'timeout queue 5s',
    'timeout tunnel 1h',
    'load-server-state-from-file global',
    'retries 3',
    'option redispatch 1',
    'balance leastconn',
    'default-server init-addr last,none resolvers replicas resolve-prefer ipv4 on-marked-down shutdown-sessions',
  ]);
}

function frontend(listener: Listener): string {
  const { name, bind, mode, routes = [], backend: fallback, scheme = 'http', certificate } = listener;
  const tls = certificate === undefined ? '' : ` ssl crt ${certificate} alpn h2,http/1.1`;
  return section(`frontend ${name}`, [
    ...bind.map((address) => `bind ${address}${tls}`),
    `mode ${mode}`,
    mode === 'http' ? 'option httplog' : 'option tcplog',
    mode === 'http' && 'option forwardfor',
    mode === 'http' && 'option idle-close-on-response',
    // A client must not choose what the services believe of it.
    mode === 'http' && routes.length > 0 && scheme !== 'given' && `http-request set-header X-Forwarded-Proto ${scheme}`,
    ...routes.map(({ path, host, to }) => `use_backend ${to}${condition(path, host)}`),
    fallback !== undefined && `default_backend ${fallback}`,
  ]);
}

function healthFrontend(address: string): string {
  return section('frontend health', [
    `bind ${address}`,
    'mode http',
    'no log',
    'monitor-uri /healthz',
    'monitor fail if { stopping }',
  ]);
}

function redirectFrontend(address: string): string {
  return section('frontend redirect', [`bind ${address}`, 'mode http', 'http-request redirect scheme https code 308']);
}

/** Quotes a word as HAProxy's configuration wants it; without need the word stands as it is. */
function quote(word: string): string {
  return /^[A-Za-z0-9/._~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function condition(path: string, host: string | undefined): string {
  const terms: string[] = [];
  if (host !== undefined) {
    // The request's host without its port, in lower case.
    const hostName = 'req.hdr(host),field(1,:),lower';
    terms.push(host.startsWith('*.') ? `{ ${hostName} -m end ${host.slice(1)} }` : `{ ${hostName} -m str ${host} }`);
  }
  if (path !== '/') {
    const both = [`{ path -m str ${quote(path)} }`, `{ path -m beg ${quote(`${path}/`)} }`];
    return ` if ${both.map((one) => [...terms, one].join(' ')).join(' || ')}`;
  }
  return terms.length > 0 ? ` if ${terms.join(' ')}` : '';
}

/** Errors of the inner hop that the outer one gives back when repeating did not help. */
const PROXY_ERRORS = [500, 502, 503, 504];
/** A status that no service means: it tells the outer hop that the inner one has no answer. */
const NO_ANSWER = 425;
/** The outer hop waits for the inner one's attempts to connect. */
const HOP_MARGIN = 5_000;

function backend(spec: Backend, stateFolder: string): string[] {
  if (spec.mode === 'tcp') return [replicaBackend(spec, spec.name)];
  // With a dot, which no name of a service has: neither meets another service's nor the proxy's own.
  const socket = `unix@${stateFolder}/${spec.name}.replicas.sock`;
  const inner = `${spec.name}.replicas`;
  return [repeatingBackend(spec, socket), innerFrontend(inner, socket), replicaBackend(spec, inner)];
}

/** The outer hop: repeats what may be repeated. */
function repeatingBackend({ name, timeout }: Backend, socket: string): string {
  return section(`backend ${name}`, [
    'mode http',
    `timeout server ${timeout + HOP_MARGIN}ms`,
    'http-reuse always',
    `retry-on conn-failure empty-response ${NO_ANSWER}`,
    'http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE } || { req.hdr(Idempotency-Key) -m found }',
    ...PROXY_ERRORS.map(
      (status) => `http-response set-status ${status} if { res.hdr(x-proxy-error) -m str ${status} }`,
    ),
    'http-response del-header x-proxy-error',
    `server inner ${socket}`,
  ]);
}

/** The inner hop: one attempt at an answer; says when there is none. */
function innerFrontend(name: string, socket: string): string {
  return section(`frontend ${name}`, [
    `bind ${socket} mode 600`,
    'mode http',
    'no log',
    // While a process that was reloaded finishes its work, the outer hop may still use an idle connection.
    'option idle-close-on-response',
    'http-response set-var(txn.answered) bool(true)',
    'http-response del-header x-proxy-error',
    'http-after-response set-header x-proxy-error %[status] unless { var(txn.answered) -m bool }',
    `http-after-response set-status ${NO_ANSWER} unless { var(txn.answered) -m bool }`,
    `default_backend ${name}`,
  ]);
}

function replicaBackend({ mode, dnsName, port, slots, check, timeout }: Backend, name: string): string {
  return section(`backend ${name}`, [
    `mode ${mode}`,
    `timeout server ${timeout}ms`,
    check && `timeout check ${check.timeout}ms`,
    ...checkLines(check),
    `server-template replica- ${slots} ${dnsName}:${port}${check ? ` check${checkPort(check.action, port)} inter ${check.interval}ms fastinter ${Math.min(250, check.interval)}ms fall ${check.failures} rise 1` : ''}`,
  ]);
}

function checkLines(check: Backend['check']): string[] {
  if (check?.action.kind !== 'http') return [];
  return [
    'option httpchk',
    `http-check send meth GET uri ${quote(check.action.path)} ver HTTP/1.1 hdr Host localhost hdr User-Agent probe`,
    'http-check expect status 200-399',
  ];
}

function checkPort(action: CheckAction, servicePort: number): string {
  return action.kind === 'exec' || action.port === servicePort ? '' : ` port ${action.port}`;
}
