// What is replaced inside the components of other packages when their arguments change. A plan sees these arguments and not
// the children, so this follows the components' own sources: pulumi-eks 4.3.0, and pulumi-awsx shortly after 3.8.0, whose
// arguments are those of the installed 3.9.0. What the children are replaced for is taken from terraform-provider-aws, as in
// `replacements-aws.ts`. An argument that is not listed may replace something: that is not known here.
import { comesOrGoes, fits, UNKNOWN, UPDATE, type Consequence, type PropertyChange } from './consequence';

type Rule = Consequence | ((change: PropertyChange) => Consequence);

export const VPC = 'the VPC and everything in it';
export const SUBNETS = 'the subnets and what is in them';
export const CLUSTER = 'the cluster and everything in it';
const REPOSITORY = 'the repository and its images';
const LIFECYCLE_POLICY = 'the lifecycle policy';

const part = (name: string): Consequence => ({ op: 'replace', part: name });

/** Auto Mode is on, and the security groups of the component are therefore not created. */
const EKS: Record<string, Rule> = {
  name: part(CLUSTER),
  serviceRole: part(CLUSTER),
  kubernetesServiceIpAddressRange: part(CLUSTER),
  ipFamily: part(CLUSTER),
  // The role of nodes can be set later, but not changed.
  'autoMode.computeConfig.nodeRoleArn': (change) => (comesOrGoes(change) ? UNKNOWN : part(CLUSTER)),
  'autoMode.computeConfig.nodePools': UPDATE,
  // Encryption cannot be turned off again. Whether AWS takes another key is not known here.
  encryptionConfigKeyArn: ({ before, after }) =>
    after === undefined ? part(CLUSTER) : before === undefined ? UPDATE : UNKNOWN,
  // One child for each.
  'accessEntries.*': (change) => (change.path.length === 2 && comesOrGoes(change) ? UPDATE : UNKNOWN),
  authenticationMode: UPDATE,
  clusterTags: UPDATE,
  deletionProtection: UPDATE,
  enabledClusterLogTypes: UPDATE,
  endpointPrivateAccess: UPDATE,
  endpointPublicAccess: UPDATE,
  privateSubnetIds: UPDATE,
  publicAccessCidrs: UPDATE,
  tags: UPDATE,
  upgradePolicy: UPDATE,
  version: UPDATE,
};

const NETWORK: Record<string, Rule> = {
  cidrBlock: part(VPC),
  ipv4IpamPoolId: part(VPC),
  ipv4NetmaskLength: part(VPC),
  region: part(VPC),
  numberOfAvailabilityZones: zones,
  subnetSpecs,
  // Gateways come and go; routes to them are updated.
  'natGateways.strategy': UPDATE,
  // Of names, only those in tags.
  subnetNameTagStrategy: UPDATE,
  enableDnsHostnames: UPDATE,
  enableDnsSupport: UPDATE,
  enableNetworkAddressUsageMetrics: UPDATE,
  tags: UPDATE,
};

const REGISTRY: Record<string, Rule> = {
  name: part(REPOSITORY),
  encryptionConfigurations: part(REPOSITORY),
  region: part(REPOSITORY),
  lifecyclePolicy: part(LIFECYCLE_POLICY),
  forceDelete: UPDATE,
  imageScanningConfiguration: UPDATE,
  imageTagMutability: UPDATE,
  imageTagMutabilityExclusionFilters: UPDATE,
  tags: UPDATE,
};

export const COMPONENTS: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  'awsx:ec2:Vpc': NETWORK,
  'awsx:ecr:Repository': REGISTRY,
  'eks:index:Cluster': EKS,
};

/** What a change of a component's argument, or of something within it, does. */
export function inComponent(type: string, change: PropertyChange): Consequence {
  const [, rule = UNKNOWN] = Object.entries(COMPONENTS[type] ?? {}).find(([name]) => fits(name, change.path)) ?? [];
  return typeof rule === 'function' ? rule(change) : rule;
}

/** The block of a VPC is split into a power of two of equal blocks, one for each zone. */
function zones({ before, after }: PropertyChange): Consequence {
  if (typeof before !== 'number' || typeof after !== 'number') return UNKNOWN;
  return Math.ceil(Math.log2(before)) === Math.ceil(Math.log2(after)) ? UPDATE : part(SUBNETS);
}

interface SubnetSpec {
  type?: string;
  cidrMask?: number;
  tags?: unknown;
}

function subnetSpecs({ before, after }: PropertyChange): Consequence {
  if (!Array.isArray(before) || !Array.isArray(after)) return UNKNOWN;
  const [was, is] = [before as SubnetSpec[], after as SubnetSpec[]];
  const same = (of: (spec: SubnetSpec) => unknown) =>
    was.length === is.length && was.every((spec, index) => JSON.stringify(of(spec)) === JSON.stringify(of(is[index]!)));
  if (same(({ tags: _tags, ...spec }) => spec)) return UPDATE;
  // Only the sizes differ.
  return same(({ tags: _tags, cidrMask: _cidrMask, ...spec }) => spec) ? part(SUBNETS) : UNKNOWN;
}
