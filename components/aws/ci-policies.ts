import { iamArn, regionalArn } from './account';
import { boundaryArn, stackPrefix, stateBucketName, type CiNames } from './ci-names';
import type { Statement } from './policy';

/** Keys of the bootstrap stack. */
export interface CiKeys {
  stateKeyArn: string;
  secretsKeyArn: string;
}

export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/** What a run of GitHub Actions must be for a role to be its own. */
export type Trusted = { pullRequests: true } | { environment: string };

/**
 * `sub` of the tokens of a kind of run: with the numbers of owner and repository behind their names, as GitHub writes it for
 * repositories made since July 2026, and without, as it does for older ones.
 */
export function subjectsOf({ repository, ids, trustRepositoryName }: CiNames, trusted: Trusted): string[] {
  const [owner, name] = repository.split('/');
  const numbered = ids && `${owner}@${ids.owner}/${name}@${ids.repository}`;
  const run = 'environment' in trusted ? `environment:${trusted.environment}` : 'pull_request';
  return [...(numbered ? [numbered] : []), ...(trustRepositoryName ? [repository] : [])].map(
    (repo) => `repo:${repo}:${run}`,
  );
}

/**
 * Trust in GitHub's tokens: issued for AWS, to one repository, for exactly these kinds of runs. Compared as they are, without
 * wildcards. Runs of forks get no token.
 */
export function trustGitHub(names: CiNames, trusted: readonly Trusted[]): Statement {
  return {
    Sid: 'TrustGitHub',
    Effect: 'Allow',
    Principal: { Federated: iamArn(names, `oidc-provider/${GITHUB_ISSUER}`) },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: {
        [`${GITHUB_ISSUER}:aud`]: 'sts.amazonaws.com',
        [`${GITHUB_ISSUER}:sub`]: trusted.flatMap((run) => subjectsOf(names, run)),
      },
    },
  };
}

/** Reading the state of some stacks and their secrets. */
export function readState(
  names: CiNames,
  { stateKeyArn, secretsKeyArn }: CiKeys,
  stacks: readonly string[],
): Statement[] {
  const bucket = `arn:aws:s3:::${stateBucketName(names)}`;
  return [
    { Sid: 'FindState', Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: bucket },
    {
      Sid: 'ReadState',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: [
        `${bucket}/.pulumi/meta.yaml`,
        ...stacks.flatMap((stack) => stateObjects(bucket, names.project, stack)),
      ],
    },
    { Sid: 'OpenState', Effect: 'Allow', Action: 'kms:Decrypt', Resource: stateKeyArn },
    {
      Sid: 'ReadSecrets',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: secretsKeyArn,
      Condition: { StringEquals: { 'kms:EncryptionContext:stack': [...stacks] } },
    },
  ];
}

/** Writing the state of one stack and its secrets, and locking it. */
export function writeState(names: CiNames, { stateKeyArn, secretsKeyArn }: CiKeys, stack: string): Statement[] {
  const bucket = `arn:aws:s3:::${stateBucketName(names)}`;
  return [
    {
      Sid: 'WriteState',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:DeleteObject'],
      Resource: stateObjects(bucket, names.project, stack),
    },
    { Sid: 'SealState', Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: stateKeyArn },
    {
      Sid: 'WriteSecrets',
      Effect: 'Allow',
      Action: 'kms:Encrypt',
      Resource: secretsKeyArn,
      Condition: { StringEquals: { 'kms:EncryptionContext:stack': stack } },
    },
  ];
}

/**
 * Where Pulumi keeps what belongs to one stack. `<stack>.json*` are the state, its compressed forms and its last backup. The file
 * with its tags need not exist, but S3 answers "forbidden" instead of "not found" to whoever may not read it.
 */
function stateObjects(bucket: string, project: string, stack: string): string[] {
  return [
    `stacks/${project}/${stack}.json*`,
    `stacks/${project}/${stack}.pulumi-tags`,
    `history/${project}/${stack}/*`,
    `backups/${project}/${stack}/*`,
    `locks/organization/${project}/${stack}/*`,
  ].map((path) => `${bucket}/.pulumi/${path}`);
}

/** Asking for a token of the cluster's API. What the API then allows is said by the cluster's access entries. */
export function reachCluster(names: CiNames): Statement {
  return {
    Sid: 'ReachCluster',
    Effect: 'Allow',
    Action: 'eks:DescribeCluster',
    Resource: regionalArn(names, 'eks', `cluster/${stackPrefix(names.project, names.clusterStack)}`),
  };
}

/** Looking at what the stacks made, as a preview and a search for drift do. Descriptions only, no data. */
export function lookAtEverything({ region }: CiNames): Statement {
  return {
    Sid: 'Look',
    Effect: 'Allow',
    Action: [
      'cloudwatch:DescribeAlarms',
      'cloudwatch:ListTagsForResource',
      'ec2:Describe*',
      'ecr:DescribeRepositories',
      'ecr:GetLifecyclePolicy',
      'ecr:ListTagsForResource',
      'eks:Describe*',
      'eks:List*',
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:ListAttachedRolePolicies',
      'iam:ListRolePolicies',
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'kms:GetKeyRotationStatus',
      'kms:ListAliases',
      'kms:ListResourceTags',
      'logs:DescribeLogGroups',
      'logs:ListTagsForResource',
      'sns:GetSubscriptionAttributes',
      'sns:GetTopicAttributes',
      'sns:ListTagsForResource',
    ],
    Resource: '*',
    // IAM's endpoint is in us-east-1, wherever the stacks are.
    Condition: { StringEquals: { 'aws:RequestedRegion': [...new Set([region, 'us-east-1'])] } },
  };
}

const PULL = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:DescribeImages',
  'ecr:GetDownloadUrlForLayer',
];
const PUSH = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

/** Pulling the project's images, and looking whether there is one of a tag. */
export function pullImages(names: CiNames): Statement[] {
  return [
    { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    { Sid: 'PullImages', Effect: 'Allow', Action: PULL, Resource: imagesOf(names) },
  ];
}

/** Pushing the project's images. No deletion: a tag that exists is final. */
export function pushImages(names: CiNames): Statement {
  return { Sid: 'PushImages', Effect: 'Allow', Action: PUSH, Resource: imagesOf(names) };
}

function imagesOf(names: CiNames): string {
  return regionalArn(names, 'ecr', `repository/${names.project}/*`);
}

/** Giving pods of the application roles, each within the boundary. */
export function managePodRoles(names: CiNames): Statement[] {
  const cluster = stackPrefix(names.project, names.clusterStack);
  return [
    ...manageRoles(names, `${stackPrefix(names.project, names.applicationStack)}-pod-*`, ['pods.eks.amazonaws.com']),
    {
      Sid: 'AssociateRoles',
      Effect: 'Allow',
      Action: ['eks:CreatePodIdentityAssociation', 'eks:ListPodIdentityAssociations'],
      Resource: regionalArn(names, 'eks', `cluster/${cluster}`),
    },
    {
      Sid: 'KeepAssociations',
      Effect: 'Allow',
      Action: [
        'eks:DeletePodIdentityAssociation',
        'eks:DescribePodIdentityAssociation',
        'eks:TagResource',
        'eks:UpdatePodIdentityAssociation',
      ],
      Resource: regionalArn(names, 'eks', `podidentityassociation/${cluster}/*`),
    },
  ];
}

/** Making and changing roles of some names: only such as have the boundary, which is the only policy of all that limits them. */
export function manageRoles(names: CiNames, pattern: string, passedTo: readonly string[]): Statement[] {
  const roles = iamArn(names, `role/${pattern}`);
  return [
    {
      Sid: 'MakeBoundedRoles',
      Effect: 'Allow',
      Action: [
        'iam:AttachRolePolicy',
        'iam:CreateRole',
        'iam:DeleteRolePolicy',
        'iam:DetachRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
      ],
      Resource: roles,
      Condition: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(names) } },
    },
    {
      Sid: 'KeepRoles',
      Effect: 'Allow',
      Action: [
        'iam:DeleteRole',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListInstanceProfilesForRole',
        'iam:ListRolePolicies',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
      Resource: roles,
    },
    {
      Sid: 'PassRoles',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: roles,
      Condition: { StringEquals: { 'iam:PassedToService': [...passedTo] } },
    },
  ];
}
