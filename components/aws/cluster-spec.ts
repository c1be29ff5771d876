import { z } from 'zod';
import { parse, type Problem } from '../validation';
import { IAM_NAME, iamArn, type Account } from './account';
import { isPrivate, parseCidr } from './cidr';
import { retentionSchema } from './retention';

/** Somebody who may use the cluster's API. */
export interface Access {
  /** Name of an IAM role of the cluster's account, or the ARN of a role or user. */
  principal: string;
  /** `admin` may do everything; `view` may read everything but Secrets. */
  level: 'admin' | 'view';
}

/** Arguments of a cluster that are known before anything is created. */
export interface ClusterSettings {
  /** Kubernetes version, `1.35`. It is upgraded by raising it; AWS does so when its standard support ends. */
  kubernetesVersion: string;
  /**
   * Public IPv4 blocks from which the cluster's API can be reached over the internet. Without one it has no public endpoint.
   * @default - none: no public endpoint; then there must be `privateApiCidrs`
   */
  publicApiCidrs?: readonly string[];
  /**
   * Lets `publicApiCidrs` hold blocks larger than /8, and so the whole internet.
   * @default false
   */
  allowPublicApi?: boolean;
  /**
   * Private IPv4 blocks from which the private endpoint can be reached, besides the cluster's own nodes: a VPN, a peered
   * network, runners of a CI.
   * @default - none; then there must be `publicApiCidrs`
   */
  privateApiCidrs?: readonly string[];
  /**
   * Who may use the API, by a name of your own. The role that creates the cluster is its administrator anyway.
   * @default {}
   */
  access?: Readonly<Record<string, Access>>;
  /**
   * Processor architecture of the nodes, and so of the images.
   * @default "amd64"
   */
  architecture?: 'amd64' | 'arm64';
  /**
   * Most virtual processors that all nodes for workloads may have together: a bound for the bill.
   * @default 32
   */
  maxVcpus?: number;
  /**
   * Refuses to delete the cluster until this is set to false and deployed.
   * @default true
   */
  deletionProtection?: boolean;
  /**
   * Days for which logs are kept.
   * @default 30
   */
  logRetentionDays?: number;
}

/** A cluster after validation and defaults. */
export interface ClusterSpec {
  kubernetesVersion: string;
  publicApiCidrs: string[];
  privateApiCidrs: string[];
  access: Record<string, { principalArn: string; policy: string }>;
  architecture: 'amd64' | 'arm64';
  maxVcpus: number;
  deletionProtection: boolean;
  logRetentionDays: number;
}

/** EKS's own policies for its API; the second reads no Secrets. */
const ACCESS_POLICIES = { admin: 'AmazonEKSClusterAdminPolicy', view: 'AmazonEKSViewPolicy' };

/** Larger blocks are no office and no VPN. */
const LARGEST_PUBLIC_BLOCK = 8;

const PUBLIC_RULE = 'must be a public IPv4 block such as "203.0.113.0/24"';
const PRIVATE_RULE = 'must be a private IPv4 block such as "10.1.0.0/16"';
const VCPUS_RULE = 'must be a whole number from 2 to 10000';
const PRINCIPAL_RULE = 'must be the name of an IAM role, or the ARN of a role or user';
const ARN = /^arn:aws:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;

const cidr = (rule: string, wanted: 'private' | 'public') =>
  z.string(rule).refine((text) => {
    const parsed = parseCidr(text);
    return parsed !== undefined && isPrivate(parsed) === (wanted === 'private');
  }, rule);

const schema = z.strictObject(
  {
    kubernetesVersion: z
      .string('must be a Kubernetes version')
      .regex(/^1\.\d\d$/, 'must be a Kubernetes version such as "1.35"'),
    publicApiCidrs: z.array(cidr(PUBLIC_RULE, 'public'), 'must be a list of public IPv4 blocks').optional(),
    allowPublicApi: z.boolean('must be true or false').optional(),
    privateApiCidrs: z.array(cidr(PRIVATE_RULE, 'private'), 'must be a list of private IPv4 blocks').optional(),
    access: z
      .record(
        z.string(),
        z.strictObject(
          {
            principal: z.string(PRINCIPAL_RULE).refine((text) => IAM_NAME.test(text) || ARN.test(text), PRINCIPAL_RULE),
            level: z.enum(['admin', 'view'], 'must be "admin" or "view"'),
          },
          'must be an object with principal and level',
        ),
        'must be an object of names and access',
      )
      .optional(),
    architecture: z.enum(['amd64', 'arm64'], 'must be "amd64" or "arm64"').optional(),
    maxVcpus: z.number(VCPUS_RULE).int(VCPUS_RULE).min(2, VCPUS_RULE).max(10_000, VCPUS_RULE).optional(),
    deletionProtection: z.boolean('must be true or false').optional(),
    logRetentionDays: retentionSchema.optional(),
  },
  'must be an object with the arguments of a cluster',
);

/** @returns `undefined` when problems were added. */
export function clusterSpec(
  account: Account,
  settings: ClusterSettings,
  path: string[],
  problems: Problem[],
): ClusterSpec | undefined {
  const parsed = parse(schema, settings, path, problems);
  if (!parsed) return undefined;
  const publicApiCidrs = parsed.publicApiCidrs ?? [];
  const tooLarge = publicApiCidrs.flatMap((block, index) =>
    parseCidr(block)!.bits < LARGEST_PUBLIC_BLOCK && parsed.allowPublicApi !== true ? [{ block, index }] : [],
  );
  for (const { block, index } of tooLarge) {
    problems.push({
      path: [...path, `publicApiCidrs[${index}]`].join('.'),
      value: block,
      allowed: `must have a prefix of at least ${LARGEST_PUBLIC_BLOCK} bits: it opens the cluster's API to the internet`,
      fix: 'name the blocks that need it, or set allowPublicApi',
    });
  }
  if (tooLarge.length > 0) return undefined;
  if (publicApiCidrs.length === 0 && (parsed.privateApiCidrs ?? []).length === 0) {
    problems.push({
      path: [...path, 'privateApiCidrs'].join('.'),
      allowed: "is missing, and so is publicApiCidrs: nobody would reach the cluster's API, not even this deployment",
      fix: 'name the private blocks that reach it, or the public ones',
    });
    return undefined;
  }
  return {
    kubernetesVersion: parsed.kubernetesVersion,
    publicApiCidrs,
    privateApiCidrs: parsed.privateApiCidrs ?? [],
    access: Object.fromEntries(
      Object.entries(parsed.access ?? {}).map(([name, { principal, level }]) => [
        name,
        {
          principalArn: principal.startsWith('arn:') ? principal : iamArn(account, `role/${principal}`),
          policy: ACCESS_POLICIES[level],
        },
      ]),
    ),
    architecture: parsed.architecture ?? 'amd64',
    maxVcpus: parsed.maxVcpus ?? 32,
    deletionProtection: parsed.deletionProtection ?? true,
    logRetentionDays: parsed.logRetentionDays ?? 30,
  };
}
