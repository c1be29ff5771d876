import { requestHeaders, type CheckSpec, type GrpcAction, type HttpAction } from '../check';
import { healthRequest } from './grpc-health';
import type { BackendCheck } from './proxy-spec';

/** How soon a check is repeated once it has begun to fail. */
export const FAST_INTERVAL = 250;
/** Buffers of an answer that are read after the first. */
const MORE_BUFFERS = 3;
/** Matches nothing: a rule that must not match it waits until the answer ends or the buffer is full. */
const NEVER = 'x^';

/**
 * The lines of a backend that say how its servers are checked.
 *
 * A check that is answered must not look like one that is not, since `hung` closes requests by that difference: each `expect`
 * that waits for the first bytes of an answer fails with a time-out (`L7TOUT`), everything later otherwise.
 */
export function checkLines(check: BackendCheck | undefined): string[] {
  if (!check) return [];
  const { action, timeout } = check;
  const lines = [`timeout check ${timeout}ms`];
  if (action.kind === 'http') return [...lines, ...httpLines(action, check)];
  if (action.kind === 'grpc') return [...lines, ...grpcLines(action, check)];
  // HAProxy cannot run a command in a replica's container: that its port accepts connections is what is left.
  return lines;
}

/** What the check adds to the line of a server. */
export function checkOptions(check: CheckSpec | undefined, servicePort: number): string {
  if (!check) return '';
  const { action, interval, failures } = check;
  const port = action.kind === 'exec' || action.port === servicePort ? '' : ` port ${action.port}`;
  return ` check${port} inter ${interval}ms fastinter ${Math.min(FAST_INTERVAL, interval)}ms fall ${failures} rise 1`;
}

/** First digits of the statuses that let a replica have requests. */
const STATUS_CLASSES = { ready: '23', working: '1-4', any: '1-5' } as const;

/**
 * `option httpchk` closes as soon as it knows the status. A server that is still sending the body then gets a reset, which
 * many write to their log. So the request is plain text here, and the answer is read to its end.
 */
function httpLines(
  { path, ...action }: HttpAction,
  { method = 'GET', accepts = 'ready' }: Pick<BackendCheck, 'method' | 'accepts'>,
): string[] {
  const headers = [...requestHeaders(action), ['Connection', 'close']].map(([name, value]) => `${name}: ${value}`);
  const request = [`${method} ${path} HTTP/1.1`, ...headers].map(escape).join('\\r\\n');
  // No time-out of a TLS handshake occurs here: L6TOUT stands for an answer that began and did not end.
  const readOn = `tcp-check expect ! rstring '${NEVER}' tout-status L6TOUT comment 'end of the answer'`;
  return [
    'option tcp-check',
    'tcp-check connect linger',
    `tcp-check send "${request}\\r\\n\\r\\n"`,
    "tcp-check expect min-recv 6 rstring '^HTTP/1'",
    readOn,
    `tcp-check expect rstring '^HTTP/1\\.[01] [${STATUS_CLASSES[accepts]}][0-9][0-9]' error-status L7STS on-error 'status %[res.payload(9,3)]'`,
    // To send nothing empties the buffer.
    ...Array.from({ length: MORE_BUFFERS }, () => ["tcp-check send-lf '%[str()]'", readOn]).flat(),
  ];
}

/** For a word between double quotes. */
function escape(text: string): string {
  return text.replace(/["\\$]/g, '\\$&');
}

/** Frames of HTTP/2 in hexadecimal digits that end the answer to the first request, or the connection. */
const ANSWER_ENDS = [
  // HEADERS that end the stream: trailers, or an answer that consists of nothing else.
  '01[0-9A-F][13579BDF]00000001',
  // HEADERS, then DATA that ends the stream: what a server of something else than gRPC sends.
  '01[0-9A-F]{2}00000001.*00[0-9A-F][13579BDF]00000001',
  // RST_STREAM
  '000004030000000001',
  // GOAWAY
  '070000000000',
  // "HTTP/": no HTTP/2 at all.
  '^485454502F',
];
/** DATA with the message `HealthCheckResponse { status: SERVING }`. */
const SERVING = '00000700[0-9A-F]{2}0000000100000000020801';

function grpcLines({ service }: GrpcAction, { accepts = 'ready' }: Pick<BackendCheck, 'accepts'>): string[] {
  return [
    'option tcp-check',
    'tcp-check connect linger',
    `tcp-check send-binary ${healthRequest(service).toString('hex')}`,
    `tcp-check expect rbinary '${ANSWER_ENDS.join('|')}'`,
    ...(accepts === 'ready'
      ? [`tcp-check expect min-recv 1 rbinary '${SERVING}' error-status L7STS on-error 'not SERVING'`]
      : []),
  ];
}
