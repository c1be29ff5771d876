import { iamArn, regionalArn } from './account';
import { manageRoles } from './ci-policies';
import { stackPrefix, type CiNames } from './ci-names';
import type { Statement } from './policy';

/** Making and changing the cluster's stack: network, cluster, repositories, logs, alarms, keys, and bounded roles. */
export function infrastructure(names: CiNames): Record<string, Statement[]> {
  const prefix = stackPrefix(names.project, names.clusterStack);
  return {
    network: [network(names)],
    cluster: [...cluster(names, prefix), ...serviceLinkedRoles(names)],
    roles: manageRoles(names, `${prefix}-*`, [
      'ec2.amazonaws.com',
      'eks.amazonaws.com',
      'pods.eks.amazonaws.com',
      'vpc-flow-logs.amazonaws.com',
    ]),
    rest: [...logsAndAlarms(names, prefix), repositories(names), ...keys(names)],
  };
}

/** EC2 names new things by numbers, so only the region can be held to. */
function network({ region }: CiNames): Statement {
  return {
    Sid: 'Network',
    Effect: 'Allow',
    Action: [
      'ec2:AllocateAddress',
      'ec2:AssociateRouteTable',
      'ec2:AttachInternetGateway',
      'ec2:AuthorizeSecurityGroup*',
      'ec2:CreateFlowLogs',
      'ec2:CreateInternetGateway',
      'ec2:CreateNatGateway',
      'ec2:CreateRoute',
      'ec2:CreateRouteTable',
      'ec2:CreateSubnet',
      'ec2:CreateTags',
      'ec2:CreateVpc',
      'ec2:CreateVpcEndpoint',
      'ec2:DeleteFlowLogs',
      'ec2:DeleteInternetGateway',
      'ec2:DeleteNatGateway',
      'ec2:DeleteRoute',
      'ec2:DeleteRouteTable',
      'ec2:DeleteSubnet',
      'ec2:DeleteTags',
      'ec2:DeleteVpc',
      'ec2:DeleteVpcEndpoints',
      'ec2:Describe*',
      'ec2:DetachInternetGateway',
      'ec2:DisassociateAddress',
      'ec2:DisassociateRouteTable',
      'ec2:ModifySecurityGroupRules',
      'ec2:ModifySubnetAttribute',
      'ec2:ModifyVpcAttribute',
      'ec2:ModifyVpcEndpoint',
      'ec2:ReleaseAddress',
      'ec2:ReplaceRoute',
      'ec2:RevokeSecurityGroup*',
    ],
    Resource: '*',
    Condition: { StringEquals: { 'aws:RequestedRegion': region } },
  };
}

function cluster(names: CiNames, prefix: string): Statement[] {
  return [
    {
      Sid: 'Cluster',
      Effect: 'Allow',
      Action: 'eks:*',
      Resource: ['cluster', 'addon', 'access-entry', 'podidentityassociation'].map((kind) =>
        regionalArn(names, 'eks', kind === 'cluster' ? `${kind}/${prefix}` : `${kind}/${prefix}/*`),
      ),
    },
    {
      Sid: 'ClusterLookUp',
      Effect: 'Allow',
      Action: ['eks:DescribeAddonConfiguration', 'eks:DescribeAddonVersions', 'eks:ListAccessPolicies'],
      Resource: '*',
    },
  ];
}

/** Services make these for themselves the first time that they are used in an account. */
function serviceLinkedRoles(names: CiNames): Statement[] {
  return [
    {
      Sid: 'ServiceLinkedRoles',
      Effect: 'Allow',
      Action: 'iam:CreateServiceLinkedRole',
      Resource: iamArn(names, 'role/aws-service-role/*'),
      Condition: {
        StringEquals: {
          'iam:AWSServiceName': ['eks.amazonaws.com', 'elasticloadbalancing.amazonaws.com'],
        },
      },
    },
  ];
}

function logsAndAlarms(names: CiNames, prefix: string): Statement[] {
  const groups = [`/aws/eks/${prefix}/*`, `/aws/containerinsights/${prefix}/*`, `/aws/vpc/${prefix}`];
  return [
    {
      Sid: 'Logs',
      Effect: 'Allow',
      Action: [
        'logs:AssociateKmsKey',
        'logs:CreateLogGroup',
        'logs:DeleteLogGroup',
        'logs:DisassociateKmsKey',
        'logs:ListTagsForResource',
        'logs:PutRetentionPolicy',
        'logs:TagResource',
        'logs:UntagResource',
      ],
      Resource: groups.flatMap((group) => {
        const arn = regionalArn(names, 'logs', `log-group:${group}`);
        return [arn, `${arn}:*`];
      }),
    },
    {
      Sid: 'LogsLookUp',
      Effect: 'Allow',
      Action: ['logs:DescribeLogGroups', 'logs:CreateLogDelivery', 'logs:DeleteLogDelivery'],
      Resource: '*',
    },
    {
      Sid: 'Alarms',
      Effect: 'Allow',
      Action: [
        'cloudwatch:DeleteAlarms',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:ListTagsForResource',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:TagResource',
        'cloudwatch:UntagResource',
      ],
      Resource: regionalArn(names, 'cloudwatch', `alarm:${prefix}-*`),
    },
    {
      Sid: 'Topics',
      Effect: 'Allow',
      Action: 'sns:*',
      Resource: regionalArn(names, 'sns', `${prefix}-*`),
    },
  ];
}

function repositories(names: CiNames): Statement {
  return {
    Sid: 'Repositories',
    Effect: 'Allow',
    Action: [
      'ecr:CreateRepository',
      'ecr:DeleteLifecyclePolicy',
      'ecr:DeleteRepository',
      'ecr:DescribeRepositories',
      'ecr:GetLifecyclePolicy',
      'ecr:ListTagsForResource',
      'ecr:PutImageScanningConfiguration',
      'ecr:PutImageTagMutability',
      'ecr:PutLifecyclePolicy',
      'ecr:TagResource',
      'ecr:UntagResource',
    ],
    Resource: regionalArn(names, 'ecr', `repository/${names.project}/*`),
  };
}

const ALIAS_ACTIONS = ['kms:CreateAlias', 'kms:DeleteAlias', 'kms:UpdateAlias'];

/** Keys have numbers for names: those of this stack are known by their tag, which must be on them when they are made. */
function keys(names: CiNames): Statement[] {
  const aliases = regionalArn(names, 'kms', `alias/${stackPrefix(names.project, names.clusterStack)}-*`);
  const anyKey = regionalArn(names, 'kms', 'key/*');
  const tags = { Project: names.project, Stack: names.clusterStack };
  const tagged = (kind: string) =>
    Object.fromEntries(Object.entries(tags).map(([tag, value]) => [`aws:${kind}/${tag}`, value]));
  return [
    {
      Sid: 'MakeKeys',
      Effect: 'Allow',
      Action: 'kms:CreateKey',
      Resource: '*',
      Condition: { StringEquals: tagged('RequestTag') },
    },
    {
      Sid: 'TagNewKeys',
      Effect: 'Allow',
      Action: 'kms:TagResource',
      Resource: anyKey,
      // A key that another stack has marked as its own stays out of reach.
      Condition: { StringEquals: tagged('RequestTag'), Null: { 'aws:ResourceTag/Stack': 'true' } },
    },
    { Sid: 'KeyLookUp', Effect: 'Allow', Action: 'kms:ListAliases', Resource: '*' },
    {
      Sid: 'OwnKeys',
      Effect: 'Allow',
      Action: [
        'kms:CreateGrant',
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:EnableKeyRotation',
        'kms:GenerateDataKey*',
        'kms:GetKeyPolicy',
        'kms:GetKeyRotationStatus',
        'kms:ListResourceTags',
        'kms:PutKeyPolicy',
        'kms:ScheduleKeyDeletion',
        'kms:UpdateKeyDescription',
      ],
      Resource: anyKey,
      Condition: { StringEquals: tagged('ResourceTag') },
    },
    // Both the alias and the key must be the stack's own.
    { Sid: 'Aliases', Effect: 'Allow', Action: ALIAS_ACTIONS, Resource: aliases },
    {
      Sid: 'AliasesOfOwnKeys',
      Effect: 'Allow',
      Action: ALIAS_ACTIONS,
      Resource: anyKey,
      Condition: { StringEquals: tagged('ResourceTag') },
    },
  ];
}
