import * as aws from '@pulumi/aws';
import * as eks from '@pulumi/eks';
import * as pulumi from '@pulumi/pulumi';
import { throwIfAny, type Problem } from '../validation';
import { regionalArn, type Account } from './account';
import { CLUSTER_POLICIES, NODE_POLICIES, tagWhatAutoModeMakes } from './cluster-policies';
import { clusterSpec, type ClusterSettings } from './cluster-spec';
import { createLogGroup } from './logs';
import { SERVICE_CIDR } from './network-spec';
import { trustService } from './policy';
import { createRole } from './role';

export interface ClusterArgs extends ClusterSettings, Account {
  /** Physical name of the cluster; begins the names of what belongs to it. */
  clusterName: string;
  vpcId: pulumi.Input<string>;
  /** Subnets of the nodes and of the control plane's own interfaces. */
  privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Key that encrypts Kubernetes Secrets. */
  secretsKeyArn: pulumi.Input<string>;
  /** Key that encrypts the control plane's log. */
  logsKeyArn: pulumi.Input<string>;
  /**
   * ARN of a policy that limits what the cluster's roles can ever do.
   * @default - none
   */
  permissionsBoundary?: string | undefined;
}

/** What other components need of a cluster. */
export interface ClusterHandle extends Account {
  /** Physical name. */
  readonly clusterName: string;
  readonly clusterArn: string;
  /** What exists once the cluster does; who needs the cluster depends on it. */
  readonly created: pulumi.Resource;
}

/** Log group of a cluster's control plane. The name is EKS's. */
export const controlPlaneLogGroup = (clusterName: string) => `/aws/eks/${clusterName}/cluster`;

/** Everything that the control plane can log. */
const CONTROL_PLANE_LOGS = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];

const HTTPS = 443;

/**
 * An EKS cluster in Auto Mode: AWS runs the control plane, the nodes, their network, volumes and load balancers. Nodes are in
 * private subnets, Secrets are encrypted with a key of one's own, everything is logged, and only access entries let anybody
 * in. The API has a private endpoint; a public one only for the blocks that are named.
 *
 * @throws InvalidArgumentsError
 */
export class Cluster extends pulumi.ComponentResource implements ClusterHandle {
  readonly account: string;
  readonly region: string;
  readonly clusterName: string;
  readonly clusterArn: string;
  readonly created: pulumi.Resource;
  /** Secret. Asks `aws eks get-token` for a token, with the credentials of whoever uses it. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Security group of nodes and control plane. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Role of the nodes. */
  readonly nodeRoleName: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    const { clusterName, vpcId, privateSubnetIds, secretsKeyArn, logsKeyArn, permissionsBoundary, ...rest } = args;
    const { account, region, ...settings } = rest;
    const problems: Problem[] = [];
    const spec = clusterSpec({ account, region }, settings, [], problems)!;
    throwIfAny(`cluster ${JSON.stringify(name)}`, problems);
    super('shop:components:AwsCluster', name, {}, options);

    const parent = { parent: this };
    const logGroup = createLogGroup(
      `${name}-control-plane`,
      {
        logGroupName: controlPlaneLogGroup(clusterName),
        retentionDays: spec.logRetentionDays,
        keyArn: logsKeyArn,
      },
      parent,
    );
    const control = createRole(
      `${name}-control`,
      {
        roleName: `${clusterName}-control`,
        description: `What EKS does for ${clusterName}`,
        trust: trustService('eks.amazonaws.com', { Action: ['sts:AssumeRole', 'sts:TagSession'] }),
        managedPolicies: CLUSTER_POLICIES,
        policies: { tags: tagWhatAutoModeMakes() },
        permissionsBoundary,
      },
      parent,
    );
    const nodes = createRole(
      `${name}-nodes`,
      {
        roleName: `${clusterName}-nodes`,
        description: `Nodes of ${clusterName}: they join it and pull images`,
        trust: trustService('ec2.amazonaws.com'),
        managedPolicies: NODE_POLICIES,
        permissionsBoundary,
      },
      parent,
    );
    const cluster = new eks.Cluster(
      `${name}-eks`,
      {
        name: clusterName,
        version: spec.kubernetesVersion,
        // At the end of standard support AWS upgrades, instead of charging six times as much.
        upgradePolicy: { supportType: 'STANDARD' },
        authenticationMode: 'API',
        accessEntries: accessEntries(spec.access),
        vpcId,
        // Load balancers find the public subnets by their tags; nodes must not find them.
        privateSubnetIds,
        kubernetesServiceIpAddressRange: SERVICE_CIDR,
        endpointPrivateAccess: true,
        endpointPublicAccess: spec.publicApiCidrs.length > 0,
        ...(spec.publicApiCidrs.length > 0 ? { publicAccessCidrs: spec.publicApiCidrs } : {}),
        serviceRole: control.role,
        autoMode: {
          enabled: true,
          createNodeRole: false,
          // Nodes for add-ons only; those for workloads come from a pool with our tags and bounds.
          computeConfig: { nodePools: ['system'], nodeRoleArn: nodes.role.arn },
        },
        // Every node of Auto Mode answers DNS by itself.
        corednsAddonOptions: { enabled: false },
        encryptionConfigKeyArn: secretsKeyArn,
        enabledClusterLogTypes: CONTROL_PLANE_LOGS,
        deletionProtection: spec.deletionProtection,
      },
      { parent: this, dependsOn: [logGroup, ...control.ready, ...nodes.ready] },
    );
    for (const [index, block] of spec.privateApiCidrs.entries()) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-api-${index}`,
        {
          securityGroupId: cluster.clusterSecurityGroupId,
          description: 'The private endpoint of the API',
          cidrIpv4: block,
          ipProtocol: 'tcp',
          fromPort: HTTPS,
          toPort: HTTPS,
        },
        parent,
      );
    }

    this.account = account;
    this.region = region;
    this.clusterName = clusterName;
    this.clusterArn = regionalArn({ account, region }, 'eks', `cluster/${clusterName}`);
    this.created = cluster;
    this.kubeconfig = pulumi.secret(cluster.kubeconfigJson);
    this.securityGroupId = cluster.clusterSecurityGroupId;
    this.nodeRoleName = nodes.role.name;
    this.registerOutputs({ clusterName, kubeconfig: this.kubeconfig });
  }
}

function accessEntries(access: Readonly<Record<string, { principalArn: string; policy: string }>>) {
  return Object.fromEntries(
    Object.entries(access).map(([name, { principalArn, policy }]) => [
      name,
      {
        principalArn,
        accessPolicies: {
          [policy]: {
            policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`,
            accessScope: { type: 'cluster' },
          },
        },
      },
    ]),
  );
}
