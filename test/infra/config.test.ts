import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_KEYS, ConfigurationError, readConfig, TARGETS, type ConfigOf } from '../../infra/config';

const read = (values: Record<string, string>) =>
  readConfig('shop', { 'shop:target': 'docker', ...values }) as ConfigOf<'docker'>;
/** What each target needs. */
const NEEDED: Record<string, Record<string, string>> = {
  docker: {},
  kubernetes: {
    'shop:kubeconfig': '~/.kube/config',
    'shop:context': 'shop-local',
    'shop:registry': '127.0.0.1:5000',
    'shop:exposure': 'NodePort',
  },
  'aws-bootstrap': { 'shop:account': '123456789012', 'shop:region': 'eu-central-1', 'shop:repository': 'example/shop' },
  'aws-cluster': { 'shop:account': '123456789012', 'shop:region': 'eu-central-1' },
};
const readFor = (target: string, values: Record<string, string> = {}) =>
  readConfig('shop', { 'shop:target': target, ...NEEDED[target], ...values });
/** The problems as their reader sees them. */
function problems(values: Record<string, string>): string[] {
  try {
    readConfig('shop', values);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe("the stack's configuration is not valid; nothing was created or changed.");
    return lines.map((line) => line.trim());
  }
  return [];
}
const withTarget = (values: Record<string, string>) => problems({ 'shop:target': 'docker', ...values });

describe('the configuration of a stack', () => {
  it('needs a target only; the rest has defaults', () => {
    expect(read({})).toEqual({
      target: 'docker',
      replicas: {},
      gatewayPort: undefined,
      addressRange: undefined,
      imagePrefix: undefined,
      passwordGeneration: 1,
      revision: '1',
    });
  });

  it('is read from the texts that Pulumi gives', () => {
    expect(
      read({
        'shop:replicas': '{"product":5}',
        'shop:gatewayPort': '8123',
        'shop:addressRange': '10.200.0.0/19',
        'shop:imagePrefix': 'registry.example/',
        'shop:passwordGeneration': '2',
        'shop:revision': '2026-01-01',
      }),
    ).toEqual({
      target: 'docker',
      replicas: { product: 5 },
      gatewayPort: 8123,
      addressRange: '10.200.0.0/19',
      imagePrefix: 'registry.example/',
      passwordGeneration: 2,
      revision: '2026-01-01',
    });
  });

  it('names a backup that is to be made, or restored', () => {
    expect(read({ 'shop:backup': 'before-sale' }).backup).toBe('before-sale');
    expect(read({ 'shop:restore': 'latest@2' }).restore).toBe('latest@2');
    expect(read({ 'shop:backup': 'none', 'shop:restore': 'none' })).toEqual(read({}));
  });

  it('keeps an empty prefix, which is another thing than none', () =>
    expect(read({ 'shop:imagePrefix': '' }).imagePrefix).toBe(''));

  it('takes a revision of digits for a text', () => expect(read({ 'shop:revision': '0017' }).revision).toBe('0017'));

  it('leaves the keys of others alone', () =>
    expect(problems({ 'shop:target': 'docker', 'docker:host': 'x', 'aws:region': 'y', 'shopping:x': 'z' })).toEqual(
      [],
    ));
});

describe('a configuration with one bad key has one problem', () => {
  it.each<[Record<string, string>, string]>([
    [
      { 'shop:target': 'dokcer' },
      'shop:target: "dokcer" is not allowed; must be "docker", "kubernetes", "aws-bootstrap" or "aws-cluster"',
    ],
    [{ 'shop:replica': '{}' }, 'shop:replica: there is no such key; did you mean shop:replicas?'],
    [{ 'shop:gatewayport': '1' }, 'shop:gatewayport: there is no such key; did you mean shop:gatewayPort?'],
    [{ 'shop:zzzzzzzzzz': '1' }, 'shop:zzzzzzzzzz: there is no such key; there are: ' + CONFIG_KEYS.join(', ')],
    [{ 'shop:nodePort': '30080' }, 'shop:nodePort: has no effect with the target "docker"; it is for "kubernetes"'],
    [{ 'shop:replicas': '5' }, 'shop:replicas: 5 is not allowed; must be an object of services and whole numbers'],
    [{ 'shop:replicas': '[5]' }, 'shop:replicas: [5] is not allowed; must be an object of services and whole numbers'],
    [{ 'shop:replicas': '{' }, 'shop:replicas: "{" is not allowed; must be an object of services and whole numbers'],
    [{ 'shop:replicas': '{"product":"5"}' }, 'shop:replicas.product: "5" is not allowed; must be a whole number'],
    [
      { 'shop:gatewayPort': '70000' },
      'shop:gatewayPort: "70000" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:gatewayPort': '-1' },
      'shop:gatewayPort: "-1" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:gatewayPort': '80.5' },
      'shop:gatewayPort: "80.5" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:gatewayPort': '' },
      'shop:gatewayPort: "" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:passwordGeneration': '0' },
      'shop:passwordGeneration: "0" is not allowed; must be a whole number from 1 to 1000000',
    ],
    [
      { 'shop:backup': 'Friday' },
      'shop:backup: "Friday" is not allowed; must be a name of lower-case letters, digits and hyphens, at most 63 characters',
    ],
    [
      { 'shop:backup': 'latest' },
      'shop:backup: "latest" is not allowed; must be a name of lower-case letters, digits and hyphens, at most 63 characters',
    ],
    [
      { 'shop:restore': 'friday' },
      'shop:restore: "friday" is not allowed; must be "NAME@REQUEST": the name of a backup, or "latest", and a text of lower-case letters, digits and hyphens, at most 63 characters',
    ],
    [
      { 'shop:imagePrefix': 'registry.example' },
      'shop:imagePrefix: "registry.example" is not allowed; must end with a slash, or be "auto" or empty',
    ],
  ])('%j', (values, message) => expect(withTarget(values)).toEqual([message]));

  it('a missing target says how to set it', () => {
    expect(problems({})).toEqual([
      'shop:target is missing; it must be "docker", "kubernetes", "aws-bootstrap" or "aws-cluster". Set it with: pulumi config set target VALUE',
    ]);
  });

  it('and of several each is listed', () => {
    const lines = withTarget({ 'shop:prot': '1', 'shop:gatewayPort': 'x', 'shop:passwordGeneration': 'y' });
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'shop:prot:',
      'shop:gatewayPort:',
      'shop:passwordGeneration:',
    ]);
  });
});

it('an error in it is one that Pulumi prints without a stack trace', () =>
  expect(pulumi.RunError.isInstance(new ConfigurationError('x'))).toBe(true));

describe('the configuration for Kubernetes', () => {
  it('has defaults that suit any cluster', () =>
    expect(readFor('kubernetes')).toEqual({
      target: 'kubernetes',
      kubeconfig: '~/.kube/config',
      context: 'shop-local',
      registry: '127.0.0.1:5000',
      exposure: 'NodePort',
      replicas: {},
      loadBalancerAnnotations: {},
      namespaceLabels: {},
      dnsCidrs: [],
      nodesOnDemand: false,
      architecture: 'amd64',
      passwordGeneration: 1,
      revision: '1',
    }));

  it('is read from the texts that Pulumi gives', () =>
    expect(
      readFor('kubernetes', {
        'shop:nodePort': '30080',
        'shop:nodesOnDemand': 'true',
        'shop:dnsCidrs': '["172.20.0.10/32"]',
        'shop:loadBalancerAnnotations': '{"a":"b"}',
        'shop:namespaceLabels': '{"team":"shop"}',
      }),
    ).toMatchObject({
      nodePort: 30080,
      nodesOnDemand: true,
      dnsCidrs: ['172.20.0.10/32'],
      loadBalancerAnnotations: { a: 'b' },
      namespaceLabels: { team: 'shop' },
    }));

  it('needs the cluster, the registry and how the shop is reached: none of them is guessed', () =>
    expect(problems({ 'shop:target': 'kubernetes' }).map((line) => line.split(';')[0])).toEqual([
      'shop:kubeconfig is missing',
      'shop:context is missing',
      'shop:registry is missing',
      'shop:exposure is missing',
    ]));

  it.each<[Record<string, string>, string]>([
    [
      { 'shop:exposure': 'nodeport' },
      'shop:exposure: "nodeport" is not allowed; must be "LoadBalancer", "NodePort" or "Ingress"',
    ],
    [
      { 'shop:registry': 'https://r' },
      'shop:registry: "https://r" is not allowed; must be a registry, "host" or "host:port", in lower case',
    ],
    [{ 'shop:dnsCidrs': '["x"]' }, 'shop:dnsCidrs.0: "x" is not allowed; must be a list of IPv4 blocks'],
    [{ 'shop:nodesOnDemand': 'yes' }, 'shop:nodesOnDemand: "yes" is not allowed; must be true or false'],
    [
      { 'shop:gatewayPort': '8080' },
      'shop:gatewayPort: has no effect with the target "kubernetes"; it is for "docker"',
    ],
  ])('%j is one problem', (values, message) =>
    expect(problems({ 'shop:target': 'kubernetes', ...NEEDED['kubernetes'], ...values })).toEqual([message]),
  );
});

describe('Pulumi.yaml', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'Pulumi.yaml'), 'utf8');
  const block = text.slice(text.indexOf('\nconfig:'));
  const declared = [...block.matchAll(/^ {2}(?:shop:)?(\w+):$/gm)].map(([, key]) => key!);

  it('declares the same keys as the schema', () => expect(declared.sort()).toEqual([...CONFIG_KEYS].sort()));

  it('has defaults that the schema takes for its own', () => {
    const defaults = [...block.matchAll(/^ {2}(?:shop:)?(\w+):\n(?: {4}.*\n)*? {4}default: (.*)$/gm)].map(
      ([, key, value]) => [`shop:${key}`, value!.replace(/^'(.*)'$/, '$1')],
    );
    expect(defaults.length).toBeGreaterThanOrEqual(6);
    const values = Object.fromEntries(defaults) as Record<string, string>;
    for (const target of TARGETS) expect(readFor(target, { ...values, ...NEEDED[target] })).toEqual(readFor(target));
  });
});

describe('the configuration for AWS', () => {
  it('of a cluster has defaults that are private, protected and cheap', () =>
    expect(readFor('aws-cluster')).toEqual({
      target: 'aws-cluster',
      account: '123456789012',
      region: 'eu-central-1',
      costTags: {},
      kubernetesVersion: '1.35',
      natGateways: 'single',
      vpcCidr: '10.0.0.0/16',
      zones: 3,
      publicApiCidrs: [],
      allowPublicApi: false,
      privateApiCidrs: [],
      access: {},
      architecture: 'amd64',
      maxVcpus: 32,
      deletionProtection: true,
      logRetentionDays: 30,
      keepImages: 100,
    }));

  it('is read from the texts that Pulumi gives', () =>
    expect(
      readFor('aws-cluster', {
        'shop:zones': '2',
        'shop:deletionProtection': 'false',
        'shop:publicApiCidrs': '["203.0.113.0/24"]',
        'shop:access': '{"ci":{"principal":"deploy","level":"admin"}}',
        'shop:alarmEmail': 'team@example.com',
        'shop:costTags': '{"Team":"shop"}',
      }),
    ).toMatchObject({
      zones: 2,
      deletionProtection: false,
      publicApiCidrs: ['203.0.113.0/24'],
      access: { ci: { principal: 'deploy', level: 'admin' } },
      alarmEmail: 'team@example.com',
      costTags: { Team: 'shop' },
    }));

  it('of the bootstrap stack needs to know the repository', () =>
    expect(readFor('aws-bootstrap')).toEqual({
      target: 'aws-bootstrap',
      account: '123456789012',
      region: 'eu-central-1',
      costTags: {},
      repository: 'example/shop',
      branch: 'main',
      applicationStack: 'prod',
      clusterStack: 'prod-cluster',
      githubProviderExists: false,
    }));

  it.each(['aws-bootstrap', 'aws-cluster'])(
    '%s says what is missing, which Pulumi.yaml can give no default for',
    (target) => {
      const lines = problems({ 'shop:target': target, 'shop:account': 'none', 'shop:region': 'none' });
      expect(lines.slice(0, 2)).toEqual([
        'shop:account is missing; it must be the 12 digits of an AWS account. Set it with: pulumi config set account VALUE',
        'shop:region is missing; it must be an AWS region such as "eu-central-1". Set it with: pulumi config set region VALUE',
      ]);
    },
  );

  it.each<[Record<string, string>, string]>([
    [{ 'shop:account': '1234' }, 'shop:account: "1234" is not allowed; must be the 12 digits of an AWS account'],
    [
      { 'shop:region': 'moon-1' },
      'shop:region: "moon-1" is not allowed; must be a commercial AWS region such as "eu-central-1"',
    ],
    [{ 'shop:natGateways': 'two' }, 'shop:natGateways: "two" is not allowed; must be "per-zone" or "single"'],
    [{ 'shop:zones': '1' }, 'shop:zones: "1" is not allowed; must be a whole number from 2 to 4'],
    [{ 'shop:deletionProtection': 'no' }, 'shop:deletionProtection: "no" is not allowed; must be true or false'],
    [
      { 'shop:publicApiCidrs': '0.0.0.0/0' },
      'shop:publicApiCidrs: "0.0.0.0/0" is not allowed; must be a list of texts',
    ],
    [
      { 'shop:access': '{"ci":{"principal":"x","level":"root"}}' },
      'shop:access.ci.level: "root" is not allowed; must be "admin" or "view"',
    ],
    [{ 'shop:alarmEmail': 'team' }, 'shop:alarmEmail: "team" is not allowed; must be an e-mail address'],
    [
      { 'shop:permissionsBoundary': 'arn:aws:iam::1:policy/x' },
      'shop:permissionsBoundary: "arn:aws:iam::1:policy/x" is not allowed; must be the name of an IAM policy of the account',
    ],
    [{ 'shop:logRetention': '30' }, 'shop:logRetention: there is no such key; did you mean shop:logRetentionDays?'],
    [
      { 'shop:gatewayPort': '8080' },
      'shop:gatewayPort: has no effect with the target "aws-cluster"; it is for "docker"',
    ],
    [
      { 'shop:repository': 'example/shop' },
      'shop:repository: has no effect with the target "aws-cluster"; it is for "aws-bootstrap"',
    ],
  ])('%j has one problem', (values, message) =>
    expect(problems({ 'shop:target': 'aws-cluster', ...NEEDED['aws-cluster'], ...values })).toEqual([message]),
  );

  it('has no effect with Docker, and says so', () =>
    expect(withTarget({ 'shop:natGateways': 'per-zone', 'shop:account': '123456789012' })).toEqual([
      'shop:natGateways: has no effect with the target "docker"; it is for "aws-cluster"',
      'shop:account: has no effect with the target "docker"; it is for "aws-bootstrap" or "aws-cluster"',
    ]));
});
