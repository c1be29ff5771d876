import { boundary } from '../../../components/aws/boundary';
import { MAX_MANAGED_POLICY, policyDocument } from '../../../components/aws/policy';
import { CI_KEYS as keys, CI_NAMES as names } from '../../support/ci';
import { allows } from '../../support/iam';

describe('the boundary', () => {
  const limits = boundary(names, keys);
  const may = (action: string, resource = '*') => allows(limits, { action, resource });

  it('leaves a role what the cluster and pods need', () => {
    for (const action of [
      'ec2:RunInstances',
      'elasticloadbalancing:CreateLoadBalancer',
      's3:GetObject',
      'kms:Decrypt',
      'iam:CreateInstanceProfile',
      'iam:PassRole',
      'iam:CreateServiceLinkedRole',
    ]) {
      expect([action, may(action)]).toEqual([action, true]);
    }
  });

  it('lets no role give itself or others more rights', () => {
    for (const action of [
      'iam:CreateUser',
      'iam:CreateAccessKey',
      'iam:CreateRole',
      'iam:AttachRolePolicy',
      'iam:PutRolePolicy',
      'iam:PutRolePermissionsBoundary',
      'iam:DeleteRolePermissionsBoundary',
      'iam:UpdateAssumeRolePolicy',
      'iam:CreatePolicyVersion',
      'iam:SetDefaultPolicyVersion',
      'iam:AddUserToGroup',
      'iam:UpdateLoginProfile',
      'iam:CreateOpenIDConnectProvider',
      'sts:AssumeRole',
      'organizations:LeaveOrganization',
    ]) {
      expect([action, may(action)]).toEqual([action, false]);
    }
  });

  it('keeps every role away from the state and the keys of CI', () => {
    const bucket = 'arn:aws:s3:::shop-pulumi-state-123456789012-eu-central-1';
    expect(may('s3:GetObject', `${bucket}/.pulumi/stacks/shop/prod.json`)).toBe(false);
    expect(may('s3:DeleteBucket', bucket)).toBe(false);
    for (const key of Object.values(keys)) expect(may('kms:Decrypt', key)).toBe(false);
  });

  it('fits into a managed policy', () => expect(policyDocument(limits).length).toBeLessThanOrEqual(MAX_MANAGED_POLICY));
});
