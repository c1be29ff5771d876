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

/** What the engine has given out. What exists keeps its addresses, whatever is added or removed beside it. */
export interface DeployedAddresses {
  /** The application's networks by name. */
  networks: ReadonlyMap<string, DeployedNetwork>;
  /** CIDRs of all other networks of the engine. */
  foreign: readonly string[];
  /** Addresses of the application's proxies: by network, then by container. */
  proxies: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Networks that the application's containers are attached to, by container. */
  attached: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface DeployedNetwork {
  /** CIDR. */
  subnet: string;
  /** No way out of the network. */
  internal: boolean;
}

export const NO_ADDRESSES: DeployedAddresses = {
  networks: new Map(),
  foreign: [],
  proxies: new Map(),
  attached: new Map(),
};

/** Most networks of one application. */
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

/** The four bytes of a CIDR's address, its number of bits, and its first address; `undefined` for one of IPv6. */
function parseCidr(text: string): { bytes: number[]; bits: number; first: number } | undefined {
  const match = CIDR.exec(text);
  if (!match) return undefined;
  const numbers = match.slice(1).map(Number);
  const [bytes, bits] = [numbers.slice(0, 4), numbers[4]!];
  return { bytes, bits, first: bytes.reduce((sum, byte) => sum * 256 + byte, 0) };
}

/** @returns the first address of a range that is large enough, or `undefined`. */
export function parseAddressRange(text: string): number | undefined {
  const cidr = parseCidr(text);
  if (!cidr) return undefined;
  const { bytes, bits, first } = cidr;
  const [a = 0, b = 0] = bytes;
  // RFC 1918; the range must lie within its block whole.
  const isPrivate =
    (a === 10 && bits >= 8) || (a === 172 && b >= 16 && b < 32 && bits >= 12) || (a === 192 && b === 168 && bits >= 16);
  if (bytes.some((byte) => byte > 255) || bits > 19 || !isPrivate || first % 2 ** (32 - bits) !== 0) return undefined;
  return first;
}

/** First address of an application's block: configured, or following from its name. */
export function blockStart(prefix: string, range: string | undefined): number {
  const configured = range === undefined ? undefined : parseAddressRange(range);
  return configured ?? POOL_START + hashNumber(`addresses ${prefix}`, BLOCKS) * BLOCK_SIZE;
}

/**
 * Gives each name a place from 0 to `size - 1` that is derived from the name; where that is taken, the next free one.
 *
 * @throws RangeError when there is none.
 */
export function places(
  names: readonly string[],
  size: number,
  taken: ReadonlySet<number> = new Set(),
): Map<string, number> {
  const used = new Set(taken);
  return new Map(
    names.map((name) => {
      if (used.size >= size) throw new RangeError(`no place of ${size} is free for ${name}`);
      let place = hashNumber(name, size);
      while (used.has(place)) place = (place + 1) % size;
      used.add(place);
      return [name, place];
    }),
  );
}

/**
 * The networks of an application. One that exists keeps its addresses, even outside the block; a new one gets addresses
 * of the block that no network of the engine has.
 *
 * @param networks what a network's place is derived from, and its name on the engine.
 * @throws RangeError when the block is full.
 */
export function subnets(
  start: number,
  networks: ReadonlyMap<string, string>,
  deployed: DeployedAddresses,
): Map<string, Subnet> {
  const kept = new Map<string, Subnet>();
  for (const [key, name] of networks) {
    const base = baseOf(deployed.networks.get(name)?.subnet);
    if (base !== undefined) kept.set(key, subnetFrom(base));
  }
  const ranges = [...[...deployed.networks.values()].map(({ subnet }) => subnet), ...deployed.foreign].flatMap(rangeOf);
  const taken = Array.from({ length: MAX_NETWORKS }, (_, place) => place).filter((place) => {
    const first = start + place * NETWORK_SIZE;
    return ranges.some(([low, high]) => low < first + NETWORK_SIZE && high >= first);
  });
  const added = places(
    [...networks.keys()].filter((key) => !kept.has(key)),
    MAX_NETWORKS,
    new Set(taken),
  );
  return new Map([...kept, ...[...added].map(([key, place]): [string, Subnet] => [key, subnetAt(start, place)])]);
}

/** The network at one place of an application's block. */
export function subnetAt(start: number, place: number): Subnet {
  return subnetFrom(start + place * NETWORK_SIZE);
}

function subnetFrom(base: number): Subnet {
  return {
    subnet: `${dotted(base)}/25`,
    ipRange: `${dotted(base + NETWORK_SIZE / 2)}/26`,
    gateway: dotted(base + 1),
    reserved: Array.from({ length: RESERVED }, (_, index) => dotted(base + 2 + index)),
  };
}

/** First and last address of a CIDR; nothing for one of IPv6. */
function rangeOf(text: string): [number, number][] {
  const cidr = parseCidr(text);
  return cidr ? [[cidr.first, cidr.first + 2 ** (32 - cidr.bits) - 1]] : [];
}

/** First address of a network of the size that this one's are. */
function baseOf(cidr: string | undefined): number | undefined {
  const [range] = cidr === undefined ? [] : rangeOf(cidr);
  return range && range[1] - range[0] === NETWORK_SIZE - 1 ? range[0] : undefined;
}

/** Whether a network lies in the block that starts at an address. */
export function inBlock(start: number, cidr: string): boolean {
  return rangeOf(cidr).some(([low, high]) => low >= start && high < start + BLOCK_SIZE);
}

/**
 * Addresses of the proxies of services in one network. One that is attached already keeps its address.
 *
 * @param containers each service's proxy.
 * @throws RangeError when there are more proxies than addresses for them.
 */
export function proxyAddresses(
  { reserved }: Subnet,
  containers: ReadonlyMap<string, string>,
  deployed: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const kept = new Map<string, string>();
  for (const [service, container] of containers) {
    const address = deployed.get(container);
    if (address !== undefined && reserved.includes(address)) kept.set(service, address);
  }
  const added = places(
    [...containers.keys()].filter((service) => !kept.has(service)),
    reserved.length,
    new Set([...deployed.values()].map((address) => reserved.indexOf(address)).filter((place) => place >= 0)),
  );
  return new Map([...kept, ...[...added].map(([service, place]): [string, string] => [service, reserved[place]!])]);
}
