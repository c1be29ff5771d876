import { NEEDED, problems, readFor } from '../support/config';

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
      trustRepositoryName: true,
      applicationStack: 'prod',
      clusterStack: 'prod-cluster',
      githubProviderExists: false,
    }));

  it.each(['aws-bootstrap', 'aws-cluster'])(
    '%s says what is missing, which Pulumi.yaml can give no default for',
    (target) => {
      const lines = problems({ 'shop:target': target, 'shop:account': 'none', 'shop:region': 'none' });
      expect(lines.slice(0, 2)).toEqual([
        'shop:account is missing; it must be the 12 digits of an AWS account. Set it with: npx pulumi config set account VALUE',
        'shop:region is missing; it must be an AWS region such as "eu-central-1". Set it with: npx pulumi config set region VALUE',
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
    expect(
      problems({ 'shop:target': 'docker', 'shop:natGateways': 'per-zone', 'shop:account': '123456789012' }),
    ).toEqual([
      'shop:natGateways: has no effect with the target "docker"; it is for "aws-cluster"',
      'shop:account: has no effect with the target "docker"; it is for "aws-bootstrap" or "aws-cluster"',
    ]));
});
