import { z } from 'zod';
import { parse, type Problem } from '../validation';
import { isPrivate, overlaps, parseCidr, type Cidr } from './cidr';

/** Arguments of a network that are known before anything is created. */
export interface NetworkSettings {
  /**
   * How pods reach the internet and AWS: through a NAT gateway in each zone, or through one for all zones.
   *
   * `per-zone`: a zone that fails takes only its own way out with it, and no traffic crosses zones on the way. Three zones
   * cost 109.50 USD a month. `single`: 36.50 USD a month; when its zone fails, no pod of any zone reaches anything outside,
   * and traffic from other zones costs 0.01 USD per GB more each way.
   *
   * Both add 0.045 USD per GB in either direction. (us-east-1, February 2026: 0.045 USD an hour for the gateway and
   * 0.005 USD for its public address, 730 hours.)
   */
  natGateways: 'per-zone' | 'single';
  /**
   * Private IPv4 block of the network, from /16 to /20. Each pod has an address of its own in it.
   * @default "10.0.0.0/16"
   */
  vpcCidr?: string;
  /**
   * Availability zones that it spans, from 2 to 4; the control plane needs two.
   * @default 3
   */
  zones?: number;
}

/** A network after validation and defaults. */
export interface NetworkSpec {
  natGateways: 'per-zone' | 'single';
  vpcCidr: string;
  zones: number;
  /** Length of the prefix of each zone's private subnet, for nodes and pods: half of the zone's share. */
  privateBits: number;
  /** Length of the prefix of each zone's public subnet, for NAT gateways and load balancers: a sixteenth of it. */
  publicBits: number;
}

/** What the cluster's Services get their addresses from. Fixed, so that the address of its DNS is known beforehand. */
export const SERVICE_CIDR = '172.20.0.0/16';
/** Where the cluster's DNS answers: the tenth address of the Services' block, by a rule of EKS. */
export const DNS_ADDRESS = '172.20.0.10';

const ZONES_RULE = 'must be a whole number from 2 to 4';
const CIDR_RULE = 'must be a private IPv4 block from /16 to /20, such as "10.0.0.0/16"';

const usable = (cidr: Cidr | undefined): cidr is Cidr =>
  cidr !== undefined && isPrivate(cidr) && cidr.bits >= 16 && cidr.bits <= 20;

const schema = z.strictObject(
  {
    natGateways: z.enum(['per-zone', 'single'], 'must be "per-zone" or "single"'),
    vpcCidr: z
      .string(CIDR_RULE)
      .refine((text) => usable(parseCidr(text)), CIDR_RULE)
      .refine((text) => {
        const cidr = parseCidr(text);
        return !cidr || !overlaps(cidr, parseCidr(SERVICE_CIDR)!);
      }, `must not overlap ${SERVICE_CIDR}, where the cluster's Services are`)
      .optional(),
    zones: z.int(ZONES_RULE).min(2, ZONES_RULE).max(4, ZONES_RULE).optional(),
  },
  'must be an object with the arguments of a network',
);

/** @returns `undefined` when problems were added. */
export function networkSpec(settings: NetworkSettings, path: string[], problems: Problem[]): NetworkSpec | undefined {
  const parsed = parse(schema, settings, path, problems);
  if (!parsed) return undefined;
  const { natGateways, vpcCidr = '10.0.0.0/16', zones = 3 } = parsed;
  const zoneBits = parseCidr(vpcCidr)!.bits + Math.ceil(Math.log2(zones));
  return { natGateways, vpcCidr, zones, privateBits: zoneBits + 1, publicBits: zoneBits + 4 };
}
