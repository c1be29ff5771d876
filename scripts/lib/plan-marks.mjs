// What deserves a second look in a change: marks for a plan. Pure.
import { callerLines, contentOf, followsContent, routeLines } from './preview-summary.mjs';

/** Marks in the order in which they are shown, with what each means. */
export const MARKS = {
  policies: 'new violation of a mandatory rule',
  replaces: 'a resource is deleted and recreated',
  unknown: 'a resource may be replaced; what its provider does is not known here',
  deletes: 'a resource is deleted',
  data: 'storage: volumes, buckets, encryption keys, mounts',
  exposure: 'who can connect: routes, published ports, load balancers, network policies, endpoints',
  rights: 'permissions: IAM, RBAC, users, capabilities, service account tokens',
  cost: 'replicas, requests, nodes, NAT gateways, load balancers, storage',
};

const DATA_TYPES = [
  'kubernetes:core/v1:PersistentVolumeClaim',
  'aws:s3/bucket:Bucket',
  'aws:s3/bucketVersioning:BucketVersioning',
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
  'aws:kms/key:Key',
];
const EXPOSURE_TYPES = [
  'kubernetes:networking.k8s.io/v1:Ingress',
  'kubernetes:networking.k8s.io/v1:NetworkPolicy',
  'docker:index/network:Network',
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
  'aws:s3/bucketPolicy:BucketPolicy',
];
const RIGHTS_TYPES = [/^aws:iam\//, /^aws:eks\/podIdentityAssociation:/, /^kubernetes:rbac\./, /:ServiceAccount$/];
const COST_TYPES = [
  'kubernetes:autoscaling/v2:HorizontalPodAutoscaler',
  'kubernetes:karpenter.sh/v1:NodePool',
  'awsx:ec2:Vpc',
  'eks:index:Cluster',
];
/** Their number is what costs. */
const COUNTED_TYPES = ['aws:cloudwatch/metricAlarm:MetricAlarm', 'aws:kms/key:Key'];

const DATA_FIELD = /(^|\.)(storage|mounts|volumeClaimTemplates|accessModes|storageClassName)(\.|$)/;
const EXPOSURE_FIELD =
  /(^|\.)(ports|internal|type|loadBalancerClass|loadBalancerSourceRanges|externalTrafficPolicy|endpointPublicAccess|publicAccessCidrs|hosts?)(\.|$)/;
const RIGHTS_FIELD =
  /(^|\.)(user|capabilities|capAdds|capDrops|privileged|securityContext|serviceAccountName|automountServiceAccountToken|accessEntries|authenticationMode)(\.|$)/;
const COST_FIELD =
  /(^|\.)(replicas|minReplicas|maxReplicas|reservation|requests|natGateways|numberOfAvailabilityZones|nodePools|instanceTypes|limits\.cpu)(\.|$)/;
const WHOLE = ['create', 'delete', 'replace'];
const WORKLOADS = /:(Deployment|Service)$/;

/**
 * Marks of one change of `changesOf`, in their order.
 *
 * @param change with `op`, `type`, `name`, `fields`, `before` and `after`.
 */
export function marksOf(change) {
  const found = new Set();
  const { op, type, kept } = change;
  const proxy = /-(?:volume|configuration(?:-[0-9a-f]{10})?)$/.test(change.name);
  if (op === 'replace' && !type.includes('mage:')) found.add('replaces');
  if (change.mayReplace?.length > 0) found.add('unknown');
  // Versions of files and rules come and go with what they are for, and images stay where they are.
  if (op === 'delete' && !followsContent(type) && !type.includes('mage:') && !(kept && isData(change)))
    found.add('deletes');
  if (isData(change) && !proxy) found.add('data');
  if (isExposure(change)) found.add('exposure');
  if (isRights(change)) found.add('rights');
  if (isCost(change)) found.add('cost');
  return Object.keys(MARKS).filter((mark) => found.has(mark));
}

/** After these comes a name of the user's choice, which says nothing. */
const NAMED = new Set([
  'containers',
  'initContainers',
  'volumes',
  'volumeMounts',
  'env',
  'mounts',
  'labels',
  'secrets',
  'configs',
]);
const words = (path) => path.filter((_, index) => !NAMED.has(path[index - 1])).join('.');
const some = (fields, pattern) => fields.some(({ path }) => pattern.test(words(path)));

function isData({ type, name, fields }) {
  if (DATA_TYPES.includes(type)) return true;
  if (type === 'docker:index/volume:Volume') return name.endsWith('-data');
  return /:(Service|Deployment|Job)$/.test(type) && some(fields, DATA_FIELD);
}

function isExposure({ type, op, fields, before, after }) {
  if (EXPOSURE_TYPES.includes(type)) return true;
  if (/:(ServiceConfig|ConfigMap)$/.test(type)) {
    const [from, to] = [before, after].map((inputs) => contentOf(type, inputs));
    return routeLines(from, to).length > 0 || callerLines(from, to).length > 0;
  }
  if (type === 'docker:index/service:Service') {
    const published = [before, after].some((one) => (one?.endpointSpec?.ports ?? []).length > 0);
    return published && (WHOLE.includes(op) || some(fields, /^endpointSpec/));
  }
  if (type === 'kubernetes:core/v1:Service') {
    const outside = [before, after].some((one) => one?.spec?.type !== undefined && one.spec.type !== 'ClusterIP');
    return outside && (WHOLE.includes(op) || some(fields, EXPOSURE_FIELD));
  }
  if (type === 'docker:index/container:Container') {
    const published = [before, after].some((one) => (one?.ports ?? []).length > 0);
    return published && (op === 'create' || op === 'delete' || some(fields, EXPOSURE_FIELD));
  }
  return /^(eks|awsx|aws):/.test(type) && some(fields, EXPOSURE_FIELD);
}

function isRights({ type, fields }) {
  return (
    RIGHTS_TYPES.some((pattern) => pattern.test(type)) ||
    some(fields, RIGHTS_FIELD) ||
    fields.some(({ path }) => isContainer(path))
  );
}

/** One that comes or goes as a whole, with all that it may do. */
const CONTAINERS = ['containers', 'initContainers'];
const isContainer = (path) => CONTAINERS.includes(path.at(-1)) || CONTAINERS.includes(path.at(-2));

function isCost({ type, op, fields, before, after }) {
  if (COST_TYPES.includes(type)) return true;
  if (COUNTED_TYPES.includes(type)) return op === 'create' || op === 'delete';
  if (type === 'kubernetes:core/v1:PersistentVolumeClaim') return WHOLE.includes(op) || some(fields, /storage/);
  if (type === 'kubernetes:core/v1:Service')
    return [before, after].some((one) => one?.spec?.type === 'LoadBalancer') && WHOLE.includes(op);
  return WORKLOADS.test(type) && (WHOLE.includes(op) || some(fields, COST_FIELD));
}
