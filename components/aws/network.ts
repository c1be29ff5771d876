import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import { throwIfAny, type Problem } from '../validation';
import { regionalArn, type Account } from './account';
import { createLogGroup } from './logs';
import { networkSpec, type NetworkSettings } from './network-spec';
import { policyDocument, trustService } from './policy';
import { createRole } from './role';

export interface NetworkArgs extends NetworkSettings, Account {
  /** Begins the physical names. */
  prefix: string;
  /** Days for which the log of connections is kept. */
  logRetentionDays: number;
  /** Key that the log is encrypted with. */
  keyArn: pulumi.Input<string>;
  /**
   * ARN of a policy that limits what the network's role can ever do.
   * @default - none
   */
  permissionsBoundary?: string | undefined;
}

/** Log group of a network's connections. */
export const flowLogGroup = (prefix: string) => `/aws/vpc/${prefix}`;

/** The subnets that a load balancer may stand in, by whether the internet reaches it. Controllers look for these tags. */
export const PUBLIC_SUBNET_TAGS = { 'kubernetes.io/role/elb': '1' };
export const PRIVATE_SUBNET_TAGS = { 'kubernetes.io/role/internal-elb': '1' };

/**
 * A network for one cluster: in each zone a private subnet for nodes and pods and a public one, where only NAT gateways and
 * load balancers stand. Its connections are logged, and its default security group lets nothing through.
 *
 * @throws InvalidArgumentsError
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  readonly publicSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    const { prefix, account, region, logRetentionDays, keyArn, permissionsBoundary, ...settings } = args;
    const problems: Problem[] = [];
    const spec = networkSpec(settings, [], problems);
    throwIfAny(`network ${JSON.stringify(name)}`, problems);
    super('shop:components:AwsNetwork', name, {}, options);

    const { vpcCidr, zones, natGateways, privateBits, publicBits } = spec!;
    const vpc = new awsx.ec2.Vpc(
      `${name}-vpc`,
      {
        cidrBlock: vpcCidr,
        numberOfAvailabilityZones: zones,
        // The private endpoint of the cluster is found by name.
        enableDnsHostnames: true,
        natGateways: { strategy: natGateways === 'per-zone' ? 'OnePerAz' : 'Single' },
        subnetStrategy: 'Auto',
        subnetSpecs: [
          { type: 'Private', cidrMask: privateBits, tags: PRIVATE_SUBNET_TAGS },
          { type: 'Public', cidrMask: publicBits, tags: PUBLIC_SUBNET_TAGS },
        ],
        // Layers of images come from S3; this way they cost nothing and do not pass a NAT gateway.
        vpcEndpointStrategy: 'Auto',
        vpcEndpointSpecs: [{ serviceName: `com.amazonaws.${region}.s3`, vpcEndpointType: 'Gateway' }],
        tags: { Name: prefix },
      },
      { parent: this },
    );
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default`,
      { vpcId: vpc.vpcId, ingress: [], egress: [] },
      { parent: this },
    );

    const logGroup = createLogGroup(
      `${name}-connections`,
      { logGroupName: flowLogGroup(prefix), retentionDays: logRetentionDays, keyArn },
      { parent: this },
    );
    const logGroupArn = regionalArn({ account, region }, 'logs', `log-group:${flowLogGroup(prefix)}`);
    const logger = createRole(
      `${name}-logger`,
      {
        roleName: `${prefix}-flow-logs`,
        description: `Writes the log of connections of ${prefix}`,
        trust: trustService('vpc-flow-logs.amazonaws.com', {
          Condition: { StringEquals: { 'aws:SourceAccount': account } },
        }),
        policies: {
          write: policyDocument([
            {
              Sid: 'Write',
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
              Resource: [logGroupArn, `${logGroupArn}:*`],
            },
            { Sid: 'Find', Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
          ]),
        },
        permissionsBoundary,
      },
      { parent: this },
    );
    new aws.ec2.FlowLog(
      `${name}-flow-log`,
      {
        vpcId: vpc.vpcId,
        trafficType: 'ALL',
        logDestinationType: 'cloud-watch-logs',
        logDestination: logGroup.arn,
        iamRoleArn: logger.role.arn,
      },
      { parent: this, dependsOn: logger.ready },
    );

    this.vpcId = vpc.vpcId;
    this.privateSubnetIds = vpc.privateSubnetIds;
    this.publicSubnetIds = vpc.publicSubnetIds;
    this.registerOutputs({
      vpcId: this.vpcId,
      privateSubnetIds: this.privateSubnetIds,
      publicSubnetIds: this.publicSubnetIds,
    });
  }
}
