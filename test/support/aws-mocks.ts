import type { Computed } from './deployment';

/** What AWS, the plugins' components and the cluster would compute. */
const nothing = () => ({});
const arn = (service: string, kind: string) => (name: string) => ({
  arn: `arn:aws:${service}:eu-central-1:123456789012:${kind}${name}`,
});

export const AWS: Computed = {
  'pulumi:providers:aws': nothing,
  'pulumi:providers:kubernetes': nothing,

  // The two components that awsx and eks make in their plugins: one registration each, and the outputs that are used.
  'awsx:ec2:Vpc': (name) => ({
    vpcId: `${name}-id`,
    privateSubnetIds: ['private-1', 'private-2', 'private-3'],
    publicSubnetIds: ['public-1', 'public-2', 'public-3'],
  }),
  'awsx:ecr:Repository': (_name, { name: repository }) => ({
    url: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${String(repository)}`,
  }),
  'eks:index:Cluster': () => ({ kubeconfigJson: '{"kind":"Config"}', clusterSecurityGroupId: 'sg-cluster' }),

  'aws:cloudwatch/logGroup:LogGroup': arn('logs', 'log-group:'),
  'aws:cloudwatch/metricAlarm:MetricAlarm': nothing,
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': nothing,
  'aws:ec2/flowLog:FlowLog': nothing,
  'aws:eks/addon:Addon': nothing,
  'aws:eks/podIdentityAssociation:PodIdentityAssociation': nothing,
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider': nothing,
  'aws:iam/policy:Policy': (_name, { name }) => ({ arn: `arn:aws:iam::123456789012:policy/${String(name)}` }),
  'aws:iam/role:Role': (_name, { name }) => ({ arn: `arn:aws:iam::123456789012:role/${String(name)}` }),
  'aws:iam/rolePolicy:RolePolicy': nothing,
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': nothing,
  'aws:kms/alias:Alias': nothing,
  'aws:kms/key:Key': (name) => ({ keyId: `${name}-id`, ...arn('kms', 'key/')(name) }),
  'aws:s3/bucket:Bucket': nothing,
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': nothing,
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': nothing,
  'aws:s3/bucketPolicy:BucketPolicy': nothing,
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': nothing,
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': nothing,
  'aws:s3/bucketVersioning:BucketVersioning': nothing,
  'aws:sns/topic:Topic': arn('sns', ''),
  'aws:sns/topicSubscription:TopicSubscription': nothing,
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': nothing,

  'kubernetes:core/v1:ConfigMap': nothing,
  'kubernetes:eks.amazonaws.com/v1:IngressClassParams': nothing,
  'kubernetes:eks.amazonaws.com/v1:NodeClass': nothing,
  'kubernetes:karpenter.sh/v1:NodePool': nothing,
  'kubernetes:networking.k8s.io/v1:IngressClass': nothing,
  'kubernetes:storage.k8s.io/v1:StorageClass': nothing,
};
