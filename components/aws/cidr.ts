import { isIPv4 } from 'node:net';

/** A block of IPv4 addresses. */
export interface Cidr {
  /** The first address as a number. */
  first: number;
  /** Length of the prefix in bits. */
  bits: number;
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((block) => parseCidr(block)!);

/** @returns `undefined` for what is no block, and for one whose address is not its first. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, length, ...rest] = text.split('/');
  if (rest.length > 0 || !isIPv4(address ?? '') || !/^(\d|[12]\d|3[0-2])$/.test(length ?? '')) return undefined;
  const bits = Number(length);
  const first = address!.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return first % 2 ** (32 - bits) === 0 ? { first, bits } : undefined;
}

export function size({ bits }: Cidr): number {
  return 2 ** (32 - bits);
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + size(b) && b.first < a.first + size(a);
}

/** Whether a block is wholly of addresses that no router of the internet knows. */
export function isPrivate(cidr: Cidr): boolean {
  return PRIVATE.some((block) => block.first <= cidr.first && cidr.first + size(cidr) <= block.first + size(block));
}
