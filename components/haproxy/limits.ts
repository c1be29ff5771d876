import type { Backend, ProxySpec } from './proxy-spec';

/** Connections beyond the limit that are still accepted, so that they can be told 503. */
const REFUSED = 256;
/** For what answers health checks. */
const OWN = 64;
/** A reserve is kept for services that use little while another one uses up the limit. */
const LEAST_RESERVE = 256;
const RESERVED_PART = 8;

/** How many connections a proxy accepts, and who may still connect when it is full. */
export interface Limits {
  /** Up to here every backend may use what it likes. */
  common: number;
  /** From `common` up to here, only backends that use less than their `share`. */
  total: number;
  /** Requests and connections at once that a backend may always have; 0 where there is only one backend. */
  share: number;
  /** What the public listener accepts. */
  accepted: number;
  /** What the process accepts. */
  process: number;
}

/** Pure. With one backend there is nobody to protect from it, and no reserve. */
export function limitsOf({ backends, maxConnections: common }: Pick<ProxySpec, 'backends' | 'maxConnections'>): Limits {
  const several = backends.length > 1;
  const reserve = several ? Math.max(LEAST_RESERVE, Math.ceil(common / RESERVED_PART)) : 0;
  const total = common + reserve;
  return {
    common,
    total,
    share: several ? Math.floor(reserve / backends.length) : 0,
    accepted: total + REFUSED,
    process: total + REFUSED + OWN,
  };
}

/** File descriptors of one proxy: each connection has one on either side; checks, DNS and sockets come on top. */
export function fileDescriptors(limits: Limits, backends: readonly Pick<Backend, 'slots'>[]): number {
  const slots = backends.reduce((sum, backend) => sum + backend.slots, 0);
  return 2 * limits.process + slots + 100;
}

/** Two workers, one of which still serves what it did before a reload, and the master process: about 20 MiB each. */
const BASE_MEMORY = 128 * 2 ** 20;
/** Where the kernel's buffers count (cgroup v2): one side's 87 KiB to send and the other's 128 KiB to receive, with room. */
const SOCKET_MEMORY = 256 * 2 ** 10;

/**
 * Bytes that a proxy needs when each of its connections is at its worst: a client that reads a large answer slowly holds two
 * buffers (measured: 97 KiB with 48 KiB each). An idle WebSocket takes some 12 KiB.
 */
export function memoryOf(limits: Limits, maxHeaderSize: number): number {
  return BASE_MEMORY + limits.accepted * (2 * bufferSize(maxHeaderSize) + SOCKET_MEMORY);
}

/**
 * Room in a buffer beside the headers: for those that the proxy adds, and to recognize a request that is a little too large.
 * No more, since HAProxy copies a whole buffer for each request that it may have to send again.
 */
const BUFFER_MARGIN = 8 * 2 ** 10;

/** HAProxy rounds up to a multiple of 16. */
export function bufferSize(maxHeaderSize: number): number {
  return Math.ceil((maxHeaderSize + BUFFER_MARGIN) / 16) * 16;
}
