import { Registry, registrySpec, type RegistrySettings } from '../../../components/aws/registry';
import { formatProblem, type Problem } from '../../../components/validation';
import { AWS } from '../../support/aws-mocks';
import { deploy, valueOf } from '../../support/deployment';
import { ofType } from '../../support/registrations';

const account = { account: '123456789012', region: 'eu-central-1' };
const run = (settings: RegistrySettings) =>
  deploy(() => new Registry('registry', { ...settings, ...account, keyArn: 'arn:key' }), { computed: AWS });
const messages = (settings: Record<string, unknown>) => {
  const problems: Problem[] = [];
  registrySpec({ repositories: ['shop/api'], ...settings }, [], problems);
  return problems.map(formatProblem);
};

describe('a registry', () => {
  it('has the repositories that were named, and says where they are', async () => {
    const { result, registrations } = await run({ repositories: ['shop/api', 'shop/web'] });
    expect(
      ofType(registrations, 'Repository').map(({ name, parent, inputs }) => [name, parent, inputs['name']]),
    ).toEqual([
      ['registry-shop-api', 'registry', 'shop/api'],
      ['registry-shop-web', 'registry', 'shop/web'],
    ]);
    expect(result.host).toBe('123456789012.dkr.ecr.eu-central-1.amazonaws.com');
    expect(await valueOf(result.urls['shop/web']!)).toBe(`${result.host}/shop/web`);
  });

  it('keeps as many images as it was told, and no image without a tag', async () => {
    const { registrations } = await run({ repositories: ['shop/api'], keepImages: 20 });
    const { rules } = ofType(registrations, 'Repository')[0]!.inputs['lifecyclePolicy'] as { rules: unknown[] };
    expect(rules).toEqual([
      { description: 'without a tag', tagStatus: 'untagged', maximumAgeLimit: 1 },
      { description: 'all but the newest', tagStatus: 'any', maximumNumberOfImages: 20 },
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ repositories: [] }, 'repositories: [] is not allowed; must name a repository'],
    [
      { repositories: ['Shop'] },
      'repositories[0]: "Shop" is not allowed; must be a repository in lower case, such as "shop/user-service"',
    ],
    [{ keepImages: 5 }, 'keepImages: 5 is not allowed; must be a whole number from 10 to 1000'],
  ])('%j is refused', (settings, message) => expect(messages(settings)).toEqual([message]));

  it('that is refused creates nothing', async () => {
    await expect(run({ repositories: [] })).rejects.toThrow('registry "registry": one argument is not valid');
  });
});
