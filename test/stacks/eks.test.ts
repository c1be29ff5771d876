import { readFileSync } from 'node:fs';
import { InvalidArgumentsError } from '../../components/validation';
import { PUSHED_IMAGES } from '../../stacks/image-bases';
import { valueOf } from '../support/deployment';
import { PROD_GOLDEN, prodDeployment, prodDump } from '../support/prod-dump';
import { named, ofType } from '../support/registrations';
import { stagingDeployment } from '../support/staging-dump';

type Options = Parameters<typeof prodDeployment>[0];
const ANNOTATION = 'service.beta.kubernetes.io/aws-load-balancer-';
/** What the shop asks for without the names that follow from content. */
const children = (registrations: readonly { type: string; name: string; parent: string }[]) =>
  registrations.map(({ type, name, parent }) => `${parent} › ${type} ${name.replace(/-[0-9a-f]{10,12}$/, '')}`).sort();
/** Messages of the arguments for which a configuration is refused. */
async function problems(options: Options): Promise<string[]> {
  try {
    await prodDeployment(options);
  } catch (error) {
    if (error instanceof InvalidArgumentsError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

describe('the stack `prod`', () => {
  it('asks Pulumi for exactly what test/golden/prod.json says; after a change that is meant: npm run golden', async () =>
    expect(JSON.parse(await prodDump())).toEqual(JSON.parse(readFileSync(PROD_GOLDEN, 'utf8'))));

  it('asks for the same each time', async () => expect(await prodDump()).toBe(await prodDump()));

  it('has the same resources as `staging`, one for one', async () =>
    expect(children((await prodDeployment()).registrations)).toEqual(
      children((await stagingDeployment()).registrations),
    ));

  it('makes nothing on AWS while no pod has permissions there', async () => {
    const types = (await prodDeployment()).registrations.map(({ type }) => type);
    expect(types.filter((type) => /^(aws|awsx|eks|pulumi:providers:aws)/.test(type))).toEqual([]);
  });

  it('exports where the shop answers, and what runs', async () => {
    const { result } = await prodDeployment();
    expect(await valueOf(result['url'] as never)).toBe('https://shop.example.com');
    const { result: unnamed } = await prodDeployment({ config: { 'shop:host': undefined } });
    expect(await valueOf(unnamed['url'] as never)).toBe('https://lb.example.com');
    expect(result['namespace']).toMatch(/^shop-prod-[0-9a-f]{6}$/);
    expect(Object.keys((await valueOf(result['services'] as never)) as object)).toEqual(
      expect.arrayContaining(['database', 'user', 'product', 'order', 'frontend']),
    );
  });
});

describe('joined to the stack of the cluster', () => {
  it.each([
    ['prod-cluster', 'organization/shop/prod-cluster'],
    ['acme/platform/blue', 'acme/platform/blue'],
  ])('named %s, it reads %s', async (clusterStack, asked) =>
    expect((await prodDeployment({ config: { 'shop:clusterStack': clusterStack } })).asked).toEqual([asked]),
  );

  it('runs on that cluster and on no other', async () => {
    const { registrations } = await prodDeployment();
    const providers = ofType(registrations, 'kubernetes').filter(({ type }) => type.startsWith('pulumi:providers'));
    expect(providers.map(({ inputs }) => [inputs['kubeconfig'], inputs['context']])).toEqual([
      ['{"kind":"Config"}', undefined],
    ]);
    const objects = registrations.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(new Set(objects.map(({ provider }) => provider))).toEqual(new Set(['cluster']));
  });

  it.each([
    ['amd64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
  ])('builds for its nodes, %s, and runs there', async (architecture, platform) => {
    const { registrations } = await prodDeployment({ cluster: { 'shop:architecture': architecture } });
    const builds = ofType(registrations, 'RemoteImage').map(({ inputs }) => inputs['build'] as { platform: string });
    expect(builds.map((build) => build.platform)).toEqual(PUSHED_IMAGES.map(() => platform));
    expect(named(registrations, 'shop-order-deployment').inputs).toMatchObject({
      spec: { template: { spec: { nodeSelector: { 'kubernetes.io/arch': architecture } } } },
    });
  });

  it('pushes to its repositories, and runs by digest', async () => {
    const { registrations } = await prodDeployment();
    const images = registrations
      .filter(({ type }) => /^kubernetes:(apps|batch)/.test(type))
      .map(({ inputs }) => /"image":"([^"]+)"/.exec(JSON.stringify(inputs))![1]);
    expect(images.length).toBeGreaterThan(PUSHED_IMAGES.length);
    for (const image of images) {
      expect(image).toMatch(/^123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/shop\/[a-z-]+@sha256:pushed$/);
    }
  });

  it('builds nothing that is there: tags of its repositories never change', async () => {
    const { registrations } = await prodDeployment({ published: true });
    expect(ofType(registrations, 'RemoteImage').filter(({ inputs }) => 'build' in inputs)).toEqual([]);
  });

  it('finds its DNS, wherever the cluster has it', async () => {
    const { registrations } = await prodDeployment();
    const looking = ofType(registrations, 'NetworkPolicy').filter(({ inputs }) =>
      JSON.stringify(inputs).includes(':53'),
    );
    expect(looking.length).toBeGreaterThan(3);
    for (const { inputs } of looking) expect(JSON.stringify(inputs)).toContain('{"ipBlock":{"cidr":"172.20.0.10/32"}}');
  });

  it('pays for its own load balancer: what the cluster says of costs, and its own stack', async () => {
    const { registrations } = await prodDeployment({
      cluster: { 'shop:costTags': '{"Team":"platform","Site":"a"}' },
      config: { 'shop:costTags': '{"Team":"shop"}' },
    });
    const { annotations } = named(registrations, 'shop-gateway-service').inputs['metadata'] as {
      annotations: Record<string, string>;
    };
    expect(annotations[`${ANNOTATION}additional-resource-tags`]!.split(',').sort()).toEqual([
      'ManagedBy=pulumi',
      'Project=shop',
      'Site=a',
      'Stack=prod',
      'Team=shop',
    ]);
  });
});

describe('an update loses nothing behind a load balancer:', () => {
  const gateway = async () => named((await prodDeployment()).registrations, 'shop-gateway-service').inputs;

  it('pods are its targets, and are ready when it says so', async () => {
    expect(await gateway()).toMatchObject({
      metadata: { annotations: { [`${ANNOTATION}nlb-target-type`]: 'ip' } },
      spec: { type: 'LoadBalancer', loadBalancerClass: 'eks.amazonaws.com/nlb' },
    });
    expect(named((await prodDeployment()).registrations, 'shop-namespace').inputs).toMatchObject({
      metadata: { labels: { 'eks.amazonaws.com/pod-readiness-gate-inject': 'enabled' } },
    });
  });

  it('each zone of it reaches the pods of all zones', async () =>
    expect(await gateway()).toMatchObject({
      metadata: { annotations: { [`${ANNOTATION}attributes`]: 'load_balancing.cross_zone.enabled=true' } },
    }));
});

describe('is refused before anything is created:', () => {
  it.each<[Record<string, string | undefined>, string]>([
    [
      { 'shop:certificate': 'arn:aws:acm:us-east-1:123456789012:certificate/1' },
      'certificate: "arn:aws:acm:us-east-1:123456789012:certificate/1" is not allowed; must be in the account and region of the cluster: arn:aws:acm:eu-central-1:123456789012:certificate/…',
    ],
    [
      { 'shop:loadBalancerAnnotations': `{"${ANNOTATION}scheme":"internal"}` },
      `loadBalancerAnnotations["${ANNOTATION}scheme"]: "internal" is not allowed; follows from other keys and from the cluster`,
    ],
    [
      { 'shop:podPermissions': '{"ordre":[{"actions":["s3:GetObject"],"resources":["arn:aws:s3:::b/*"]}]}' },
      'podPermissions.ordre: there is no such service or job; did you mean "order"?',
    ],
    [
      { 'shop:podPermissions': '{"order":[{"actions":["s3:*"],"resources":["*"]}]}' },
      'podPermissions.order[0].actions: "s3:*" is not allowed; must name actions, such as "s3:GetObject"',
    ],
  ])('%j', async (config, message) => expect((await problems({ config }))[0]).toBe(message));

  it('a cluster whose stack is older than an image of the shop', async () => {
    const outputs = await outputsWithout('gateway');
    expect(await problems({ outputs })).toEqual([
      'clusterStack: "prod-cluster" is not allowed; has no repository for the image gateway (npx pulumi up --stack prod-cluster)',
    ]);
  });

  it('a stack that has made no cluster, by the names of what it lacks and without the values it has', async () => {
    await expect(
      prodDeployment({ outputs: { kubeconfig: 'secret', platform: 'windows', region: 'x' } }),
    ).rejects.toThrow(
      /^stack organization\/shop\/prod-cluster describes no cluster for this program: outputs missing or wrong: account, clusterName, costTags, dnsAddress, loadBalancerClass, platform, .*vpcCidr\. Name the cluster's stack with `npx pulumi config set clusterStack NAME`, and deploy that one first: npx pulumi up --stack prod-cluster$/,
    );
  });
});

async function outputsWithout(image: string): Promise<Record<string, unknown>> {
  const repositories = Object.fromEntries(
    PUSHED_IMAGES.filter((name) => name !== image).map((name) => [name, `registry.example/${name}`]),
  );
  return {
    account: '123456789012',
    clusterName: 'shop-prod-cluster',
    costTags: {},
    dnsAddress: '172.20.0.10',
    kubeconfig: '{}',
    loadBalancerClass: 'nlb',
    platform: 'linux/amd64',
    readinessGateLabel: 'gate',
    region: 'eu-central-1',
    registry: 'registry.example',
    repositories,
    storageClass: 'encrypted',
    vpcCidr: '10.0.0.0/16',
  };
}
