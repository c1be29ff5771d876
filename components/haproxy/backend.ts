import type { CheckSpec } from '../check';
import { checkLines, checkOptions, FAST_INTERVAL } from './check';
import type { Limits } from './limits';
import type { Backend, ProxySpec } from './proxy-spec';
import { section, unavailable } from './section';

/** A machine that is busy runs a check later than planned. */
const HANG_MARGIN = 750;
/** A larger body may not fit the buffer, so such a request does not share a connection. */
const REPEATABLE_BODY = 4 * 2 ** 10;

export function backend(spec: Backend, proxy: ProxySpec, limits: Limits): string {
  return section(`backend ${spec.name}`, spec.mode === 'tcp' ? tcpLines(spec) : httpLines(spec, proxy, limits));
}

function tcpLines(spec: Backend): string[] {
  return [
    'mode tcp',
    `timeout server ${spec.idleTimeout}ms`,
    `timeout tunnel ${spec.idleTimeout}ms`,
    ...checkLines(spec.check),
    servers(spec, ''),
  ];
}

/**
 * A request is sent again, to another replica, only if it may be: its method is idempotent (RFC 9110, 9.2.2) or it carries
 * an `Idempotency-Key`, nothing of the final answer has come, and the connection is gone. "Too slow" is no reason.
 *
 * What may not be sent again gets a connection of its own, that no replica is about to close for idleness; and HAProxy
 * answers such a request with a status when it fails, where it would close the client's connection after a used one.
 *
 * A replica that hangs keeps its connections. So at the time when its check has certainly failed, `hung` looks at each
 * request that still waits, and closes the connection of one whose replica does not answer its check.
 */
function httpLines(spec: Backend, { listeners }: ProxySpec, limits: Limits): string[] {
  const { name, mode, timeout, idleTimeout, check, maxConnections } = spec;
  const full = unavailable(
    `Service ${name} has reached its limit of concurrent requests.`,
    `{ be_conn gt ${maxConnections} }`,
  );
  const reserve = listeners.map((listener) =>
    unavailable(
      'This proxy has reached its limit of connections.',
      `{ fe_conn(${listener.name}) gt ${limits.common} } { be_conn gt ${limits.share} }`,
    ),
  );
  return [
    'mode http',
    `timeout server ${timeout}ms`,
    `timeout tunnel ${idleTimeout}ms`,
    full,
    ...(limits.share > 0 ? reserve : []),
    'retry-on conn-failure empty-response',
    'acl repeatable method GET HEAD OPTIONS TRACE PUT DELETE',
    'acl repeatable req.hdr(Idempotency-Key),length gt 0',
    'http-request disable-l7-retry if !repeatable',
    'http-reuse always',
    ...(mode === 'http' ? ownConnection() : ['http-request set-var(txn.once) bool(true) if !repeatable']),
    ...(idleTimeout === timeout ? [] : [`http-response set-timeout server ${idleTimeout}ms`]),
    ...waitLines(spec),
    ...checkLines(check),
    servers(spec, mode === 'grpc' ? ' proto h2' : ' sni var(txn.own_connection)'),
  ];
}

/** Not for gRPC, where one connection carries many requests: there, `unanswered` gives the status. */
function ownConnection(): string[] {
  return [
    `acl large req.body_size gt ${REPEATABLE_BODY}`,
    'acl large req.hdr(Transfer-Encoding) -m found',
    'http-request set-var(txn.own_connection) uuid if !repeatable || large',
    'http-request set-header Connection close if { var(txn.own_connection) -m found } !{ req.hdr(Upgrade) -m found }',
  ];
}

/** Time until a check that is not answered has taken a replica out of balancing. */
export function hangTime({ interval, timeout, failures }: CheckSpec): number {
  return interval + failures * timeout + (failures - 1) * Math.min(FAST_INTERVAL, interval) + HANG_MARGIN;
}

/** What is done about a request that has no answer when its server's connection ends, or when a hanging server is certain to be down. */
function waitLines({ mode, check, timeout }: Backend): string[] {
  const once = mode === 'grpc';
  if (!check && !once) return [];
  return [
    `tcp-response inspect-delay ${check ? hangTime(check) : timeout}ms`,
    'tcp-response content accept if { status -m found }',
    ...(once ? ['tcp-response content lua.unanswered if { var(txn.once) -m bool }'] : []),
    ...(check ? ['tcp-response content close if { lua.hung -m bool }'] : []),
  ];
}

function servers({ dnsName, port, slots, check }: Backend, options: string): string {
  const address = dnsName.startsWith('_') ? dnsName : `${dnsName}:${port}`;
  return `server-template replica- ${slots} ${address}${options}${checkOptions(check, port)}`;
}
