import { readFileSync } from 'node:fs';
import type { AwsClusterOutputs } from '../../stacks/aws-cluster';
import { PUSHED_IMAGES } from '../../stacks/image-bases';
import { UNBUILT_IMAGES } from '../../stacks/images';
import {
  AWS_GOLDEN,
  awsDump,
  clusterDeployment,
  clusterProblems,
  deployedCluster,
  registrationsOf,
} from '../support/aws-dump';
import { valueOf } from '../support/deployment';
import { named, ofType } from '../support/registrations';

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
      ['awsx:ec2:Vpc', ...PUSHED_IMAGES.map(() => 'awsx:ecr:Repository'), 'eks:index:Cluster'].sort(),
    );
  });

  it('exports what the stack of an application needs', async () => {
    const { result } = await deployedCluster();
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
        PUSHED_IMAGES.map((image) => [image, `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/${image}`]),
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

  it('has a repository for each image of the shop, and for its gateway', () =>
    expect(PUSHED_IMAGES).toEqual([...Object.keys(UNBUILT_IMAGES), 'gateway'].sort()));

  it('builds for the architecture of its nodes', async () => {
    const { result, registrations } = await deployedCluster({ 'shop:architecture': 'arm64' });
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
      await clusterProblems({
        'shop:kubernetesVersion': '2',
        'shop:vpcCidr': '10.0.0.0/8',
        'shop:publicApiCidrs': '["10.0.0.0/8"]',
        'shop:logRetentionDays': '31',
      }),
    ).toEqual(['vpcCidr', 'kubernetesVersion', 'publicApiCidrs[0]', 'logRetentionDays']);
  });

  it('refuses a cluster whose API nobody reaches, before a quarter of an hour has gone into making it', async () => {
    expect(await clusterProblems({ 'shop:privateApiCidrs': '[]' })).toEqual(['privateApiCidrs']);
    expect(
      await clusterProblems({ 'shop:privateApiCidrs': '[]', 'shop:publicApiCidrs': '["203.0.113.0/24"]' }),
    ).toEqual([]);
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
