import { readFileSync } from 'node:fs';
import { InvalidArgumentsError } from '../../components';
import type { AwsClusterOutputs } from '../../stacks/aws-cluster';
import { IMAGES } from '../../stacks/aws-cluster';
import { UNBUILT_IMAGES } from '../../stacks/images';
import { AWS_GOLDEN, awsDump, clusterDeployment } from '../support/aws-dump';
import { isSecret, valueOf, type Registration } from '../support/deployment';
import { allows, statementsOf } from '../support/iam';
import { named, ofType, providerOf } from '../support/registrations';

/** Deployments by what was configured: each is asked many questions, and none is changed. */
const done = new Map<string, ReturnType<typeof clusterDeployment>>();
function deployed(more: Record<string, string> = {}): ReturnType<typeof clusterDeployment> {
  const key = JSON.stringify(more);
  const found = done.get(key) ?? clusterDeployment(more);
  done.set(key, found);
  return found;
}
const registrationsOf = async (more: Record<string, string> = {}) => (await deployed(more)).registrations;
const problemsOf = (more: Record<string, string>) =>
  clusterDeployment(more).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof InvalidArgumentsError)) throw error;
      return error.problems.map(({ path }) => path);
    },
  );
const eksOf = async (more: Record<string, string> = {}) => named(await registrationsOf(more), 'cluster-eks').inputs;

describe('the stack `prod-cluster`', () => {
  it('asks Pulumi for exactly what test/golden/prod-cluster.json says; after a change that is meant: npm run golden', async () =>
    expect(JSON.parse(await awsDump('prod-cluster'))).toEqual(
      JSON.parse(readFileSync(AWS_GOLDEN['prod-cluster'], 'utf8')),
    ));

  it('asks for the same each time', async () =>
    expect(await awsDump('prod-cluster')).toBe(await awsDump('prod-cluster')));

  it('makes the network with awsx, the cluster with eks, the repositories with awsx', async () => {
    const registrations = await registrationsOf();
    const remote = registrations.filter(({ type }) => /^(awsx|eks):/.test(type)).map(({ type }) => type);
    expect(remote.sort()).toEqual(
      ['awsx:ec2:Vpc', ...IMAGES.map(() => 'awsx:ecr:Repository'), 'eks:index:Cluster'].sort(),
    );
  });

  it('exports what the stack of an application needs', async () => {
    const { result } = await deployed();
    const plain = await Promise.all(
      Object.entries(result as unknown as Record<string, unknown>).map(async ([key, value]) => [
        key,
        await valueOf(value as never),
      ]),
    );
    expect(Object.fromEntries(plain)).toEqual({
      clusterName: 'shop-prod-cluster',
      account: '123456789012',
      region: 'eu-central-1',
      kubeconfig: '{"kind":"Config"}',
      registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
      repositories: Object.fromEntries(
        IMAGES.map((image) => [image, `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/${image}`]),
      ),
      platform: 'linux/amd64',
      storageClass: 'encrypted',
      loadBalancerClass: 'eks.amazonaws.com/nlb',
      ingressClass: 'alb',
      readinessGateLabel: 'eks.amazonaws.com/pod-readiness-gate-inject',
      dnsAddress: '172.20.0.10',
      vpcCidr: '10.0.0.0/16',
      costTags: { Project: 'shop', Stack: 'prod-cluster', ManagedBy: 'pulumi' },
      alarmTopicArn: 'arn:aws:sns:eu-central-1:123456789012:observability-alarms-topic',
    } satisfies Record<keyof AwsClusterOutputs, unknown>);
  });

  it('has a repository for each image of the shop', () => expect(IMAGES).toEqual(Object.keys(UNBUILT_IMAGES)));

  it('builds for the architecture of its nodes', async () => {
    const { result, registrations } = await deployed({ 'shop:architecture': 'arm64' });
    expect(result.platform).toBe('linux/arm64');
    expect(JSON.stringify(named(registrations, 'objects-node-pool').inputs)).toContain('["arm64"]');
  });

  it('can stand beside another of its kind: names that the account shares begin with the stack', async () => {
    const { registrations } = await clusterDeployment({}, 'other');
    const shared = registrations.flatMap(({ type, inputs }) =>
      /:(Role|LogGroup|Alias|MetricAlarm|Topic|Cluster)$/.test(type) ? [inputs['name'] as string] : [],
    );
    expect(shared.length).toBeGreaterThan(15);
    expect(shared.filter((name) => !name.includes('shop-other'))).toEqual([]);
  });

  it('lists every wrong value at once, and creates nothing', async () => {
    expect(
      await problemsOf({
        'shop:kubernetesVersion': '2',
        'shop:vpcCidr': '10.0.0.0/8',
        'shop:publicApiCidrs': '["10.0.0.0/8"]',
        'shop:logRetentionDays': '31',
      }),
    ).toEqual(['vpcCidr', 'kubernetesVersion', 'publicApiCidrs[0]', 'logRetentionDays']);
  });

  it('refuses a name that is too long for what is made from it', async () => {
    await expect(clusterDeployment({}, 'a'.repeat(36))).rejects.toThrow(
      'project and stack together must have at most 40 characters',
    );
  });
});

describe('the network', () => {
  const vpc = async (more: Record<string, string> = {}) => named(await registrationsOf(more), 'network-vpc').inputs;

  it('has a NAT gateway in each zone for prod, and one in all where that is asked for', async () => {
    expect(await vpc()).toMatchObject({ numberOfAvailabilityZones: 3, natGateways: { strategy: 'OnePerAz' } });
    expect(await vpc({ 'shop:natGateways': 'single' })).toMatchObject({ natGateways: { strategy: 'Single' } });
  });

  it('has the tags by which load balancers find their subnets', async () =>
    expect((await vpc())['subnetSpecs']).toEqual([
      { type: 'Private', cidrMask: 19, tags: { 'kubernetes.io/role/internal-elb': '1' } },
      { type: 'Public', cidrMask: 22, tags: { 'kubernetes.io/role/elb': '1' } },
    ]));

  it('reaches S3, where layers of images are, without a NAT gateway', async () =>
    expect(await vpc()).toMatchObject({
      vpcEndpointStrategy: 'Auto',
      vpcEndpointSpecs: [{ serviceName: 'com.amazonaws.eu-central-1.s3', vpcEndpointType: 'Gateway' }],
    }));
});

describe('security of `prod-cluster`', () => {
  it('nodes and control plane are in private subnets only', async () => {
    const inputs = await eksOf();
    expect(inputs['privateSubnetIds']).toEqual(['private-1', 'private-2', 'private-3']);
    expect(inputs['publicSubnetIds']).toBeUndefined();
    expect(inputs['subnetIds']).toBeUndefined();
    const { spec } = named(await registrationsOf(), 'objects-node-class').inputs as { spec: Record<string, unknown> };
    expect(spec['subnetSelectorTerms']).toEqual([{ id: 'private-1' }, { id: 'private-2' }, { id: 'private-3' }]);
  });

  it('the API has no public endpoint unless blocks are named', async () => {
    expect(await eksOf()).toMatchObject({ endpointPrivateAccess: true, endpointPublicAccess: false });
    expect((await eksOf())['publicAccessCidrs']).toBeUndefined();
  });

  it('a public endpoint answers the named blocks only, and the private one stays', async () =>
    expect(await eksOf({ 'shop:publicApiCidrs': '["203.0.113.0/24"]' })).toMatchObject({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ['203.0.113.0/24'],
    }));

  it('a public endpoint for the whole internet is refused', async () =>
    expect(await problemsOf({ 'shop:publicApiCidrs': '["0.0.0.0/0"]' })).toEqual(['publicApiCidrs[0]']));

  it('the private endpoint is open to the named blocks and to no port but its own', async () => {
    const rules = ofType(
      await registrationsOf({ 'shop:privateApiCidrs': '["10.1.0.0/16","10.2.0.0/16"]' }),
      'SecurityGroupIngressRule',
    );
    expect(rules.map(({ inputs }) => inputs)).toMatchObject(
      ['10.1.0.0/16', '10.2.0.0/16'].map((cidrIpv4) => ({ cidrIpv4, ipProtocol: 'tcp', fromPort: 443, toPort: 443 })),
    );
    expect(ofType(await registrationsOf({ 'shop:privateApiCidrs': '[]' }), 'SecurityGroupIngressRule')).toEqual([]);
  });

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

  it('Secrets are encrypted with a key of their own', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'cluster-eks').inputs['encryptionConfigKeyArn']).toBe(
      'arn:aws:kms:eu-central-1:123456789012:key/secrets-key',
    );
    const policy = statementsOf(named(registrations, 'secrets-key').inputs['policy']);
    expect(policy.map(({ Principal }) => Principal)).toEqual([{ AWS: 'arn:aws:iam::123456789012:root' }]);
  });

  it('keys are renewed, and a deletion can be taken back for 30 days', async () => {
    const keys = ofType(await registrationsOf(), 'Key');
    expect(keys).toHaveLength(2);
    for (const { inputs } of keys) expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
  });

  it('the key of logs opens for this cluster’s log groups and for alarms of this account, and for no other service', async () => {
    const policy = statementsOf(named(await registrationsOf(), 'data-key').inputs['policy']);
    const services = policy.flatMap(({ Principal }) => (Principal as Record<string, string>)['Service'] ?? []);
    expect(services).toEqual(['logs.eu-central-1.amazonaws.com', 'cloudwatch.amazonaws.com']);
    const byService = policy.filter(({ Principal }) => 'Service' in (Principal as object));
    const decrypt = (context: Record<string, string>) =>
      allows(byService, { action: 'kms:Decrypt', resource: '*', context });
    const group = (name: string) => ({
      'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:eu-central-1:123456789012:log-group:${name}`,
    });
    expect(decrypt(group('/aws/eks/shop-prod-cluster/cluster'))).toBe(true);
    expect(decrypt(group('/aws/containerinsights/shop-prod-cluster/application'))).toBe(true);
    expect(decrypt(group('/aws/vpc/shop-prod-cluster'))).toBe(true);
    expect(decrypt(group('/aws/eks/another/cluster'))).toBe(false);
    expect(decrypt({ 'aws:SourceAccount': '123456789012' })).toBe(true);
    expect(decrypt({ 'aws:SourceAccount': '999999999999' })).toBe(false);
    expect(decrypt({})).toBe(false);
  });

  it('the control plane logs everything', async () =>
    expect((await eksOf())['enabledClusterLogTypes']).toEqual([
      'api',
      'audit',
      'authenticator',
      'controllerManager',
      'scheduler',
    ]));

  it('every log is encrypted and kept for the configured time, also that of the control plane', async () => {
    const registrations = await registrationsOf();
    const groups = ofType(registrations, 'LogGroup');
    expect(groups.map(({ inputs }) => inputs['name'])).toEqual(
      expect.arrayContaining([
        '/aws/eks/shop-prod-cluster/cluster',
        '/aws/vpc/shop-prod-cluster',
        ...['application', 'dataplane', 'host', 'performance'].map(
          (s) => `/aws/containerinsights/shop-prod-cluster/${s}`,
        ),
      ]),
    );
    for (const { inputs } of groups) {
      expect(inputs).toMatchObject({
        retentionInDays: 90,
        kmsKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/data-key',
      });
    }
    // Made by EKS, it would be kept for ever.
    expect(named(registrations, 'cluster-eks').dependencies).toContain('cluster-control-plane');
  });

  it('every connection of the network is logged', async () =>
    expect(ofType(await registrationsOf(), 'FlowLog').map(({ inputs }) => inputs)).toMatchObject([
      { vpcId: 'network-vpc-id', trafficType: 'ALL', logDestinationType: 'cloud-watch-logs' },
    ]));

  it('the default security group lets nothing through', async () =>
    expect(ofType(await registrationsOf(), 'DefaultSecurityGroup').map(({ inputs }) => inputs)).toEqual([
      { vpcId: 'network-vpc-id', ingress: [], egress: [] },
    ]));

  it('the cluster is protected against deletion unless that is turned off', async () => {
    expect((await eksOf())['deletionProtection']).toBe(true);
    expect((await eksOf({ 'shop:deletionProtection': 'false' }))['deletionProtection']).toBe(false);
  });

  it('Kubernetes is upgraded rather than left without support', async () =>
    expect((await eksOf())['upgradePolicy']).toEqual({ supportType: 'STANDARD' }));

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

  it('workloads run on nodes of the bounded pool only', async () => {
    const registrations = await registrationsOf();
    const { computeConfig } = named(registrations, 'cluster-eks').inputs['autoMode'] as {
      computeConfig: { nodePools: string[] };
    };
    expect(computeConfig.nodePools).toEqual(['system']);
    expect(named(registrations, 'objects-node-pool').inputs['spec']).toMatchObject({ limits: { cpu: '64' } });
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

  it('network policies are enforced', async () =>
    expect(named(await registrationsOf(), 'objects-network-policies').inputs).toMatchObject({
      metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
      data: { 'enable-network-policy-controller': 'true' },
    }));

  it('volumes are encrypted', async () =>
    expect(named(await registrationsOf(), 'objects-storage-class').inputs['parameters']).toMatchObject({
      encrypted: 'true',
    }));

  it('a tag of an image never means two things', async () => {
    for (const { inputs } of repositories(await registrationsOf()))
      expect(inputs['imageTagMutability']).toBe('IMMUTABLE');
  });

  it('images are scanned when they are pushed', async () => {
    for (const { inputs } of repositories(await registrationsOf())) {
      expect(inputs['imageScanningConfiguration']).toEqual({ scanOnPush: true });
    }
  });

  it('images are encrypted with a key of ours', async () => {
    for (const { inputs } of repositories(await registrationsOf())) {
      expect(inputs['encryptionConfigurations']).toEqual([
        { encryptionType: 'KMS', kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/data-key' },
      ]);
    }
  });

  it('a repository with images in it is not deleted', async () => {
    for (const { inputs } of repositories(await registrationsOf())) expect(inputs['forceDelete']).toBe(false);
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

  it('messages of alarms are encrypted', async () =>
    expect(ofType(await registrationsOf(), 'Topic').map(({ inputs }) => inputs['kmsMasterKeyId'])).toEqual([
      'arn:aws:kms:eu-central-1:123456789012:key/data-key',
    ]));

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

  it('the kubeconfig is a secret wherever it goes', async () => {
    const { result, registrations, outputs } = await deployed();
    expect(await isSecret(result.kubeconfig)).toBe(true);
    expect(named(registrations, 'objects-provider').secrets).toEqual(['kubeconfig']);
    expect(JSON.stringify(outputs.get('cluster'))).toContain('1b47061264138c4ac30d75fd1eb44270');
    expect(await awsDump('prod-cluster')).not.toContain('"Config"');
  });

  it('nothing but load balancers is public', async () => {
    const registrations = await registrationsOf();
    const text = JSON.stringify(registrations.map(({ inputs }) => inputs));
    expect(text).not.toMatch(/0\.0\.0\.0\/0|::\/0|"Principal":"\*"|"publicly|"associatePublicIp/);
    // Public subnets are for the controllers of load balancers, which find them by tag.
    expect(text).not.toContain('public-1');
  });
});

describe('observability', () => {
  it('agents come when there is a place for them, and after their permissions and log groups', async () => {
    const { dependencies } = named(await registrationsOf(), 'observability-addon');
    expect(dependencies).toEqual(
      expect.arrayContaining([
        'cluster-eks',
        'objects-node-pool',
        'observability-agent-association',
        'observability-agent-role-permissions',
        'observability-application',
      ]),
    );
  });

  it('containers’ logs go to CloudWatch, and no agent is put into containers', async () => {
    const { inputs } = named(await registrationsOf(), 'observability-addon');
    expect(inputs['addonName']).toBe('amazon-cloudwatch-observability');
    expect(JSON.parse(inputs['configurationValues'] as string)).toEqual({
      containerLogs: { enabled: true },
      manager: { applicationSignals: { autoMonitor: { monitorAllServices: false } } },
    });
  });

  it('autoscalers have something to measure by', async () =>
    expect(named(await registrationsOf(), 'observability-autoscaling').inputs['addonName']).toBe('metrics-server'));

  it('alarms go to the topic, and the topic to whoever is configured', async () => {
    const registrations = await registrationsOf();
    const topic = 'arn:aws:sns:eu-central-1:123456789012:observability-alarms-topic';
    const alarms = ofType(registrations, 'MetricAlarm');
    expect(alarms).toHaveLength(6);
    for (const { inputs } of alarms) expect(inputs).toMatchObject({ alarmActions: [topic], okActions: [topic] });
    expect(ofType(registrations, 'TopicSubscription').map(({ inputs }) => inputs)).toEqual([
      { topic, protocol: 'email', endpoint: 'team@example.com' },
    ]);
    expect(ofType(await registrationsOf({ 'shop:alarmEmail': 'none' }), 'TopicSubscription')).toEqual([]);
  });
});

/** Names of the policies that a role has, both kinds. */
function policiesOf(registrations: readonly Registration[], role: string): string[] {
  const of = (type: string) => ofType(registrations, type).filter(({ inputs }) => inputs['role'] === role);
  return [
    ...of('RolePolicyAttachment').map(({ inputs }) => (inputs['policyArn'] as string).split('/').at(-1)!),
    ...of('RolePolicy').map(({ inputs }) => inputs['name'] as string),
  ].sort();
}

function repositories(registrations: readonly Registration[]): Registration[] {
  const found = ofType(registrations, 'Repository');
  expect(found).toHaveLength(IMAGES.length);
  return found;
}
