import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { devDeployment, devDump, GOLDEN } from '../support/dev-dump';
import { valueOf } from '../support/deployment';

const ROOT = join(__dirname, '..', '..');

describe('the stack `dev`', () => {
  it('asks Pulumi for exactly what test/golden/dev.json says; after a change that is meant: npm run golden', async () => {
    expect(JSON.parse(await devDump())).toEqual(JSON.parse(readFileSync(GOLDEN, 'utf8')));
  });

  it('asks for the same each time', async () => expect(await devDump()).toBe(await devDump()));

  it('shows no password in the dump, in no encoding', async () => {
    const { registrations } = await devDeployment();
    const passwords = registrations
      .filter(({ type }) => type === 'docker:index/secret:Secret')
      .map(({ inputs }) => inputs['data'] as string);
    expect(passwords.length).toBeGreaterThanOrEqual(9);
    const [dump, golden] = [await devDump(), readFileSync(GOLDEN, 'utf8')];
    for (const encoded of passwords) {
      const plain = Buffer.from(encoded, 'base64').toString();
      expect(plain).toMatch(/^[\w-]{32}$/);
      for (const text of [dump, golden]) {
        expect(text).not.toContain(encoded);
        expect(text).not.toContain(plain);
      }
    }
  });

  it('has a provider of its own where somebody has signed in to a registry, and otherwise none', async () => {
    const { registrations } = await devDeployment({ registryAuth: [{ address: 'registry.example.com' }] });
    const provider = registrations.find(({ type }) => type === 'pulumi:providers:docker');
    expect(JSON.stringify(provider?.inputs)).toContain('registry.example.com');
    const plain = (await devDeployment()).registrations;
    expect(plain.filter(({ type }) => type === 'pulumi:providers:docker')).toEqual([]);
    // Nothing else is another, so nothing is replaced.
    const names = (of: typeof plain) => of.map(({ name }) => name).sort();
    expect(names(registrations.filter((one) => one !== provider))).toEqual(names(plain));
  });

  it('exports where the shop answers, and image and replicas of each service', async () => {
    const { result } = await devDeployment();
    expect(await valueOf(result['url'] as never)).toMatch(/^http:\/\/127\.0\.0\.1:2\d{4}$/);
    expect(result['application']).toMatch(/^shop-dev-[0-9a-f]{6}$/);
    const services = (await valueOf(result['services'] as never)) as Record<
      string,
      { image: string; replicas: number }
    >;
    expect(Object.keys(services)).toEqual(['database', 'user', 'product', 'order', 'frontend']);
    expect(services['order']).toEqual({
      image: expect.stringMatching(/^shop\/order-service:[0-9a-f]{12}$/) as string,
      replicas: 2,
    });
  });

  it('gives each secret to those who need it, as another resource for another generation', async () => {
    const { registrations } = await devDeployment();
    const names = registrations.filter(({ type }) => type === 'docker:index/secret:Secret').map(({ name }) => name);
    expect(names.every((name) => name.endsWith('-1'))).toBe(true);
    expect(names).toContain('shop-user-secret-token-key-1');
    expect(names).not.toContain('shop-frontend-secret-token-key-1');
  });
});

it('a `dev` stack loads no package of another target', () => {
  const script = "require('./stacks/docker'); process.stdout.write(JSON.stringify(Object.keys(require.cache)))";
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const packages = new Set(
    (JSON.parse(output) as string[]).flatMap((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  expect(packages).toContain('@pulumi/docker');
  expect([...packages].filter((name) => /aws|eks|kubernetes/i.test(name))).toEqual([]);
});
