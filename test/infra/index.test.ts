import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Runs the program as far as it gets without an engine or a cloud, and lists the packages that it has loaded by then. */
function loadedBy(config: Record<string, string>): { packages: string[]; error: string } {
  const script = `
    require('./infra')().catch((error) => error.message).then((error) => {
      const packages = Object.keys(require.cache).map((path) => /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
      process.stdout.write(JSON.stringify({ packages: [...new Set(packages)].filter(Boolean), error }));
      process.exit(0);
    });`;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PULUMI_NODEJS_PROJECT: 'shop',
      PULUMI_NODEJS_STACK: 'test',
      PULUMI_CONFIG: JSON.stringify(config),
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
    },
  });
  return JSON.parse(output) as { packages: string[]; error: string };
}
const PROVIDERS = ['@pulumi/aws', '@pulumi/awsx', '@pulumi/docker', '@pulumi/eks', '@pulumi/kubernetes'];
const providersOf = (packages: string[]) => PROVIDERS.filter((name) => packages.includes(name));
const ACCOUNT = { 'shop:account': '123456789012', 'shop:region': 'eu-central-1' };

describe('the program loads the packages of its own target only', () => {
  it('docker', () => {
    const { packages, error } = loadedBy({ 'shop:target': 'docker' });
    expect(providersOf(packages)).toEqual(['@pulumi/docker']);
    // It got as far as looking at the engine.
    expect(error).toContain('/nowhere/docker.sock');
  });

  it('eks: none of AWS, whose cluster another stack makes', () => {
    const { packages, error } = loadedBy({ 'shop:target': 'eks', 'shop:internetFacing': 'true' });
    expect(providersOf(packages)).toEqual(['@pulumi/docker', '@pulumi/kubernetes']);
    expect(error).toContain('certificate: is missing');
  });

  it('aws-cluster', () => {
    const { packages, error } = loadedBy({
      'shop:target': 'aws-cluster',
      ...ACCOUNT,
      'shop:privateApiCidrs': '["10.1.0.0/16"]',
      'shop:vpcCidr': 'x',
    });
    expect(providersOf(packages)).toEqual(['@pulumi/aws', '@pulumi/awsx', '@pulumi/eks', '@pulumi/kubernetes']);
    expect(error).toContain('the configuration of the cluster: one argument is not valid');
  });

  it('aws-bootstrap', () => {
    const { packages, error } = loadedBy({ 'shop:target': 'aws-bootstrap', ...ACCOUNT, 'shop:repository': 'x' });
    expect(providersOf(packages)).toEqual(['@pulumi/aws']);
    expect(error).toContain('the configuration of the bootstrap stack: one argument is not valid');
  });

  it('none, when the configuration is not valid', () =>
    expect(providersOf(loadedBy({ 'shop:target': 'nowhere' }).packages)).toEqual([]));
});
