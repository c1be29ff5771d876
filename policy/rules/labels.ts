// Tags and labels by which costs are divided and things are found.
import { labelsOf, hasUnknownLabels } from '../metadata';
import { resourceRule, strings, type Resource } from '../rule';
import { DOCKER_CONTAINER, DOCKER_SERVICE, podSpecOf } from '../workloads';

/** Types of AWS that are on the bill or hold rights, and take tags. */
const TAGGED = new Set(
  [
    ['alb', 'loadBalancer'],
    ['cloudwatch', 'logGroup', 'metricAlarm'],
    ['docdb', 'cluster'],
    ['dynamodb', 'table'],
    ['ebs', 'volume'],
    [
      'ec2',
      'eip',
      'flowLog',
      'instance',
      'internetGateway',
      'launchTemplate',
      'natGateway',
      'securityGroup',
      'subnet',
      'vpc',
      'vpcEndpoint',
    ],
    ['ecr', 'repository'],
    ['ecs', 'cluster', 'service', 'taskDefinition'],
    ['efs', 'fileSystem'],
    ['eks', 'addon', 'cluster', 'nodeGroup', 'podIdentityAssociation'],
    ['elasticache', 'cluster', 'replicationGroup'],
    ['elb', 'loadBalancer'],
    ['iam', 'openIdConnectProvider', 'policy', 'role', 'user'],
    ['kms', 'key'],
    ['lambda', 'function'],
    ['lb', 'loadBalancer', 'targetGroup'],
    ['mq', 'broker'],
    ['opensearch', 'domain'],
    ['rds', 'cluster', 'clusterInstance', 'instance'],
    ['redshift', 'cluster'],
    ['s3', 'bucket', 'bucketV2'],
    ['secretsmanager', 'secret'],
    ['sns', 'topic'],
    ['sqs', 'queue'],
  ].flatMap(([module, ...names]) =>
    names.map((name) => `aws:${module!}/${name}:${name[0]!.toUpperCase()}${name.slice(1)}`),
  ),
);

/** Names of the tags that a resource gets, with those of its provider; undefined if they are not known. */
function tagNames(resource: Resource): Set<string> | undefined {
  const { props, provider } = resource;
  const fromProvider = provider?.get('defaultTags').json().get('tags');
  if ([props.get('tags'), props.get('tagsAll'), fromProvider].some((tags) => tags?.isUnknown)) return undefined;
  return new Set([...labelsOf(resource).keys(), ...(fromProvider?.entries() ?? []).map(([name]) => name)]);
}

export const requiredTags = resourceRule<{ tags: readonly string[] }>({
  name: 'required-tags',
  level: 'mandatory',
  description:
    'Billable AWS resources, network resources and IAM entities have the required tags, so that costs and owners can be identified.',
  remedy: 'Set them once for all resources, with `defaultTags` of the AWS provider',
  settings: { tags: strings('Required tags', ['Project', 'Stack', 'ManagedBy']) },
  check: (resource, { tags }) => {
    if (!TAGGED.has(resource.type)) return [];
    const given = tagNames(resource);
    const missing = given === undefined ? [] : tags.filter((tag) => !given.has(tag));
    return missing.length === 0 ? [] : [{ path: 'tags', problem: `must include ${missing.join(', ')}` }];
  },
});

export const requiredLabels = resourceRule<{ labels: readonly string[] }>({
  name: 'required-labels',
  level: 'advisory',
  description: 'Workloads on Docker and Kubernetes have the labels that identify their application.',
  remedy: 'Add the labels; on Kubernetes, to `metadata.labels`',
  settings: { labels: strings('Required labels', ['app.kubernetes.io/name', 'app.kubernetes.io/part-of']) },
  check: (resource, { labels }) => {
    const runs = [DOCKER_CONTAINER, DOCKER_SERVICE].includes(resource.type) || podSpecOf(resource) !== undefined;
    if (!runs || hasUnknownLabels(resource)) return [];
    const given = labelsOf(resource);
    const missing = labels.filter((label) => !given.has(label));
    const path = resource.type.startsWith('kubernetes:') ? 'metadata.labels' : 'labels';
    return missing.length === 0 ? [] : [{ path, problem: `must include ${missing.join(', ')}` }];
  },
});
