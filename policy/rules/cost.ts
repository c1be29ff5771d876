// What is paid for by the hour or by the month, whether it is used or not.
import { stackRule, strings, type Resource } from '../rule';

/** Types with a price of their own, and what one is called; some create several. */
const PRICED: Record<string, string> = {
  'aws:alb/loadBalancer:LoadBalancer': 'load balancer',
  'aws:docdb/clusterInstance:ClusterInstance': 'database instance',
  'aws:ebs/volume:Volume': 'EBS volume',
  'aws:ec2/eip:Eip': 'public IPv4 address',
  'aws:ec2/instance:Instance': 'EC2 instance',
  'aws:ec2/natGateway:NatGateway': 'NAT gateway',
  'aws:ec2transitgateway/transitGateway:TransitGateway': 'transit gateway',
  'aws:eks/cluster:Cluster': 'EKS cluster',
  'aws:eks/nodeGroup:NodeGroup': 'EKS node group',
  'aws:elasticache/cluster:Cluster': 'cache',
  'aws:elasticache/replicationGroup:ReplicationGroup': 'cache',
  'aws:elb/loadBalancer:LoadBalancer': 'load balancer',
  'aws:kms/key:Key': 'KMS key',
  'aws:lb/loadBalancer:LoadBalancer': 'load balancer',
  'aws:mq/broker:Broker': 'message broker',
  'aws:opensearch/domain:Domain': 'OpenSearch domain',
  'aws:rds/clusterInstance:ClusterInstance': 'database instance',
  'aws:rds/instance:Instance': 'database instance',
  'aws:redshift/cluster:Cluster': 'Redshift cluster',
  'eks:index:Cluster': 'EKS cluster',
  'kubernetes:karpenter.sh/v1:NodePool': 'node pool',
};

/** As `awsx.ec2.Vpc` has it. */
const DEFAULT_ZONES = 3;

/** What one resource costs for, with how many of it. */
function pricedParts({ type, props }: Resource): [what: string, count: number][] {
  const own = PRICED[type];
  if (own !== undefined) return [[own, 1]];
  if (type === 'kubernetes:core/v1:Service' && props.at('spec.type').string === 'LoadBalancer')
    return [['load balancer', 1]];
  if (type === 'aws:ec2/vpcEndpoint:VpcEndpoint' && props.get('vpcEndpointType').string === 'Interface')
    return [['interface endpoint', 1]];
  if (type === 'awsx:ec2:Vpc') {
    const strategy = props.at('natGateways.strategy');
    const zones = props.get('numberOfAvailabilityZones');
    if (strategy.isUnknown || zones.isUnknown || strategy.string === 'None') return [];
    return [['NAT gateway', strategy.string === 'Single' ? 1 : (zones.number ?? DEFAULT_ZONES)]];
  }
  return [];
}

const plural = (count: number, what: string) =>
  count === 1 ? `1 ${what}` : `${String(count)} ${what}${what.endsWith('s') ? 'es' : 's'}`;

export const costBearing = stackRule<{ ignored: readonly string[] }>({
  name: 'cost-bearing-resources',
  level: 'advisory',
  description: 'Lists resources that are billed by the hour or month, whether or not they are used.',
  remedy: "Check that each is needed; prices are in the cloud provider's calculator",
  settings: { ignored: strings('Kinds of resources not to list, such as "KMS key"', []) },
  checkStack: (resources, { ignored }) => {
    const counts = new Map<string, number>();
    // What a component of another package creates is listed beside it in a preview: its cluster must not count twice.
    const isPart = ({ type, urn }: Resource) =>
      type.startsWith('aws:eks/cluster') && urn.includes('eks:index:Cluster$');
    for (const [what, count] of resources.filter((one) => !isPart(one)).flatMap(pricedParts)) {
      if (!ignored.includes(what)) counts.set(what, (counts.get(what) ?? 0) + count);
    }
    const list = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => plural(count, what));
    return list.length === 0 ? [] : [{ path: '', problem: list.join(', ') }];
  },
});
