import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { ClusterHandle } from '../../../components/aws/cluster';
import { PodIdentity, podIdentityProblems, type PodIdentityArgs } from '../../../components/aws/pod-identity';
import { formatProblem } from '../../../components/validation';
import { AWS } from '../../support/aws-mocks';
import { deploy } from '../../support/deployment';
import { allows, statementsOf } from '../../support/iam';
import { named, ofType } from '../../support/registrations';

const cluster = (created: pulumi.Resource): ClusterHandle => ({
  account: '123456789012',
  region: 'eu-central-1',
  clusterName: 'shop-prod-cluster',
  clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/shop-prod-cluster',
  created,
});
const args = (): Omit<PodIdentityArgs, 'cluster'> => ({
  namespace: 'shop',
  serviceAccount: 'order',
  roleName: 'shop-prod-pod-order',
  statements: [{ Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example/*' }],
});
const run = () =>
  deploy(() => new PodIdentity('order', { ...args(), cluster: cluster(new aws.sns.Topic('stub')) }), { computed: AWS });
const problems = (change: Partial<PodIdentityArgs>) =>
  podIdentityProblems({ ...args(), cluster: {} as ClusterHandle, ...change }).map(formatProblem);

describe('pods with permissions in AWS', () => {
  it('get them by an association of their service account', async () => {
    const { registrations } = await run();
    expect(named(registrations, 'order-association')).toMatchObject({
      parent: 'order',
      inputs: {
        clusterName: 'shop-prod-cluster',
        namespace: 'shop',
        serviceAccount: 'order',
        roleArn: 'arn:aws:iam::123456789012:role/shop-prod-pod-order',
      },
      dependencies: ['order-role', 'stub'],
    });
  });

  it('are the only ones who can take the role on', async () => {
    const { registrations } = await run();
    const trust = statementsOf(named(registrations, 'order-role').inputs['assumeRolePolicy']);
    expect(trust.map(({ Principal }) => Principal)).toEqual([{ Service: 'pods.eks.amazonaws.com' }]);
    const context = {
      'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:eu-central-1:123456789012:cluster/shop-prod-cluster',
      'aws:RequestTag/kubernetes-namespace': 'shop',
      'aws:RequestTag/kubernetes-service-account': 'order',
    };
    const request = { action: 'sts:AssumeRole', resource: 'role' };
    expect(allows(trust, { ...request, context })).toBe(true);
    expect(allows(trust, { ...request, action: 'sts:TagSession', context })).toBe(true);
    for (const key of Object.keys(context)) {
      expect(allows(trust, { ...request, context: { ...context, [key]: 'another' } })).toBe(false);
      expect(allows(trust, { ...request, context: { ...context, [key]: undefined as never } })).toBe(false);
    }
  });

  it('may do what was asked for and nothing else', async () => {
    const { registrations } = await run();
    expect(ofType(registrations, 'RolePolicyAttachment')).toEqual([]);
    const [policy, ...others] = ofType(registrations, 'RolePolicy');
    expect(others).toEqual([]);
    expect(statementsOf(policy!.inputs['policy'])).toEqual(args().statements);
  });
});

describe('permissions for pods', () => {
  const statement = args().statements[0]!;

  it('are taken as they are when they name actions and resources', () => expect(problems({})).toEqual([]));

  it.each(['ec2:DescribeInstances', 'cloudwatch:PutMetricData'])('%s may have any resource: IAM knows none', (Action) =>
    expect(problems({ statements: [{ ...statement, Action, Resource: '*' }] })).toEqual([]),
  );

  it.each<[Partial<PodIdentityArgs>, string]>([
    [
      { statements: [{ ...statement, Action: '*' }] },
      'statements[0].Action: "*" is not allowed; must name actions, such as "s3:GetObject"',
    ],
    [
      { statements: [{ ...statement, Action: ['s3:GetObject', 's3:*'] }] },
      'statements[0].Action: "s3:*" is not allowed; must name actions, such as "s3:GetObject"',
    ],
    [
      { statements: [{ ...statement, Resource: '*' }] },
      'statements[0].Resource: "*" is not allowed; must name resources by their ARN',
    ],
    [{ statements: [] }, 'statements: [] is not allowed; must allow something'],
    [
      { namespace: 'Shop' },
      'namespace: "Shop" is not allowed; must be a DNS label: lower-case letters, digits and hyphens, starting with a letter, ending with a letter or digit',
    ],
    [{ roleName: 'a/b' }, 'roleName: "a/b" is not allowed; must be a name of at most 64 characters'],
  ])('%j are refused', (change, message) => expect(problems(change)).toEqual([message]));

  it('without a resource are refused too, since that means any', () => {
    const { Resource: _any, ...open } = statement;
    expect(problems({ statements: [open] })).toEqual([
      'statements[0].Resource: "*" is not allowed; must name resources by their ARN',
    ]);
  });

  it('that are refused create nothing', async () => {
    await expect(
      deploy(
        () => new PodIdentity('order', { ...args(), statements: [], cluster: cluster(new aws.sns.Topic('stub')) }),
        {
          computed: AWS,
        },
      ),
    ).rejects.toThrow('pod identity "order": one argument is not valid; nothing was created or changed.');
  });
});
