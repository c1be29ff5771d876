import { stateBucketName, type CiNames } from './ci-names';
import type { CiKeys } from './ci-policies';
import type { Statement } from './policy';

/**
 * What a role can do at most that CI makes for the cluster or for pods, whatever policies it is given: anything but giving
 * itself or others more rights, taking on other roles, and reading or changing what CI itself stands on.
 */
export function boundary(names: CiNames, { stateKeyArn, secretsKeyArn }: CiKeys): Statement[] {
  const bucket = `arn:aws:s3:::${stateBucketName(names)}`;
  return [
    { Sid: 'AtMost', Effect: 'Allow', Action: '*', Resource: '*' },
    {
      Sid: 'NoMoreRights',
      Effect: 'Deny',
      Action: [
        'iam:*AccessKey*',
        'iam:*Group*',
        'iam:*LoginProfile*',
        'iam:*MFADevice*',
        'iam:*OpenIDConnectProvider*',
        'iam:*PolicyVersion*',
        'iam:*SAMLProvider*',
        'iam:*User*',
        'iam:Attach*',
        'iam:CreatePolicy',
        'iam:CreateRole',
        'iam:DeletePolicy',
        'iam:DeleteRole*',
        'iam:Detach*',
        'iam:Put*',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole*',
        'account:*',
        'organizations:*',
      ],
      Resource: '*',
    },
    { Sid: 'NoOtherRoles', Effect: 'Deny', Action: 'sts:AssumeRole*', Resource: '*' },
    { Sid: 'NoState', Effect: 'Deny', Action: 's3:*', Resource: [bucket, `${bucket}/*`] },
    { Sid: 'NoStateKeys', Effect: 'Deny', Action: 'kms:*', Resource: [stateKeyArn, secretsKeyArn] },
  ];
}
