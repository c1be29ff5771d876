import type { RouteSpec } from '../gateway-spec';
import type { Limits } from './limits';
import { HTTP_LOG_FORMAT, TCP_LOG_FORMAT } from './log';
import type { Backend, Edge, Listener, ProxySpec } from './proxy-spec';
import { quote, section, unavailable } from './section';

/** The request's host as routes compare it: without port (and in lower case), and without the dot that ends a full name. */
const HOST = 'req.hdr(host),host_only,rtrim(.)';

/**
 * What somebody could have written of a client before the edge: services believe these headers. Some servers make no
 * difference between `-` and `_` (CGI, WSGI, PHP), nor `.` (PHP).
 */
const CLAIMS = [
  'x-forwarded(-.*)?',
  'forwarded(-for)?',
  'x-real-ip',
  '(x-|x-cluster-|true-|fastly-|proxy-|wl-proxy-)?client-ip',
  'x-remote-(addr|ip|host|port)',
  'x-proxyuser-ip',
  'x-azure-(client|socket)ip',
  'x-original-.*',
  'x-rewrite-url',
  'x-host',
  'x-(url-)?scheme',
  'x-envoy-external-address',
  'front-end-https',
  'cf-connecting-ip(v6)?',
  // CGI programs take it for the variable HTTP_PROXY.
  'proxy',
];
const CLAIM = `^(${CLAIMS.join('|').replaceAll('-', '[-_.]')})$`;

export function frontend(listener: Listener, spec: ProxySpec, limits: Limits): string {
  const { name, bind, mode, backend: fallback, certificate, routes = [] } = listener;
  const tls = certificate === undefined ? '' : ` ssl crt ${certificate} alpn h2,http/1.1`;
  return section(`frontend ${name}`, [
    ...bind.map((address) => `bind ${address}${tls}`),
    `mode ${mode}`,
    'log global',
    `maxconn ${limits.accepted}`,
    `log-format ${mode === 'http' ? HTTP_LOG_FORMAT : TCP_LOG_FORMAT}`,
    `timeout client ${clientTimeout(spec.backends)}ms`,
    ...(mode === 'http'
      ? httpLines(listener, spec, limits)
      : [`tcp-request connection reject if { fe_conn gt ${limits.total} }`]),
    ...routes.map(({ path, host, to }) => `use_backend ${to}${condition(path, host)}`),
    fallback !== undefined && `default_backend ${fallback}`,
  ]);
}

/** A host, or an IPv6 address in brackets, and after the colon what is no number of at most five digits. */
const NO_PORT = '^([[][^]]*[]]|[^:[]*):([0-9]*[^0-9]|[0-9]{6})';

const REFUSED = [
  // After a 2xx, requests would pass as bytes that no rule sees: other routes, forged headers. HAProxy itself takes h2c out
  // of `Upgrade`.
  'http-request deny status 405 if METH_CONNECT',
  // RFC 9112, 3.2: one that is missing or invalid. An HTTP/2 request has it from its authority.
  'http-request deny status 400 if !HTTP_1.0 !{ req.hdr(Host) -m found }',
  `http-request deny status 400 if { req.hdr(Host) -m reg ${quote(NO_PORT)} } || { req.hdr(Host),port_only gt 65535 }`,
];

/** What the client's header names is for this connection only: the next proxy would take the headers below for that. */
const CONNECTION = [
  'http-request del-header Connection if !{ req.hdr(Upgrade) -m found }',
  'http-request set-header Connection Upgrade if { req.hdr(Upgrade) -m found }',
];

function httpLines(
  { routes = [], edge }: Listener,
  { backends, maxHeaderSize, maxHeaders }: ProxySpec,
  limits: Limits,
): string[] {
  return [
    // Browsers open connections that they may never use; to answer those would be an error that nobody asked about.
    'option http-ignore-probes',
    'option idle-close-on-response',
    unavailable('This proxy has reached its limit of connections.', `{ fe_conn gt ${limits.total} }`),
    `http-request deny status 431 if { req.hdrs,length gt ${maxHeaderSize} } || { req.hdr_cnt gt ${maxHeaders} }`,
    ...REFUSED,
    ...CONNECTION,
    ...(edge === undefined ? ['option forwardfor'] : edgeLines(edge)),
    ...clientTimeouts(routes, backends),
  ];
}

/** HAProxy takes 64 words in a line. */
const WORDS = 32;

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

function edgeLines({ scheme, trustedProxies }: Edge): string[] {
  if (trustedProxies === 'any') return ['option forwardfor'];
  const trusted = trustedProxies.length > 0;
  const unless = trusted ? ' unless { var(txn.trusted) -m bool }' : '';
  const port = scheme === 'https' ? 443 : 80;
  return [
    ...chunks(trustedProxies, WORDS).map(
      (some) => `http-request set-var(txn.trusted) bool(true) if { src ${some.join(' ')} }`,
    ),
    `http-request del-header ${quote(CLAIM)} -m reg${unless}`,
    `http-request set-header X-Forwarded-Proto ${scheme}${unless}`,
    `http-request set-header X-Forwarded-Host %[req.hdr(host)]${unless}`,
    `http-request set-header X-Forwarded-Port ${port}${unless}`,
    `http-request set-header X-Forwarded-Port %[req.hdr(host),port_only] if { req.hdr(host),port_only gt 0 }${trusted ? ' !{ var(txn.trusted) -m bool }' : ''}`,
    `http-request set-header X-Real-IP %[src]${unless}`,
    'option forwardfor',
  ];
}

/** Later than the replica's side, which then is named as the cause. */
const LATER = 1_000;

/** The longest silence that any service allows; one that allows less has a rule of its own. */
function clientTimeout(backends: readonly Backend[]): number {
  return Math.max(...backends.map(({ idleTimeout }) => idleTimeout), 1) + LATER;
}

/** The least specific route first, so that the last rule that applies is that of the route that is taken. */
function clientTimeouts(routes: readonly RouteSpec[], backends: readonly Backend[]): string[] {
  const idle = new Map(backends.map(({ name, idleTimeout }) => [name, idleTimeout]));
  if (new Set(idle.values()).size <= 1) return [];
  return [...routes]
    .reverse()
    .map(
      ({ path, host, to }) =>
        `http-request set-timeout client ${(idle.get(to) ?? 0) + LATER}ms${condition(path, host)}`,
    );
}

export function healthFrontend(address: string): string {
  return section('frontend health', [
    `bind ${address}`,
    'mode http',
    'timeout client 10s',
    'monitor-uri /healthz',
    'monitor fail if { stopping }',
  ]);
}

export function redirectFrontend(address: string): string {
  return section('frontend redirect', [
    `bind ${address}`,
    'mode http',
    'timeout client 10s',
    'option http-ignore-probes',
    'http-request redirect scheme https code 308',
  ]);
}

function condition(path: string, host: string | undefined): string {
  const terms: string[] = [];
  if (host !== undefined) {
    terms.push(host.startsWith('*.') ? `{ ${HOST} -m end ${host.slice(1)} }` : `{ ${HOST} -m str ${host} }`);
  }
  if (path !== '/') {
    const both = [`{ path -m str ${quote(path)} }`, `{ path -m beg ${quote(`${path}/`)} }`];
    return ` if ${both.map((one) => [...terms, one].join(' ')).join(' || ')}`;
  }
  return terms.length > 0 ? ` if ${terms.join(' ')}` : '';
}
