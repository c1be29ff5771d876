import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { regionalArn, type Account } from './account';
import { createAlarms } from './alarms';
import type { ClusterHandle } from './cluster';
import { createLogGroup } from './logs';
import { PodIdentity } from './pod-identity';
import type { Statement } from './policy';

export interface ObservabilityArgs {
  cluster: ClusterHandle;
  /** What the agents' pods get their nodes from. */
  nodes: pulumi.Resource;
  logRetentionDays: number;
  /** Key that logs and alarms are encrypted with. */
  keyArn: pulumi.Input<string>;
  /**
   * Address that alarms go to; it has to confirm once.
   * @default - nobody: the alarms are to be seen in the console only
   */
  alarmEmail?: string | undefined;
  /**
   * ARN of a policy that limits what the agent's role can ever do.
   * @default - none
   */
  permissionsBoundary?: string | undefined;
}

const ADDON = 'amazon-cloudwatch-observability';
/** What autoscalers measure by; Auto Mode comes without it. */
const METRICS_ADDON = 'metrics-server';
const CONFLICTS = { resolveConflictsOnCreate: 'OVERWRITE', resolveConflictsOnUpdate: 'OVERWRITE' };
/** Where the add-on runs its agents, and as whom. The names are its own. */
const NAMESPACE = 'amazon-cloudwatch';
const SERVICE_ACCOUNT = 'cloudwatch-agent';

/** Where the add-on writes: containers' output, the nodes' services, the nodes' system, measurements. */
const STREAMS = ['application', 'dataplane', 'host', 'performance'];

/** Begins the names of the log groups of containers. */
export const containerLogGroups = (clusterName: string) => `/aws/containerinsights/${clusterName}/`;

/**
 * Logs of all containers and metrics of the cluster in CloudWatch, kept for a time and encrypted; alarms for what a person
 * should look at; and the measurements that autoscalers go by.
 */
export class Observability extends pulumi.ComponentResource {
  /** Topic that alarms go to. */
  readonly alarmTopicArn: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityArgs, options?: pulumi.ComponentResourceOptions) {
    super('shop:components:AwsObservability', name, {}, options);
    const { cluster, nodes, logRetentionDays, keyArn, alarmEmail, permissionsBoundary } = args;
    const logGroups = STREAMS.map((stream) =>
      createLogGroup(
        `${name}-${stream}`,
        {
          logGroupName: containerLogGroups(cluster.clusterName) + stream,
          retentionDays: logRetentionDays,
          keyArn,
        },
        { parent: this },
      ),
    );
    const identity = new PodIdentity(
      `${name}-agent`,
      {
        cluster,
        namespace: NAMESPACE,
        serviceAccount: SERVICE_ACCOUNT,
        roleName: `${cluster.clusterName}-observability`,
        statements: agentPermissions(cluster),
        permissionsBoundary,
      },
      { parent: this },
    );
    new aws.eks.Addon(
      `${name}-addon`,
      {
        clusterName: cluster.clusterName,
        addonName: ADDON,
        ...CONFLICTS,
        configurationValues: JSON.stringify({
          containerLogs: { enabled: true },
          // It would put agents of its own into every Java and Python container.
          manager: { applicationSignals: { autoMonitor: { monitorAllServices: false } } },
        }),
      },
      { parent: this, dependsOn: [cluster.created, nodes, ...logGroups, ...identity.ready] },
    );
    new aws.eks.Addon(
      `${name}-autoscaling`,
      { clusterName: cluster.clusterName, addonName: METRICS_ADDON, ...CONFLICTS },
      { parent: this, dependsOn: [cluster.created, nodes] },
    );
    this.alarmTopicArn = createAlarms(`${name}-alarms`, { cluster, keyArn, alarmEmail }, { parent: this }).arn;
    this.registerOutputs({ alarmTopicArn: this.alarmTopicArn });
  }
}

/**
 * What the agents need of what AWS's `CloudWatchAgentServerPolicy` gives: writing into log groups that exist, and metrics in
 * their own namespace. They cannot make a log group, which would keep everything for ever.
 */
export function agentPermissions(cluster: Account & { clusterName: string }): Statement[] {
  const logGroup = regionalArn(cluster, 'logs', `log-group:${containerLogGroups(cluster.clusterName)}`);
  return [
    {
      Sid: 'WriteLogs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      Resource: STREAMS.flatMap((stream) => [`${logGroup}${stream}`, `${logGroup}${stream}:*`]),
    },
    {
      Sid: 'WriteMetrics',
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': ['ContainerInsights', 'CWAgent'] } },
    },
    {
      Sid: 'LookUp',
      Effect: 'Allow',
      Action: ['ec2:DescribeVolumes', 'ec2:DescribeTags', 'logs:DescribeLogGroups'],
      Resource: '*',
    },
  ];
}
