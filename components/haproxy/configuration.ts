import { backend } from './backend';
import { frontend, healthFrontend, redirectFrontend } from './frontend';
import { LOG_LENGTH } from './log';
import { bufferSize, fileDescriptors, limitsOf, type Limits } from './limits';
import type { ProxySpec } from './proxy-spec';
import { section } from './section';

export type { Backend, Edge, Listener, ProxySpec } from './proxy-spec';

/** What HAProxy itself may add to a message. */
const REWRITE = 2 * 2 ** 10;

/**
 * Bytes of freed buffers that a thread keeps for reuse. HAProxy's default of 512 KiB holds ten buffers, less than a busy
 * proxy has in use at once, so it would allocate the others anew: 5 µs more a request with 256 clients.
 */
const HOT_MEMORY = 16 * 2 ** 20;

/**
 * Renders HAProxy's configuration. Pure and deterministic: the same spec gives the same text.
 *
 * - A failed check takes a replica out of balancing and leaves alone what it works on. Only a replica that does not answer
 *   its check at all loses the requests that wait for it; see `backend`.
 * - `init-addr last` with the saved state keeps the known replicas over a reload; DNS fills in the rest within
 *   milliseconds, where a look-up by libc would hold up the start for each slot.
 */
export function haproxyConfiguration(spec: ProxySpec): string {
  const limits = limitsOf(spec);
  return [
    globalSection(spec, limits),
    resolversSection(spec),
    defaultsSection(),
    ...spec.listeners.map((listener) => frontend(listener, spec, limits)),
    ...(spec.health === undefined ? [] : [healthFrontend(spec.health)]),
    ...(spec.redirect === undefined ? [] : [redirectFrontend(spec.redirect)]),
    ...spec.backends.map((one) => backend(one, spec, limits)),
  ].join('\n');
}

/**
 * Bytes that the kernel receives ahead from a replica. Of itself it takes up to 6 MiB for each client that reads slowly, and all
 * connections of a machine share one limit (tcp_mem), beyond which the kernel ends any of them. Replicas are near: this is
 * enough for 100 MiB/s at 2 ms.
 */
const SERVER_RECEIVE_BUFFER = 208 * 2 ** 10;

function globalSection(spec: ProxySpec, limits: Limits): string {
  return section('global', [
    // Read by the deployment, which compares it with what the engine gives a container.
    `# needs ${fileDescriptors(limits, spec.backends)} file descriptors`,
    `maxconn ${limits.process}`,
    `nbthread ${spec.threads}`,
    `tune.bufsize ${bufferSize(spec.maxHeaderSize)}`,
    `tune.maxrewrite ${REWRITE}`,
    `tune.memory.hot-size ${HOT_MEMORY}`,
    `tune.rcvbuf.server ${SERVER_RECEIVE_BUFFER}`,
    // Somewhat more than the limit, so that a request beyond it gets a status that says so.
    `tune.http.maxhdr ${Math.min(32_767, 2 * spec.maxHeaders + 100)}`,
    `lua-load ${spec.rulesFile}`,
    // Requests that went well and replicas that come and go are no news.
    `log stdout len ${LOG_LENGTH} format raw daemon warning`,
    `stats socket ${spec.stateFolder}/admin.sock mode 600 level admin expose-fd listeners`,
    `server-state-file ${spec.stateFolder}/servers.state`,
    `hard-stop-after ${spec.drain}ms`,
  ]);
}

function resolversSection({ nameserver, dnsInterval }: ProxySpec): string {
  return section('resolvers replicas', [
    nameserver === undefined ? 'parse-resolv-conf' : `nameserver dns ${nameserver}`,
    // Without it an answer with more than a few replicas is cut off.
    'accepted_payload_size 8192',
    'resolve_retries 3',
    'timeout resolve 1s',
    'timeout retry 1s',
    `hold valid ${dnsInterval}ms`,
    `hold obsolete ${dnsInterval}ms`,
    'hold nx 5s',
    // While DNS itself is away the replicas that are known serve on: the checks say which of them do.
    'hold timeout 5m',
    'hold refused 5m',
    'hold other 5m',
  ]);
}

function defaultsSection(): string {
  return section('defaults', [
    'option dontlognull',
    'option dontlog-normal',
    'option log-separate-errors',
    'timeout connect 1s',
    'timeout http-request 10s',
    'timeout http-keep-alive 60s',
    'timeout queue 5s',
    // A host that is lost says nothing any more: its connections end after some 11 s.
    'option srvtcpka',
    'srvtcpka-idle 5s',
    'srvtcpka-intvl 2s',
    'srvtcpka-cnt 3',
    'load-server-state-from-file global',
    'retries 3',
    'option redispatch 1',
    'balance leastconn',
    'default-server init-addr last,none resolvers replicas resolve-prefer ipv4',
  ]);
}
