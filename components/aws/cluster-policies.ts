import { policyDocument, type Statement } from './policy';

/** AWS's own policies for what Auto Mode does: nodes, volumes, load balancers, their network. */
export const CLUSTER_POLICIES = [
  'AmazonEKSClusterPolicy',
  'AmazonEKSComputePolicy',
  'AmazonEKSBlockStoragePolicy',
  'AmazonEKSLoadBalancingPolicy',
  'AmazonEKSNetworkingPolicy',
];

/** Joining the cluster, handing out Pod Identity's credentials, and pulling images. Nothing else. */
export const NODE_POLICIES = ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'];

const OF_THIS_CLUSTER = {
  'aws:RequestTag/eks:eks-cluster-name': '${aws:PrincipalTag/eks:eks-cluster-name}',
};

/**
 * Lets Auto Mode put tags of ours on what it makes by itself, which the policies above do not: without them instances,
 * volumes and load balancers would carry no cost tags. Only in requests that are for this cluster.
 */
export function tagWhatAutoModeMakes(): string {
  const statement = (
    Sid: string,
    Action: string[],
    tags: readonly string[] = [],
    Resource: string | string[] = '*',
  ): Statement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
    Condition: {
      StringEquals: OF_THIS_CLUSTER,
      ...(tags.length === 0
        ? {}
        : { StringLike: Object.fromEntries(tags.map((tag) => [`aws:RequestTag/eks:${tag}`, '*'])) }),
    },
  });
  return policyDocument([
    statement(
      'Nodes',
      ['ec2:CreateFleet', 'ec2:RunInstances', 'ec2:CreateLaunchTemplate'],
      ['kubernetes-node-class-name', 'kubernetes-node-pool-name'],
    ),
    statement(
      'Volumes',
      ['ec2:CreateVolume', 'ec2:CreateSnapshot'],
      [],
      ['arn:aws:ec2:*:*:volume/*', 'arn:aws:ec2:*:*:snapshot/*'],
    ),
    statement('Interfaces', ['ec2:CreateNetworkInterface'], ['kubernetes-cni-node-name']),
    statement('LoadBalancers', [
      'elasticloadbalancing:CreateLoadBalancer',
      'elasticloadbalancing:CreateTargetGroup',
      'elasticloadbalancing:CreateListener',
      'elasticloadbalancing:CreateRule',
      'ec2:CreateSecurityGroup',
    ]),
  ]);
}
