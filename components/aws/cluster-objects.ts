import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';

export interface ClusterObjectsArgs {
  kubeconfig: pulumi.Input<string>;
  /** Role of the nodes. */
  nodeRoleName: pulumi.Input<string>;
  /** Where nodes may be. */
  privateSubnetIds: pulumi.Input<string[]>;
  /** Security group of nodes and control plane. */
  securityGroupId: pulumi.Input<string>;
  architecture: 'amd64' | 'arm64';
  /** Most virtual processors of all nodes of the pool together. */
  maxVcpus: number;
  /** Tags of nodes and volumes, which no Pulumi provider makes and tags. */
  tags: Readonly<Record<string, string>>;
}

/** Name of the pool of nodes, and of their class. */
export const NODE_POOL = 'workloads';
/** Name of the class of encrypted volumes, the cluster's default. */
export const STORAGE_CLASS = 'encrypted';
/** Name of the ingress class: Application Load Balancers of Auto Mode. */
export const INGRESS_CLASS = 'alb';
/** Class of Services that get a Network Load Balancer of Auto Mode. */
export const LOAD_BALANCER_CLASS = 'eks.amazonaws.com/nlb';
/**
 * Label of a namespace whose pods count as ready only when their load balancer finds them healthy. It is Auto Mode's own: the
 * label of the load balancer controller that one installs oneself does nothing here.
 */
export const READINESS_GATE_LABEL = 'eks.amazonaws.com/pod-readiness-gate-inject';

/** Generation of instances that nodes are newer than. */
const OLDER_GENERATION = '4';

/**
 * What Auto Mode needs inside the cluster: enforcement of network policies, which is off unless a ConfigMap turns it on; a
 * pool of nodes; a class of encrypted volumes, since Auto Mode comes with none; and an ingress class.
 */
export class ClusterObjects extends pulumi.ComponentResource {
  /** Where nodes come from: pods find no place before it exists. */
  readonly nodes: pulumi.Resource;

  constructor(name: string, args: ClusterObjectsArgs, options?: pulumi.ComponentResourceOptions) {
    super('shop:components:AwsClusterObjects', name, {}, options);
    const provider = new kubernetes.Provider(
      `${name}-provider`,
      { kubeconfig: args.kubeconfig },
      { parent: this, ...(options?.dependsOn === undefined ? {} : { dependsOn: options.dependsOn }) },
    );
    const inCluster = { parent: this, provider };

    new kubernetes.core.v1.ConfigMap(
      `${name}-network-policies`,
      {
        metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
        data: { 'enable-network-policy-controller': 'true' },
      },
      inCluster,
    );
    const nodeClass = new kubernetes.apiextensions.CustomResource(
      `${name}-node-class`,
      {
        apiVersion: 'eks.amazonaws.com/v1',
        kind: 'NodeClass',
        metadata: { name: NODE_POOL },
        spec: {
          role: args.nodeRoleName,
          subnetSelectorTerms: pulumi.output(args.privateSubnetIds).apply((ids) => ids.map((id) => ({ id }))),
          securityGroupSelectorTerms: [{ id: args.securityGroupId }],
          // Pods without a policy may connect, such as those of kube-system; applications deny by a policy of their own.
          networkPolicy: 'DefaultAllow',
          networkPolicyEventLogs: 'Enabled',
          tags: args.tags,
        },
      },
      inCluster,
    );
    this.nodes = new kubernetes.apiextensions.CustomResource(
      `${name}-node-pool`,
      {
        apiVersion: 'karpenter.sh/v1',
        kind: 'NodePool',
        metadata: { name: NODE_POOL },
        spec: nodePool(args),
      },
      { ...inCluster, dependsOn: [nodeClass] },
    );
    new kubernetes.storage.v1.StorageClass(
      `${name}-storage-class`,
      {
        metadata: { name: STORAGE_CLASS, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'ebs.csi.eks.amazonaws.com',
        // A volume is made in the zone where its pod has found a place.
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
        reclaimPolicy: 'Delete',
        parameters: { type: 'gp3', encrypted: 'true', ...volumeTags(args.tags) },
      },
      inCluster,
    );
    const ingressParameters = new kubernetes.apiextensions.CustomResource(
      `${name}-ingress-parameters`,
      {
        apiVersion: 'eks.amazonaws.com/v1',
        kind: 'IngressClassParams',
        metadata: { name: INGRESS_CLASS },
        spec: { scheme: 'internet-facing', tags: Object.entries(args.tags).map(([key, value]) => ({ key, value })) },
      },
      inCluster,
    );
    new kubernetes.networking.v1.IngressClass(
      `${name}-ingress-class`,
      {
        metadata: { name: INGRESS_CLASS },
        spec: {
          controller: 'eks.amazonaws.com/alb',
          parameters: { apiGroup: 'eks.amazonaws.com', kind: 'IngressClassParams', name: INGRESS_CLASS },
        },
      },
      { ...inCluster, dependsOn: [ingressParameters] },
    );
    this.registerOutputs({});
  }
}

/** A pool of nodes on demand: Auto Mode chooses their sizes, and packs pods onto fewer when there is room. */
export function nodePool({ architecture, maxVcpus }: Pick<ClusterObjectsArgs, 'architecture' | 'maxVcpus'>) {
  return {
    template: {
      spec: {
        nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: NODE_POOL },
        requirements: [
          { key: 'kubernetes.io/arch', operator: 'In', values: [architecture] },
          { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
          { key: 'eks.amazonaws.com/instance-category', operator: 'In', values: ['c', 'm', 'r'] },
          { key: 'eks.amazonaws.com/instance-generation', operator: 'Gt', values: [OLDER_GENERATION] },
        ],
      },
    },
    disruption: {
      consolidationPolicy: 'WhenEmptyOrUnderutilized',
      consolidateAfter: '5m',
      // One node at a time, however few there are.
      budgets: [{ nodes: '1' }],
    },
    limits: { cpu: String(maxVcpus) },
  };
}

/** Tags as the driver of volumes takes them: numbered parameters. */
export function volumeTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value], index) => [`tagSpecification_${index + 1}`, `${key}=${value}`]),
  );
}
