import { ciNames, secretsProvider, stateBucketName } from '../../../components/aws/ci-names';
import { formatProblem, type Problem } from '../../../components/validation';
import { CI_NAMES as names, CI_SETTINGS as settings } from '../../support/ci';

it('the secrets of a stack are encrypted in its name', () =>
  expect(secretsProvider(names, 'prod')).toBe(
    'awskms://alias/shop-pulumi-secrets?region=eu-central-1&context_stack=prod',
  ));

it('the bucket of the longest project in the longest region has a name that S3 takes', () =>
  expect(stateBucketName({ ...names, project: 'a'.repeat(20), region: 'ap-southeast-1' }).length).toBeLessThanOrEqual(
    63,
  ));

describe('the arguments', () => {
  const messages = (change: Record<string, unknown>) => {
    const problems: Problem[] = [];
    ciNames({ ...settings, ...change }, [], problems);
    return problems.map(formatProblem);
  };

  it.each<[Record<string, unknown>, string]>([
    [{ repository: 'shop' }, 'repository: "shop" is not allowed; must be a repository on GitHub, "owner/name"'],
    [
      { repository: 'example/*' },
      'repository: "example/*" is not allowed; must be a repository on GitHub, "owner/name"',
    ],
    [{ repository: undefined }, 'repository: is missing; must be a repository on GitHub, "owner/name"'],
    [
      { repositoryId: 'shop', repositoryOwnerId: '2' },
      'repositoryId: "shop" is not allowed; must be the number that GitHub gave it, such as "1296269"',
    ],
    [
      { repositoryOwnerId: '2' },
      'repositoryOwnerId: "2" is not allowed; must be given with repositoryId, and not without it',
    ],
    [{ repositoryId: '1' }, 'repositoryOwnerId: is missing; must be given with repositoryId, and not without it'],
    [
      { trustRepositoryName: false },
      'trustRepositoryName: false is not allowed; must be true where repositoryId is not given: no token would be trusted',
    ],
    [{ applicationStack: 'plan' }, 'applicationStack: "plan" is not allowed; must not be "plan"'],
    [
      { applicationStack: '*' },
      'applicationStack: "*" is not allowed; must be the name of a stack: lower-case letters, digits and single hyphens',
    ],
    [{ project: 'a'.repeat(21) }, `project: "${'a'.repeat(21)}" is not allowed; must have at most 20 characters`],
    [{ clusterStack: 'prod' }, 'clusterStack: "prod" is not allowed; must not be the stack of the application'],
    [{ account: '1234' }, 'account: "1234" is not allowed; must be the 12 digits of an AWS account'],
    [
      { region: 'us-gov-west-1' },
      'region: "us-gov-west-1" is not allowed; must be a commercial AWS region such as "eu-central-1"',
    ],
    [
      { region: 'cn-north-1' },
      'region: "cn-north-1" is not allowed; must be a commercial AWS region such as "eu-central-1"',
    ],
  ])('%j is refused', (change, message) => expect(messages(change)).toEqual([message]));

  it.each(['us-east-1', 'eu-south-2', 'ap-southeast-5', 'me-central-1', 'ca-west-1', 'ap-northeast-3'])(
    '%s is a region',
    (region) => expect(messages({ region })).toEqual([]),
  );
});
