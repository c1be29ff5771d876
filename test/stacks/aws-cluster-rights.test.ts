import { eksOf, registrationsOf } from '../support/aws-dump';
import type { Registration } from '../support/deployment';
import { allows, statementsOf } from '../support/iam';
import { named, ofType, providerOf } from '../support/registrations';

describe('who has which rights in `prod-cluster`', () => {
  it('only access entries let anybody in', async () => expect((await eksOf())['authenticationMode']).toBe('API'));

  it('CI deploys as administrator and previews without reading Secrets', async () => {
    const entries = (await eksOf())['accessEntries'] as Record<
      string,
      { principalArn: string; accessPolicies: Record<string, { policyArn: string }> }
    >;
    const policies = Object.entries(entries).map(([name, { principalArn, accessPolicies }]) => [
      name,
      principalArn,
      Object.values(accessPolicies).map(({ policyArn }) => policyArn.split('/').at(-1)),
    ]);
    expect(policies).toEqual([
      ['deploy', 'arn:aws:iam::123456789012:role/shop-ci-deploy', ['AmazonEKSClusterAdminPolicy']],
      ['preview', 'arn:aws:iam::123456789012:role/shop-ci-preview', ['AmazonEKSViewPolicy']],
    ]);
  });

  it('nodes are AWS’s own business: Auto Mode, with a role that only joins and pulls images', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'cluster-eks').inputs['autoMode']).toMatchObject({
      enabled: true,
      computeConfig: { nodeRoleArn: 'arn:aws:iam::123456789012:role/shop-prod-cluster-nodes' },
    });
    expect(policiesOf(registrations, 'shop-prod-cluster-nodes')).toEqual([
      'AmazonEC2ContainerRegistryPullOnly',
      'AmazonEKSWorkerNodeMinimalPolicy',
    ]);
  });

  it('EKS itself has only what Auto Mode needs', async () =>
    expect(policiesOf(await registrationsOf(), 'shop-prod-cluster-control')).toEqual([
      'AmazonEKSBlockStoragePolicy',
      'AmazonEKSClusterPolicy',
      'AmazonEKSComputePolicy',
      'AmazonEKSLoadBalancingPolicy',
      'AmazonEKSNetworkingPolicy',
      'tags',
    ]));

  it('and makes tagged things for this cluster only', async () => {
    const statements = statementsOf(named(await registrationsOf(), 'cluster-control-tags').inputs['policy']);
    expect(
      statements.every(({ Condition }) => Condition?.['StringEquals']?.['aws:RequestTag/eks:eks-cluster-name']),
    ).toBe(true);
  });

  it('every role is limited by the boundary', async () => {
    const roles = ofType(await registrationsOf(), 'Role');
    expect(roles.map(({ inputs }) => [inputs['name'], inputs['permissionsBoundary']])).toEqual(
      ['flow-logs', 'control', 'nodes', 'observability'].map((role) => [
        `shop-prod-cluster-${role}`,
        'arn:aws:iam::123456789012:policy/shop-boundary',
      ]),
    );
  });

  it('only AWS’s services take the roles on, those outside the cluster for this account only', async () => {
    const trusts = ofType(await registrationsOf(), 'Role').flatMap(({ inputs }) =>
      statementsOf(inputs['assumeRolePolicy']),
    );
    expect(trusts.map(({ Principal }) => (Principal as Record<string, string>)['Service'])).toEqual([
      'vpc-flow-logs.amazonaws.com',
      'eks.amazonaws.com',
      'ec2.amazonaws.com',
      'pods.eks.amazonaws.com',
    ]);
    expect(trusts[0]!.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': '123456789012' } });
  });

  it('agents of CloudWatch write logs and metrics of this cluster and may do nothing else', async () => {
    const statements = statementsOf(
      named(await registrationsOf(), 'observability-agent-role-permissions').inputs['policy'],
    );
    const group = (name: string) => `arn:aws:logs:eu-central-1:123456789012:log-group:/aws/containerinsights/${name}`;
    const write = (resource: string) => allows(statements, { action: 'logs:PutLogEvents', resource });
    expect(write(`${group('shop-prod-cluster')}/application:log-stream:x`)).toBe(true);
    expect(write(`${group('another')}/application:log-stream:x`)).toBe(false);
    const metrics = (namespace: string) =>
      allows(statements, {
        action: 'cloudwatch:PutMetricData',
        resource: '*',
        context: { 'cloudwatch:namespace': namespace },
      });
    expect(metrics('ContainerInsights')).toBe(true);
    expect(metrics('AWS/EKS')).toBe(false);
    for (const action of ['logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:GetLogEvents', 'ssm:GetParameter']) {
      expect(allows(statements, { action, resource: `${group('shop-prod-cluster')}/application` })).toBe(false);
    }
  });

  it('every AWS resource goes through the one provider, which tags it and refuses other accounts', async () => {
    const registrations = await registrationsOf({ 'shop:costTags': '{"Team":"shop"}' });
    const resources = registrations.filter(({ type }) => /^(aws|awsx|eks):/.test(type));
    expect(resources.length).toBeGreaterThan(40);
    expect(resources.filter((one) => providerOf(registrations, one) !== 'aws').map(({ name }) => name)).toEqual([]);
    const { inputs } = registrations.find(({ type }) => type === 'pulumi:providers:aws')!;
    expect(inputs).toMatchObject({
      region: 'eu-central-1',
      allowedAccountIds: '["123456789012"]',
    });
    expect(JSON.parse(inputs['defaultTags'] as string)).toEqual({
      tags: { Team: 'shop', Project: 'shop', Stack: 'prod-cluster', ManagedBy: 'pulumi' },
    });
  });

  it('the cluster is protected against deletion unless that is turned off', async () => {
    expect((await eksOf())['deletionProtection']).toBe(true);
    expect((await eksOf({ 'shop:deletionProtection': 'false' }))['deletionProtection']).toBe(false);
  });

  it('Kubernetes is upgraded rather than left without support', async () =>
    expect((await eksOf())['upgradePolicy']).toEqual({ supportType: 'STANDARD' }));
});

/** Names of the policies that a role has, both kinds. */
function policiesOf(registrations: readonly Registration[], role: string): string[] {
  const of = (type: string) => ofType(registrations, type).filter(({ inputs }) => inputs['role'] === role);
  return [
    ...of('RolePolicyAttachment').map(({ inputs }) => (inputs['policyArn'] as string).split('/').at(-1)!),
    ...of('RolePolicy').map(({ inputs }) => inputs['name'] as string),
  ].sort();
}
