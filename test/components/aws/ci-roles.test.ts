import { ciNames, type CiSettings } from '../../../components/aws/ci-names';
import { rolePlans } from '../../../components/aws/ci-roles';
import { trustGitHub } from '../../../components/aws/ci-policies';
import { MAX_INLINE_POLICIES, policyDocument, type Statement } from '../../../components/aws/policy';
import { CI_KEYS as keys, CI_NAMES as names, CI_SETTINGS as settings } from '../../support/ci';
import { allowedActions, allows } from '../../support/iam';

const plans = rolePlans(names);
type RoleName = keyof typeof plans;
const ROLES = Object.keys(plans) as RoleName[];
const statements = (role: RoleName): Statement[] => Object.values(plans[role].policies).flatMap((of) => of(keys));
const trustOf = (role: RoleName) => trustGitHub(names, plans[role].trusted);

const GITHUB = 'token.actions.githubusercontent.com';
const run = (sub: string, aud = 'sts.amazonaws.com') => ({
  action: 'sts:AssumeRoleWithWebIdentity',
  resource: 'role',
  context: { [`${GITHUB}:aud`]: aud, [`${GITHUB}:sub`]: sub },
});
const RUNS = {
  'a pull request': 'repo:example/shop:pull_request',
  'the environment of plans': 'repo:example/shop:environment:plan',
  'the main branch': 'repo:example/shop:ref:refs/heads/main',
  'another branch': 'repo:example/shop:ref:refs/heads/other',
  'the environment of the application': 'repo:example/shop:environment:prod',
  'the environment of the cluster': 'repo:example/shop:environment:prod-cluster',
  'another environment': 'repo:example/shop:environment:production',
  'a pull request of another repository': 'repo:example/shop2:pull_request',
  'the environment of another repository': 'repo:evil/shop:environment:prod',
};

describe('who takes a role on', () => {
  it.each<[RoleName, (keyof typeof RUNS)[]]>([
    ['preview', ['a pull request', 'the environment of plans']],
    ['deploy', ['the environment of the application']],
    ['infrastructure', ['the environment of the cluster']],
  ])('%s: %j, and nothing else', (role, expected) => {
    const taken = Object.entries(RUNS).filter(([, sub]) => allows([trustOf(role)], run(sub)));
    expect(taken.map(([kind]) => kind)).toEqual(expected);
  });

  describe('once tokens have the numbers of owner and repository', () => {
    const NUMBERED = {
      'with the numbers': 'repo:example@2002/shop@1001:environment:prod',
      'without them': 'repo:example/shop:environment:prod',
      'with those of another owner': 'repo:example@2003/shop@1001:environment:prod',
      'with those of another repository': 'repo:example@2002/shop@1002:environment:prod',
      // As an early announcement had them. This is what a repository "shop-1001" of an owner "example-2002" has without numbers.
      'with hyphens': 'repo:example-2002/shop-1001:environment:prod',
    };
    const taken = (more: Partial<CiSettings>) => {
      const numbered = ciNames({ ...settings, repositoryId: '1001', repositoryOwnerId: '2002', ...more }, [], [])!;
      const statement = trustGitHub(numbered, rolePlans(numbered).deploy.trusted);
      return Object.entries(NUMBERED).flatMap(([kind, sub]) => (allows([statement], run(sub)) ? [kind] : []));
    };

    it('both forms are taken', () => expect(taken({})).toEqual(['with the numbers', 'without them']));

    it('the one without them is not, if it is not to be', () =>
      expect(taken({ trustRepositoryName: false })).toEqual(['with the numbers']));
  });

  it.each(ROLES)('%s is compared without wildcards', (role) => {
    expect(Object.keys(trustOf(role).Condition!)).toEqual(['StringEquals']);
    expect(JSON.stringify(trustOf(role).Condition)).not.toMatch(/[*?]/);
  });

  it.each(ROLES)('%s needs a token that was made for AWS', (role) => {
    for (const sub of Object.values(RUNS)) expect(allows([trustOf(role)], run(sub, 'api://other'))).toBe(false);
  });
});

describe('what a role may do', () => {
  const bucket = 'arn:aws:s3:::shop-pulumi-state-123456789012-eu-central-1';
  const state = (stack: string) => `${bucket}/.pulumi/stacks/shop/${stack}.json.gz`;
  const lock = (stack: string) => `${bucket}/.pulumi/locks/organization/shop/${stack}/1.json`;
  const secret = (action: string, stack: string) => ({
    action,
    resource: keys.secretsKeyArn,
    context: { 'kms:EncryptionContext:stack': stack },
  });

  it('preview only looks: it has no action that changes anything', () => {
    const looking = /^(\w+:(Describe|List|Get|BatchGet|BatchCheck)|kms:Decrypt$)/;
    expect(allowedActions(statements('preview')).filter((action) => !looking.test(action))).toEqual([]);
  });

  it('preview reads no data but the state of its stacks and their images', () => {
    for (const action of ['s3:GetObject', 'secretsmanager:GetSecretValue', 'logs:GetLogEvents', 'ssm:GetParameter']) {
      expect(allows(statements('preview'), { action, resource: 'arn:aws:s3:::customers/data' })).toBe(false);
    }
  });

  it.each<[RoleName, string[], string[]]>([
    ['preview', ['prod', 'prod-cluster'], []],
    ['deploy', ['prod', 'prod-cluster'], ['prod']],
    ['infrastructure', ['prod-cluster'], ['prod-cluster']],
  ])('%s reads the state and secrets of %j and writes those of %j', (role, read, written) => {
    const stacks = ['prod', 'prod-cluster', 'bootstrap', 'prod2', 'staging'];
    const may = (request: (stack: string) => Parameters<typeof allows>[1]) =>
      stacks.filter((stack) => allows(statements(role), request(stack)));
    expect(may((stack) => ({ action: 's3:GetObject', resource: state(stack) }))).toEqual(read);
    expect(may((stack) => secret('kms:Decrypt', stack))).toEqual(read);
    expect(may((stack) => ({ action: 's3:PutObject', resource: state(stack) }))).toEqual(written);
    expect(may((stack) => ({ action: 's3:PutObject', resource: lock(stack) }))).toEqual(written);
    expect(may((stack) => ({ action: 's3:DeleteObject', resource: lock(stack) }))).toEqual(written);
    expect(may((stack) => secret('kms:Encrypt', stack))).toEqual(written);
  });

  /** What the CLI asks of S3, recorded with 3.259.0 and a server that plays S3; the names of a run's own files are shortened. */
  const ASKED = {
    preview: [
      's3:GetObject meta.yaml',
      's3:GetObject stacks/shop/STACK.json',
      // Not there as a rule. S3 says so only to who may read it.
      's3:GetObject stacks/shop/STACK.pulumi-tags',
    ],
    up: [
      's3:GetObject locks/organization/shop/STACK/1.json',
      's3:PutObject locks/organization/shop/STACK/1.json',
      's3:DeleteObject locks/organization/shop/STACK/1.json',
      's3:PutObject stacks/shop/STACK.json',
      's3:PutObject stacks/shop/STACK.json.bak',
      's3:PutObject backups/shop/STACK/STACK.1.json',
      's3:PutObject history/shop/STACK/STACK-1.history.json',
      's3:PutObject history/shop/STACK/STACK-1.checkpoint.json',
    ],
  };

  it.each<[RoleName, string, (keyof typeof ASKED)[]]>([
    ['preview', 'prod', ['preview']],
    ['preview', 'prod-cluster', ['preview']],
    ['deploy', 'prod', ['preview', 'up']],
    ['infrastructure', 'prod-cluster', ['preview', 'up']],
  ])('%s may ask for what Pulumi asks for in a bucket: %s, %j', (role, stack, commands) => {
    expect(allows(statements(role), { action: 's3:ListBucket', resource: bucket })).toBe(true);
    const refused = commands
      .flatMap((command) => ASKED[command])
      .filter((line) => {
        const [action, key] = line.replaceAll('STACK', stack).split(' ') as [string, string];
        return !allows(statements(role), { action, resource: `${bucket}/.pulumi/${key}` });
      });
    expect(refused).toEqual([]);
  });

  it.each(ROLES)('%s decrypts nothing that was encrypted without naming its stack', (role) =>
    expect(allows(statements(role), { action: 'kms:Decrypt', resource: keys.secretsKeyArn })).toBe(false),
  );

  it.each(ROLES)('%s neither changes nor deletes the keys, the bucket, the roles for CI and the boundary', (role) => {
    const tagged = { 'aws:ResourceTag/Project': 'shop', 'aws:ResourceTag/Stack': 'bootstrap' };
    for (const resource of Object.values(keys)) {
      for (const action of ['kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy', 'kms:TagResource', 'kms:CreateGrant']) {
        const context = { ...tagged, 'aws:RequestTag/Project': 'shop', 'aws:RequestTag/Stack': 'prod-cluster' };
        expect(allows(statements(role), { action, resource, context })).toBe(false);
      }
    }
    expect(allows(statements(role), { action: 's3:DeleteBucket', resource: bucket })).toBe(false);
    expect(allows(statements(role), { action: 's3:PutBucketPolicy', resource: bucket })).toBe(false);
    const context = { 'iam:PermissionsBoundary': 'arn:aws:iam::123456789012:policy/shop-boundary' };
    for (const action of ['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:PassRole']) {
      const resource = 'arn:aws:iam::123456789012:role/shop-ci-deploy';
      expect(allows(statements(role), { action, resource, context })).toBe(false);
    }
    for (const action of ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion', 'iam:DeletePolicy']) {
      const resource = 'arn:aws:iam::123456789012:policy/shop-boundary';
      expect(allows(statements(role), { action, resource })).toBe(false);
    }
  });

  it.each<[RoleName, string]>([
    ['deploy', 'arn:aws:iam::123456789012:role/shop-prod-pod-order'],
    ['infrastructure', 'arn:aws:iam::123456789012:role/shop-prod-cluster-nodes'],
  ])('%s makes roles such as %s only within the boundary', (role, resource) => {
    for (const action of ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy']) {
      const within = (policy: string) => ({ context: { 'iam:PermissionsBoundary': policy } });
      expect(
        allows(statements(role), { action, resource, ...within('arn:aws:iam::123456789012:policy/shop-boundary') }),
      ).toBe(true);
      expect(
        allows(statements(role), { action, resource, ...within('arn:aws:iam::aws:policy/AdministratorAccess') }),
      ).toBe(false);
      expect(allows(statements(role), { action, resource })).toBe(false);
    }
    expect(allows(statements(role), { action: 'iam:DeleteRolePermissionsBoundary', resource })).toBe(false);
  });

  it.each<[RoleName, string, string[]]>([
    ['deploy', 'arn:aws:iam::123456789012:role/shop-prod-pod-order', ['pods.eks.amazonaws.com']],
    [
      'infrastructure',
      'arn:aws:iam::123456789012:role/shop-prod-cluster-nodes',
      ['ec2.amazonaws.com', 'eks.amazonaws.com', 'pods.eks.amazonaws.com', 'vpc-flow-logs.amazonaws.com'],
    ],
  ])('%s hands roles such as %s to %j only', (role, resource, services) => {
    const all = [...services, 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'glue.amazonaws.com'];
    const passed = all.filter((service) =>
      allows(statements(role), { action: 'iam:PassRole', resource, context: { 'iam:PassedToService': service } }),
    );
    expect(passed).toEqual(services);
  });

  it('deploy pushes to repositories of the project, and deletes no image', () => {
    const repository = (name: string) => `arn:aws:ecr:eu-central-1:123456789012:repository/${name}`;
    expect(allows(statements('deploy'), { action: 'ecr:PutImage', resource: repository('shop/database') })).toBe(true);
    expect(allows(statements('deploy'), { action: 'ecr:PutImage', resource: repository('other/database') })).toBe(
      false,
    );
    expect(allowedActions(statements('deploy')).filter((action) => /^ecr:.*Delete/.test(action))).toEqual([]);
    expect(allows(statements('preview'), { action: 'ecr:PutImage', resource: repository('shop/database') })).toBe(
      false,
    );
  });

  it('deploy changes nothing of the cluster itself', () => {
    const resource = 'arn:aws:eks:eu-central-1:123456789012:cluster/shop-prod-cluster';
    for (const action of ['eks:DeleteCluster', 'eks:UpdateClusterConfig', 'eks:CreateAccessEntry']) {
      expect(allows(statements('deploy'), { action, resource })).toBe(false);
      expect(allows(statements('infrastructure'), { action, resource })).toBe(true);
      expect(allows(statements('infrastructure'), { action, resource: `${resource}2` })).toBe(false);
    }
  });

  it('infrastructure works in its own region only', () => {
    const request = (region: string) => ({
      action: 'ec2:CreateVpc',
      resource: '*',
      context: { 'aws:RequestedRegion': region },
    });
    expect(allows(statements('infrastructure'), request('eu-central-1'))).toBe(true);
    expect(allows(statements('infrastructure'), request('us-east-1'))).toBe(false);
    for (const action of ['ec2:RunInstances', 'lambda:CreateFunction', 'iam:CreateUser', 'iam:CreateAccessKey']) {
      expect(allows(statements('infrastructure'), { ...request('eu-central-1'), action })).toBe(false);
    }
  });

  it.each(ROLES)('%s fits into the room that IAM has for it, also with the longest names', (role) => {
    const long = 'a'.repeat(20);
    const longest = { ...names, project: long, applicationStack: long, clusterStack: `${'b'.repeat(19)}c` };
    const size = Object.values(rolePlans(longest)[role].policies)
      .map((of) => policyDocument(of(keys)).length)
      .reduce((sum, length) => sum + length, 0);
    expect(size).toBeLessThanOrEqual(MAX_INLINE_POLICIES);
  });
});
