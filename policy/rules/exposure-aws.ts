// What the internet reaches on AWS.
import { resourceRule, shown, type Finding, type Resource } from '../rule';
import { GATEWAY_LABEL } from '../settings';
import type { Value } from '../value';
import { isGateway } from './exposure';

const remedy = (label: string) =>
  `Make it private, or limit it to the CIDR blocks that may connect; tag resources of the gateway \`${label}\``;

const ANYWHERE = ['0.0.0.0/0', '::/0'];

/** Values that are the whole internet. */
const anywhere = (values: readonly Value[]) =>
  values.filter(({ string }) => string !== undefined && ANYWHERE.includes(string));

const cidrsOf = (rule: Value) => [
  ...['cidrBlocks', 'ipv6CidrBlocks'].flatMap((name) => rule.get(name).items()),
  ...['cidrIpv4', 'cidrIpv6'].map((name) => rule.get(name)),
];

const opened = (values: readonly Value[]): Finding[] =>
  values.map((value) => ({ path: value.path, problem: `${shown(value)} is the whole internet` }));

const switchedOn = (value: Value): Finding[] =>
  value.isTrue ? [{ path: value.path, problem: 'true is not allowed; must be false' }] : [];

/** Where a type says that the internet reaches it. */
const PUBLIC: Record<string, (props: Value) => Finding[]> = {
  'aws:ec2/securityGroup:SecurityGroup': (props) => opened(anywhere(props.get('ingress').items().flatMap(cidrsOf))),
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': (props) =>
    opened(anywhere(props.get('ingress').items().flatMap(cidrsOf))),
  'aws:ec2/securityGroupRule:SecurityGroupRule': (props) =>
    props.get('type').string === 'ingress' ? opened(anywhere(cidrsOf(props))) : [],
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': (props) => opened(anywhere(cidrsOf(props))),
  'aws:ec2/instance:Instance': (props) => switchedOn(props.get('associatePublicIpAddress')),
  'aws:rds/instance:Instance': (props) => switchedOn(props.get('publiclyAccessible')),
  'aws:rds/clusterInstance:ClusterInstance': (props) => switchedOn(props.get('publiclyAccessible')),
  'aws:redshift/cluster:Cluster': (props) => switchedOn(props.get('publiclyAccessible')),
  'aws:mq/broker:Broker': (props) => switchedOn(props.get('publiclyAccessible')),
  'aws:lb/loadBalancer:LoadBalancer': loadBalancer,
  'aws:alb/loadBalancer:LoadBalancer': loadBalancer,
  'aws:elb/loadBalancer:LoadBalancer': loadBalancer,
  'awsx:lb:ApplicationLoadBalancer': loadBalancer,
  'awsx:lb:NetworkLoadBalancer': loadBalancer,
  'aws:eks/cluster:Cluster': (props) => endpoint(props.get('vpcConfig'), 'endpointPublicAccess', 'publicAccessCidrs'),
  'eks:index:Cluster': (props) => endpoint(props, 'endpointPublicAccess', 'publicAccessCidrs'),
  'aws:s3/bucket:Bucket': bucket,
  'aws:s3/bucketV2:BucketV2': bucket,
  'aws:s3/bucketAcl:BucketAcl': bucket,
  'aws:s3/bucketAclV2:BucketAclV2': bucket,
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': (props) =>
    ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets']
      .map((name) => props.get(name))
      .filter((value) => value.isOff)
      .map((value) => ({
        path: value.path,
        problem: `${value.isAbsent ? 'is not set' : 'false is not allowed'}; must be true`,
      })),
  'aws:lambda/functionUrl:FunctionUrl': (props) => {
    const kind = props.get('authorizationType');
    return kind.string === 'NONE' ? [{ path: kind.path, problem: '"NONE" is not allowed; must be "AWS_IAM"' }] : [];
  },
};

function loadBalancer(props: Value): Finding[] {
  const internal = props.get('internal');
  return internal.isOff ? [{ path: internal.path, problem: 'the load balancer is internet-facing; must be true' }] : [];
}

function bucket(props: Value): Finding[] {
  const acl = props.get('acl');
  return /^(public-|authenticated-read)/.test(acl.string ?? '')
    ? [{ path: acl.path, problem: `${shown(acl)} is not allowed; must be "private"` }]
    : [];
}

/** EKS opens the endpoint to the internet where nothing else is said. */
function endpoint(settings: Value, access: string, cidrs: string): Finding[] {
  const open = settings.get(access);
  const from = settings.get(cidrs);
  if (open.isUnknown || from.isUnknown || (open.isSet && open.isOff)) return [];
  if (from.items().length === 0)
    return [{ path: from.path, problem: 'without CIDR blocks, the endpoint is open to the whole internet' }];
  return opened(anywhere(from.items()));
}

export const noPublicEndpointsOnAws = resourceRule<{ gatewayLabel: string }>({
  name: 'no-public-aws-endpoints',
  level: 'mandatory',
  description:
    'On AWS, no security group, instance, load balancer, database, message broker, bucket, function URL or cluster endpoint is open to the internet, except resources tagged as the gateway.',
  remedy: remedy(GATEWAY_LABEL.default),
  settings: { gatewayLabel: GATEWAY_LABEL },
  check: (resource: Resource, { gatewayLabel }) =>
    isGateway(resource, gatewayLabel)
      ? []
      : (PUBLIC[resource.type]?.(resource.props) ?? []).map((finding) => ({
          ...finding,
          remedy: remedy(gatewayLabel),
        })),
});
