import * as pulumi from '@pulumi/pulumi';
import type { Identity } from '../components';
import { regionalArn } from '../components/aws/account';
import { suggest, throwIfAny, type Problem } from '../components/validation';
import { PUSHED_IMAGES } from './image-bases';
import { joinCluster, readKubeconfig, type JoinedCluster } from './joined-cluster';
import { deployShop, inspectHost, type ClusterShopArgs, type KubernetesHost, type Preparation } from './kubernetes';
import type { ShopSettings } from './shop-settings';

/** What pods may do in AWS, by service or job. Each entry allows some actions on some resources. */
export type PodPermissions = Record<string, { actions: string[]; resources: string[] }[]>;

export interface EksStackArgs extends ShopSettings {
  /** The stack that made the cluster: `prod-cluster`, or `organization/project/stack`. */
  clusterStack: string;
  namespace?: string | undefined;
  /** Further labels of the namespace. */
  namespaceLabels: Record<string, string>;
  /** Whether the load balancer answers the internet, or the network of the cluster only. */
  internetFacing: boolean;
  /** ARN of the certificate with which the load balancer ends TLS. */
  certificate?: string | undefined;
  /** Secret with which the gateway ends TLS instead. */
  tlsSecret?: string | undefined;
  host?: string | undefined;
  /** CIDRs of proxies in front of the load balancer that may say who the client is. */
  trustedProxies: string[];
  /** Services with a proxy of their own. */
  serviceProxies: string[];
  /** Further annotations for the load balancer. */
  loadBalancerAnnotations: Record<string, string>;
  podPermissions: PodPermissions;
  /** Name of the IAM policy that limits every role. */
  permissionsBoundary?: string | undefined;
  /** Tags beside `Project`, `Stack` and `ManagedBy`. */
  costTags: Record<string, string>;
}

/** What a deployment finds in the cluster and on this machine. */
export type Inspect = (config: EksStackArgs, identity: Identity, cluster: JoinedCluster) => Promise<KubernetesHost>;

/** The shop on the cluster of another stack: joins that stack, looks at the cluster, and deploys. */
export async function deployToEks(
  config: EksStackArgs,
  identity: Identity,
  inspect: Inspect = inspectCluster,
): Promise<Record<string, unknown>> {
  checkEntrance(config);
  const cluster = await joinCluster(config.clusterStack);
  checkCluster(config, cluster);
  const args = shopArgs(config, identity, cluster);
  return deployShop(args, identity, await inspect(config, identity, cluster), podRoles(config, identity, cluster));
}

const inspectCluster: Inspect = async (config, identity, cluster) => {
  const { KubeConfig } = await import('@kubernetes/client-node');
  return inspectHost(config, identity, readKubeconfig(new KubeConfig(), cluster), connectionOf(cluster));
};

/** What the stack's configuration leaves open, the cluster decides. */
function shopArgs(config: EksStackArgs, identity: Identity, cluster: JoinedCluster): ClusterShopArgs {
  const { clusterStack: _stack, internetFacing: _scheme, podPermissions, ...rest } = config;
  return {
    ...rest,
    registry: cluster.registry,
    architecture: cluster.platform === 'linux/arm64' ? 'arm64' : 'amd64',
    storageClass: cluster.storageClass,
    // Nodes may pull from the account's own registry.
    pullSecrets: [],
    // A pod is ready only when the load balancer finds it healthy, so an update does not outrun it.
    namespaceLabels: { ...config.namespaceLabels, [cluster.readinessGateLabel]: 'enabled' },
    dnsCidrs: [`${cluster.dnsAddress}/32`],
    nodesOnDemand: true,
    exposure: 'LoadBalancer',
    loadBalancerClass: cluster.loadBalancerClass,
    loadBalancerAnnotations: { ...config.loadBalancerAnnotations, ...loadBalancer(config, identity, cluster) },
    reaches: Object.fromEntries(Object.keys(podPermissions).map((member) => [member, reachAws(cluster)])),
  };
}

/** How the provider reaches the cluster. The kubeconfig is content, not a path, and a secret wherever it goes. */
export function connectionOf({ kubeconfig }: JoinedCluster) {
  return { kubeconfig: pulumi.secret(kubeconfig) };
}

const ANNOTATION = 'service.beta.kubernetes.io/aws-load-balancer-';

/** The network load balancer of Auto Mode, in front of the gateway's pods. */
function loadBalancer(
  { internetFacing, costTags }: EksStackArgs,
  { project, stack }: Identity,
  cluster: JoinedCluster,
): Record<string, string> {
  const tags = { ...cluster.costTags, ...costTags, Project: project, Stack: stack };
  const annotations = {
    scheme: internetFacing ? 'internet-facing' : 'internal',
    // Pods themselves, not nodes: only then does readiness wait for the load balancer.
    'nlb-target-type': 'ip',
    // The sender is the client. The load balancer's security groups say who may be one, and nodes let in no other.
    'target-group-attributes': 'preserve_client_ip.enabled=true',
    // There are fewer gateway pods than zones: without it a zone whose pod leaves would have none.
    attributes: 'load_balancing.cross_zone.enabled=true',
    'additional-resource-tags': Object.entries(tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(),
  };
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [ANNOTATION + name, value]));
}

/** Where EKS's agent hands out credentials, on every node. */
const CREDENTIALS = { cidr: '169.254.170.23/32', port: 80 };

/** The agent, and AWS's endpoints, which have no fixed addresses; not what else is in the cluster's network. */
function reachAws({ vpcCidr }: JoinedCluster) {
  return [CREDENTIALS, { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', vpcCidr], port: 443 }];
}

function podRoles(config: EksStackArgs, { project, stack }: Identity, cluster: JoinedCluster): Preparation {
  return async (namespace, members) => {
    const permissions = config.podPermissions;
    const unknown = Object.keys(permissions).filter((member) => !members.includes(member));
    throwIfAny(
      "the stack's configuration",
      unknown.map((member) => ({
        path: `podPermissions.${member}`,
        allowed: `there is no such service or job; ${suggest(member, members)}`,
      })),
    );
    if (Object.keys(permissions).length === 0) return [];
    const { createPodRoles } = await import('./pod-roles');
    const { account, region, clusterName, reference } = cluster;
    return createPodRoles({
      cluster: {
        account,
        region,
        clusterName,
        clusterArn: regionalArn({ account, region }, 'eks', `cluster/${clusterName}`),
        created: reference,
      },
      project,
      stack,
      namespace,
      permissions,
      permissionsBoundary: config.permissionsBoundary,
      tags: config.costTags,
    });
  };
}

/** What can be said of the load balancer before the cluster is known. */
function checkEntrance({ internetFacing, certificate, tlsSecret, loadBalancerAnnotations }: EksStackArgs): void {
  const problems: Problem[] = [];
  if (internetFacing && certificate === undefined && tlsSecret === undefined) {
    problems.push({
      path: 'certificate',
      allowed: 'is missing; a load balancer that answers the internet needs TLS',
      fix: 'give the ARN of a certificate of ACM, or a tlsSecret, or set internetFacing to false',
    });
  }
  const settled = ['scheme', 'nlb-target-type', 'target-group-attributes', 'attributes', 'additional-resource-tags'];
  for (const name of settled.map((one) => ANNOTATION + one).filter((one) => one in loadBalancerAnnotations)) {
    problems.push({
      path: `loadBalancerAnnotations["${name}"]`,
      value: loadBalancerAnnotations[name],
      allowed: 'follows from other keys and from the cluster',
    });
  }
  throwIfAny("the stack's configuration", problems);
}

/** What only the cluster's own stack knows. */
function checkCluster({ certificate, clusterStack }: EksStackArgs, cluster: JoinedCluster): void {
  const problems: Problem[] = [];
  const place = regionalArn(cluster, 'acm', 'certificate/');
  if (certificate !== undefined && !certificate.startsWith(place)) {
    problems.push({
      path: 'certificate',
      value: certificate,
      allowed: `must be in the account and region of the cluster: ${place}…`,
    });
  }
  for (const image of PUSHED_IMAGES.filter((name) => !(name in cluster.repositories))) {
    problems.push({
      path: 'clusterStack',
      value: clusterStack,
      allowed: `has no repository for the image ${image}`,
      fix: `npx pulumi up --stack ${clusterStack}`,
    });
  }
  throwIfAny("the stack's configuration", problems);
}
