import { isIP } from 'node:net';
import { z } from 'zod';
import { parseSize, SIZE_FORMAT } from './quantity';
import { parsed } from './validation';

/** Defaults of what a proxy passes on. Times are milliseconds, sizes are bytes. */
export const TRAFFIC_DEFAULTS = {
  timeout: 30_000,
  idleTimeout: { http: 300_000, grpc: 300_000, tcp: 3_600_000 },
  /** Each needs two file descriptors, and some engines give a container no more than 20,000. */
  maxConnections: 8_192,
  maxHeaderSize: 32 * 2 ** 10,
  maxHeaders: 200,
  drain: 300_000,
} as const;

const whole = (min: number, max: number) => {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.number(rule).int(rule).min(min, rule).max(max, rule);
};

export const maxConnectionsSchema = whole(100, 100_000);
export const maxHeadersSchema = whole(20, 5_000);
export const maxHeaderSizeSchema = parsed(
  (value) => {
    const bytes = parseSize(value);
    return bytes !== undefined && bytes >= 4 * 2 ** 10 && bytes <= 2 ** 20 ? bytes : undefined;
  },
  `${SIZE_FORMAT.replace('256Mi', '64Ki')}, from 4Ki to 1Mi`,
);

/** A block of addresses, or one address. */
export const cidrSchema = z
  .string('must be a CIDR such as "10.0.0.0/8"')
  .refine(isCidr, 'must be a CIDR such as "10.0.0.0/8", or an address');

function isCidr(text: string): boolean {
  const [address, bits, ...more] = text.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
