import { clusterSpec, type ClusterSettings } from '../../../components/aws/cluster-spec';
import { formatProblem, type Problem } from '../../../components/validation';

const account = { account: '123456789012', region: 'eu-central-1' };
const REACHED = { privateApiCidrs: ['10.1.0.0/16'] };
function spec(settings: Record<string, unknown>) {
  const problems: Problem[] = [];
  const all = { kubernetesVersion: '1.35', ...REACHED, ...settings } as unknown as ClusterSettings;
  const result = clusterSpec(account, all, [], problems);
  return { result, messages: problems.map(formatProblem) };
}
const ok = (settings: Record<string, unknown>) => {
  const { result, messages } = spec(settings);
  expect(messages).toEqual([]);
  return result!;
};
const PUBLIC_RULE = 'must be a public IPv4 block such as "203.0.113.0/24"';
const PRIVATE_RULE = 'must be a private IPv4 block such as "10.1.0.0/16"';
const PRINCIPAL_RULE = 'must be the name of an IAM role, or the ARN of a role or user';

describe('a cluster', () => {
  it('needs a version, and a way to its API; by default it is private, protected and bounded', () => {
    expect(ok({})).toEqual({
      kubernetesVersion: '1.35',
      publicApiCidrs: [],
      privateApiCidrs: ['10.1.0.0/16'],
      access: {},
      architecture: 'amd64',
      maxVcpus: 32,
      deletionProtection: true,
      logRetentionDays: 30,
    });
  });

  it('lets in roles of its own account by name, and anybody by ARN', () => {
    const user = 'arn:aws:iam::999999999999:user/team/ann';
    expect(
      ok({ access: { ci: { principal: 'shop-ci-deploy', level: 'admin' }, ann: { principal: user, level: 'view' } } })
        .access,
    ).toEqual({
      ci: {
        principalArn: 'arn:aws:iam::123456789012:role/shop-ci-deploy',
        policy: 'AmazonEKSClusterAdminPolicy',
      },
      ann: { principalArn: user, policy: 'AmazonEKSViewPolicy' },
    });
  });

  it('can be reached from named blocks', () =>
    expect(ok({ publicApiCidrs: ['203.0.113.0/24'], privateApiCidrs: ['10.1.0.0/16'] })).toMatchObject({
      publicApiCidrs: ['203.0.113.0/24'],
      privateApiCidrs: ['10.1.0.0/16'],
    }));

  it.each([{ privateApiCidrs: [] }, { privateApiCidrs: undefined, publicApiCidrs: [] }])(
    'that nobody can reach, %j, is refused before it is made',
    (settings) =>
      expect(spec(settings)).toEqual({
        result: undefined,
        messages: [
          "privateApiCidrs: is missing, and so is publicApiCidrs: nobody would reach the cluster's API, not even this deployment (name the private blocks that reach it, or the public ones)",
        ],
      }),
  );
});

describe('the API of a cluster is not opened to the internet', () => {
  it.each(['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '64.0.0.0/7'])('%s is refused', (block) => {
    expect(spec({ publicApiCidrs: ['203.0.113.0/24', block] })).toEqual({
      result: undefined,
      messages: [
        `publicApiCidrs[1]: "${block}" is not allowed; must have a prefix of at least 8 bits: it opens the cluster's API to the internet (name the blocks that need it, or set allowPublicApi)`,
      ],
    });
  });

  it('unless an argument of its own says so', () =>
    expect(ok({ publicApiCidrs: ['0.0.0.0/0'], allowPublicApi: true }).publicApiCidrs).toEqual(['0.0.0.0/0']));

  it('and that argument alone opens nothing', () => expect(ok({ allowPublicApi: true }).publicApiCidrs).toEqual([]));
});

it.each<[Record<string, unknown>, string]>([
  [{ kubernetesVersion: undefined }, 'kubernetesVersion: is missing; must be a Kubernetes version'],
  [
    { kubernetesVersion: '1.35.2' },
    'kubernetesVersion: "1.35.2" is not allowed; must be a Kubernetes version such as "1.35"',
  ],
  [{ publicApiCidrs: ['10.0.0.0/8'] }, `publicApiCidrs[0]: "10.0.0.0/8" is not allowed; ${PUBLIC_RULE}`],
  [{ publicApiCidrs: ['203.0.113.7'] }, `publicApiCidrs[0]: "203.0.113.7" is not allowed; ${PUBLIC_RULE}`],
  [
    { publicApiCidrs: '203.0.113.0/24' },
    'publicApiCidrs: "203.0.113.0/24" is not allowed; must be a list of public IPv4 blocks',
  ],
  [{ privateApiCidrs: ['203.0.113.0/24'] }, `privateApiCidrs[0]: "203.0.113.0/24" is not allowed; ${PRIVATE_RULE}`],
  [{ privateApiCidrs: ['0.0.0.0/0'] }, `privateApiCidrs[0]: "0.0.0.0/0" is not allowed; ${PRIVATE_RULE}`],
  [{ allowPublicApi: 'yes' }, 'allowPublicApi: "yes" is not allowed; must be true or false'],
  [
    { access: { a: { principal: 'x', level: 'root' } } },
    'access.a.level: "root" is not allowed; must be "admin" or "view"',
  ],
  [{ access: { a: { principal: '*', level: 'view' } } }, `access.a.principal: "*" is not allowed; ${PRINCIPAL_RULE}`],
  [
    { access: { a: { principal: 'arn:aws:iam::1:root', level: 'view' } } },
    `access.a.principal: "arn:aws:iam::1:root" is not allowed; ${PRINCIPAL_RULE}`,
  ],
  [
    { access: { a: { role: 'x', principal: 'y', level: 'view' } } },
    'access.a.role: there is no such argument; there are: principal, level',
  ],
  [{ architecture: 'x86' }, 'architecture: "x86" is not allowed; must be "amd64" or "arm64"'],
  [{ maxVcpus: 1 }, 'maxVcpus: 1 is not allowed; must be a whole number from 2 to 10000'],
  [{ deletionProtection: 'no' }, 'deletionProtection: "no" is not allowed; must be true or false'],
  [
    { logRetentionDays: 31 },
    'logRetentionDays: 31 is not allowed; must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 (days)',
  ],
  [
    { public: true },
    'public: there is no such argument; there are: kubernetesVersion, publicApiCidrs, allowPublicApi, privateApiCidrs, access, architecture, maxVcpus, deletionProtection, logRetentionDays',
  ],
])('%j is refused', (settings, message) => expect(spec(settings).messages).toEqual([message]));
