import { hashNumber } from '../identity';

/**
 * Addresses of an application's networks. Each microservice has one network of its own. The engine gives out addresses
 * of the upper half to replicas; the lower half is reserved, so that a proxy keeps its address for ever.
 */
export interface Subnet {
  /** CIDR of the network. */
  subnet: string;
  /** CIDR that the engine chooses addresses from. */
  ipRange: string;
  gateway: string;
  /** Addresses for proxies, in order. */
  reserved: string[];
}

/** Most services and jobs in one application. */
export const MAX_NETWORKS = 64;
/** Addresses of one network: a /25. */
const NETWORK_SIZE = 128;
const RESERVED = 62;
/** 10.64.0.0 to 10.255.255.255: Docker's own pools lie below (10.0.0.0 upwards) and outside (172.16.0.0/12). */
const POOL_START = 10 * 2 ** 24 + 64 * 2 ** 16;
const BLOCK_SIZE = MAX_NETWORKS * NETWORK_SIZE;
const BLOCKS = (192 * 2 ** 16) / BLOCK_SIZE;
const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

export const ADDRESS_RANGE_FORMAT = 'a private IPv4 range of at least 8192 addresses such as "10.200.0.0/19"';

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** @returns the first address of a range that is large enough, or `undefined`. */
export function parseAddressRange(text: string): number | undefined {
  const match = CIDR.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  // RFC 1918; the range must lie within its block whole.
  const isPrivate =
    (a === 10 && bits >= 8) || (a === 172 && b >= 16 && b < 32 && bits >= 12) || (a === 192 && b === 168 && bits >= 16);
  if ([a, b, c, d].some((part) => part > 255) || bits > 19 || !isPrivate || address % 2 ** (32 - bits) !== 0)
    return undefined;
  return address;
}

/** First address of an application's block: configured, or following from its name. */
export function blockStart(prefix: string, range: string | undefined): number {
  const configured = range === undefined ? undefined : parseAddressRange(range);
  return configured ?? POOL_START + hashNumber(`addresses ${prefix}`, BLOCKS) * BLOCK_SIZE;
}

/**
 * Gives each name a place from 0 to `size - 1` that follows from the name, so that adding or removing one moves no
 * other; where two names want the same place the later one takes the next free.
 */
export function places(names: readonly string[], size: number): Map<string, number> {
  if (names.length > size) throw new RangeError(`${names.length} names for ${size} places`);
  const taken = new Set<number>();
  return new Map(
    names.map((name) => {
      let place = hashNumber(name, size);
      while (taken.has(place)) place = (place + 1) % size;
      taken.add(place);
      return [name, place];
    }),
  );
}

/** The network at one place of an application's block. */
export function subnetAt(start: number, place: number): Subnet {
  const base = start + place * NETWORK_SIZE;
  return {
    subnet: `${dotted(base)}/25`,
    ipRange: `${dotted(base + NETWORK_SIZE / 2)}/26`,
    gateway: dotted(base + 1),
    reserved: Array.from({ length: RESERVED }, (_, index) => dotted(base + 2 + index)),
  };
}

/** Addresses of the proxies of `callees` in one network. */
export function proxyAddresses({ reserved }: Subnet, callees: readonly string[]): Map<string, string> {
  return new Map([...places(callees, reserved.length)].map(([name, place]) => [name, reserved[place]!]));
}
