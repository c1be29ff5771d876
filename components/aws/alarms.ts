import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { ClusterHandle } from './cluster';

export interface AlarmsArgs {
  cluster: ClusterHandle;
  keyArn: pulumi.Input<string>;
  alarmEmail?: string | undefined;
}

/** When a measurement is a reason to look. Five minutes in a row, unless said otherwise. */
interface Rule {
  /** For whoever gets the message: what it means and where to look. */
  description: string;
  metric: { namespace: string; metricName: string } | { query: string };
  statistic?: 'Maximum' | 'Sum';
  above?: number;
  below?: number;
  minutes?: number;
  /** What silence means. */
  missing?: 'notBreaching' | 'breaching';
}

const CONTAINERS = 'ContainerInsights';
const CONTROL_PLANE = 'AWS/EKS';
const MINUTE = 60;

/** The rules by the last part of their alarm's name. */
export const ALARM_RULES: Readonly<Record<string, Rule>> = {
  'failed-nodes': {
    description: 'A node is not well. Auto Mode replaces it; if this lasts, look at `kubectl describe nodes`.',
    metric: { namespace: CONTAINERS, metricName: 'cluster_failed_node_count' },
    above: 0,
  },
  'crashing-pods': {
    description: 'A container fails again and again. `kubectl get pods -A` names it, its log group says why.',
    metric: { namespace: CONTAINERS, metricName: 'pod_container_status_waiting_reason_crash_loop_back_off' },
    above: 0,
  },
  'pods-without-a-place': {
    description: 'Pods find no node: look at their events, and whether the pool of nodes is at its limit.',
    metric: { namespace: CONTROL_PLANE, metricName: 'scheduler_pending_pods_UNSCHEDULABLE' },
    statistic: 'Sum',
    above: 0,
    // A new node takes a minute or two.
    minutes: 10,
  },
  'api-server-errors': {
    description: 'The API of the cluster fails with 5xx. Look at the control plane log and the AWS health dashboard.',
    metric: { namespace: CONTROL_PLANE, metricName: 'apiserver_request_total_5XX' },
    statistic: 'Sum',
    above: 10,
  },
  'unhealthy-gateway': {
    description: 'A network load balancer of this region finds replicas behind it unhealthy.',
    // Auto Mode makes the load balancer, so its name is not known here.
    metric: { query: 'SELECT MAX(UnHealthyHostCount) FROM SCHEMA("AWS/NetworkELB", LoadBalancer, TargetGroup)' },
    above: 0,
  },
  'no-metrics': {
    description: 'No node is reported: either there is none, or the agents are down and the alarms above are blind.',
    metric: { namespace: CONTAINERS, metricName: 'cluster_node_count' },
    below: 1,
    minutes: 15,
    missing: 'breaching',
  },
};

/** Creates the alarms of a cluster, and the encrypted topic that they go to. */
export function createAlarms(
  name: string,
  { cluster, keyArn, alarmEmail }: AlarmsArgs,
  options: pulumi.CustomResourceOptions,
): aws.sns.Topic {
  const topic = new aws.sns.Topic(
    `${name}-topic`,
    { name: `${cluster.clusterName}-alarms`, kmsMasterKeyId: keyArn },
    options,
  );
  if (alarmEmail !== undefined) {
    new aws.sns.TopicSubscription(
      `${name}-email`,
      { topic: topic.arn, protocol: 'email', endpoint: alarmEmail },
      options,
    );
  }
  for (const [alarm, rule] of Object.entries(ALARM_RULES)) {
    new aws.cloudwatch.MetricAlarm(
      `${name}-${alarm}`,
      {
        name: `${cluster.clusterName}-${alarm}`,
        alarmActions: [topic.arn],
        okActions: [topic.arn],
        ...alarmArgs(rule, cluster.clusterName),
      },
      options,
    );
  }
  return topic;
}

/** A rule as the provider takes it. */
export function alarmArgs(rule: Rule, clusterName: string) {
  const minutes = rule.minutes ?? 5;
  const watched =
    'query' in rule.metric
      ? { metricQueries: [{ id: 'watched', expression: rule.metric.query, period: MINUTE, returnData: true }] }
      : {
          ...rule.metric,
          dimensions: { ClusterName: clusterName },
          statistic: rule.statistic ?? 'Maximum',
          period: MINUTE,
        };
  return {
    alarmDescription: rule.description,
    ...watched,
    comparisonOperator: rule.below === undefined ? 'GreaterThanThreshold' : 'LessThanThreshold',
    threshold: rule.below ?? rule.above ?? 0,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: rule.missing ?? 'notBreaching',
  };
}
