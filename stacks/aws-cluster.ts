import type * as pulumi from '@pulumi/pulumi';
import { iamArn, namePrefixSchema, type Account } from '../components/aws/account';
import { stackPrefix } from '../components/aws/ci-names';
import { Cluster, controlPlaneLogGroup } from '../components/aws/cluster';
import {
  ClusterObjects,
  INGRESS_CLASS,
  LOAD_BALANCER_CLASS,
  READINESS_GATE_LABEL,
  STORAGE_CLASS,
} from '../components/aws/cluster-objects';
import { clusterSpec, type Access, type ClusterSettings } from '../components/aws/cluster-spec';
import { alarmsMayUse, createEncryptionKey, logsMayUse } from '../components/aws/encryption-key';
import { flowLogGroup, Network } from '../components/aws/network';
import { DNS_ADDRESS, networkSpec, type NetworkSettings } from '../components/aws/network-spec';
import { containerLogGroups, Observability } from '../components/aws/observability';
import { costTags, createProvider } from '../components/aws/provider';
import { Registry, registrySpec, type RegistrySettings } from '../components/aws/registry';
import { parse, throwIfAny, type Problem } from '../components/validation';
import { PUSHED_IMAGES } from './image-bases';

interface StackIdentity {
  project: string;
  stack: string;
}

export interface AwsClusterStackArgs extends Account {
  kubernetesVersion: string;
  natGateways: 'per-zone' | 'single';
  vpcCidr: string;
  zones: number;
  publicApiCidrs: string[];
  allowPublicApi: boolean;
  privateApiCidrs: string[];
  access: Record<string, Access>;
  architecture: 'amd64' | 'arm64';
  maxVcpus: number;
  deletionProtection: boolean;
  logRetentionDays: number;
  /** Newest images that each repository keeps. */
  keepImages: number;
  /** Tags beside `Project`, `Stack` and `ManagedBy`. */
  costTags: Record<string, string>;
  /** Address that alarms go to. */
  alarmEmail?: string | undefined;
  /** Name of the IAM policy that limits every role. */
  permissionsBoundary?: string | undefined;
}

/** What a stack that runs an application on the cluster reads from this one, by StackReference. */
export interface AwsClusterOutputs {
  /** The cluster's name. */
  clusterName: string;
  account: string;
  region: string;
  /** Secret. Needs `aws` on PATH and credentials that the cluster lets in. */
  kubeconfig: pulumi.Output<string>;
  /** Host of the registry. Log in with `aws ecr get-login-password`. */
  registry: string;
  /** Address of each repository by the name of its image: `{"user-service": "….amazonaws.com/shop/user-service"}`. */
  repositories: Record<string, pulumi.Output<string>>;
  /** What images are built for. */
  platform: 'linux/amd64' | 'linux/arm64';
  /** Class of encrypted volumes. */
  storageClass: string;
  /** Class of a Service of type LoadBalancer. */
  loadBalancerClass: string;
  /** Class of an Ingress. */
  ingressClass: string;
  /** Label that, set to `enabled` on a namespace, makes a pod's readiness wait for its load balancer. */
  readinessGateLabel: string;
  /**
   * Where the cluster's DNS answers. A network policy must let pods reach it by this address: no pod serves it that a
   * selector could match.
   */
  dnsAddress: string;
  /** Block that load balancers reach pods from. */
  vpcCidr: string;
  /** Tags for what the cluster makes itself, such as load balancers. */
  costTags: Record<string, string>;
  /** Topic that alarms go to. */
  alarmTopicArn: pulumi.Output<string>;
}

/** Network, cluster and registry: everything that an application needs to run on AWS. */
export function deployAwsCluster(config: AwsClusterStackArgs, stack: StackIdentity): AwsClusterOutputs {
  const account = { account: config.account, region: config.region };
  const {
    prefix,
    network: networkSettings,
    cluster: clusterSettings,
    registry: registrySettings,
  } = checked(config, stack);
  const permissionsBoundary =
    config.permissionsBoundary === undefined ? undefined : iamArn(account, `policy/${config.permissionsBoundary}`);
  const tags = costTags({ ...stack, tags: config.costTags });
  const provider = createProvider('aws', { ...account, ...stack, tags: config.costTags });
  const { secretsKey, dataKey } = createKeys(prefix, account, provider);
  const logging = { logRetentionDays: config.logRetentionDays, keyArn: dataKey.arn, permissionsBoundary };

  const network = new Network(
    'network',
    { ...networkSettings, ...account, ...logging, prefix },
    { providers: [provider] },
  );
  const cluster = new Cluster(
    'cluster',
    {
      ...clusterSettings,
      ...account,
      clusterName: prefix,
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      secretsKeyArn: secretsKey.arn,
      logsKeyArn: dataKey.arn,
      permissionsBoundary,
    },
    { providers: [provider] },
  );
  const objects = new ClusterObjects(
    'objects',
    {
      kubeconfig: cluster.kubeconfig,
      nodeRoleName: cluster.nodeRoleName,
      privateSubnetIds: network.privateSubnetIds,
      securityGroupId: cluster.securityGroupId,
      architecture: config.architecture,
      maxVcpus: config.maxVcpus,
      tags,
    },
    { dependsOn: [cluster.created] },
  );
  const registry = new Registry(
    'registry',
    { ...registrySettings, ...account, keyArn: dataKey.arn },
    { providers: [provider] },
  );
  const observability = new Observability(
    'observability',
    { ...logging, cluster, nodes: objects.nodes, alarmEmail: config.alarmEmail },
    { providers: [provider] },
  );
  return {
    clusterName: prefix,
    ...account,
    kubeconfig: cluster.kubeconfig,
    registry: registry.host,
    repositories: Object.fromEntries(
      PUSHED_IMAGES.map((image) => [image, registry.urls[`${stack.project}/${image}`]!]),
    ),
    platform: `linux/${config.architecture}`,
    storageClass: STORAGE_CLASS,
    loadBalancerClass: LOAD_BALANCER_CLASS,
    ingressClass: INGRESS_CLASS,
    readinessGateLabel: READINESS_GATE_LABEL,
    dnsAddress: DNS_ADDRESS,
    vpcCidr: config.vpcCidr,
    costTags: tags,
    alarmTopicArn: observability.alarmTopicArn,
  };
}

/** The arguments of each part, after all of them have been looked at: nothing is created if one is wrong. */
function checked(config: AwsClusterStackArgs, { project, stack }: StackIdentity) {
  const prefix = stackPrefix(project, stack);
  const network: NetworkSettings = pick(config, ['natGateways', 'vpcCidr', 'zones']);
  const cluster: ClusterSettings = pick(config, [
    'kubernetesVersion',
    'publicApiCidrs',
    'allowPublicApi',
    'privateApiCidrs',
    'access',
    'architecture',
    'maxVcpus',
    'deletionProtection',
    'logRetentionDays',
  ]);
  const registry: RegistrySettings = {
    repositories: PUSHED_IMAGES.map((image) => `${project}/${image}`),
    keepImages: config.keepImages,
  };
  const problems: Problem[] = [];
  parse(namePrefixSchema, prefix, ['stack'], problems);
  networkSpec(network, [], problems);
  clusterSpec(config, cluster, [], problems);
  registrySpec(registry, [], problems);
  throwIfAny('the configuration of the cluster', problems);
  return { prefix, network, cluster, registry };
}

/** A key for what Kubernetes keeps secret, and one for what AWS's services write: neither opens what the other closed. */
function createKeys(prefix: string, account: Account, provider: pulumi.ProviderResource) {
  const logGroups = [controlPlaneLogGroup(prefix), containerLogGroups(prefix), flowLogGroup(prefix)];
  return {
    secretsKey: createEncryptionKey(
      'secrets-key',
      { ...account, alias: `${prefix}-secrets`, description: `Kubernetes Secrets of ${prefix}` },
      { provider },
    ),
    dataKey: createEncryptionKey(
      'data-key',
      {
        ...account,
        alias: `${prefix}-data`,
        description: `Logs, images and alarms of ${prefix}`,
        users: [logsMayUse(account, logGroups), alarmsMayUse(account)],
      },
      { provider },
    ),
  };
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
