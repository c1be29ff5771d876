import { readFileSync } from 'node:fs';
import { PUSHED_IMAGES } from '../../stacks/image-bases';
import { valueOf } from '../support/deployment';
import { STAGING_GOLDEN, stagingDeployment, stagingDump } from '../support/staging-dump';

const SECRET = 'kubernetes:core/v1:Secret';

describe('the stack `staging`', () => {
  it('asks Pulumi for exactly what test/golden/staging.json says; after a change that is meant: npm run golden', async () => {
    expect(JSON.parse(await stagingDump())).toEqual(JSON.parse(readFileSync(STAGING_GOLDEN, 'utf8')));
  });

  it('asks for the same each time', async () => expect(await stagingDump()).toBe(await stagingDump()));

  it('asks for the cluster of its configuration, and for no other', async () => {
    const { registrations } = await stagingDeployment();
    const providers = registrations.filter(({ type }) => type === 'pulumi:providers:kubernetes');
    expect(providers.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({ kubeconfig: '.local/kubeconfig', context: 'shop-local' }),
    ]);
    const objects = registrations.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(new Set(objects.map(({ provider }) => provider))).toEqual(new Set(['cluster']));
  });

  it('shows no password in the dump, in no encoding', async () => {
    const { registrations } = await stagingDeployment();
    const passwords = registrations
      .filter(({ type }) => type === SECRET)
      .flatMap(({ inputs }) => Object.values(inputs['data'] as Record<string, string>));
    expect(passwords.length).toBeGreaterThanOrEqual(9);
    const [dump, golden] = [await stagingDump(), readFileSync(STAGING_GOLDEN, 'utf8')];
    for (const encoded of passwords) {
      const plain = Buffer.from(encoded, 'base64').toString();
      expect(plain).toMatch(/^[\w-]{32}$/);
      for (const text of [dump, golden]) {
        expect(text).not.toContain(encoded);
        expect(text).not.toContain(plain);
      }
    }
  });

  it('gives passwords to the state encrypted, and to nothing but Secrets', async () => {
    const { registrations } = await stagingDeployment();
    for (const { type, secrets } of registrations) expect(secrets).toEqual(type === SECRET ? ['data'] : []);
  });

  it('builds only what the registry lacks', async () => {
    const builds = async (published: boolean) =>
      (await stagingDeployment({ published })).registrations.filter(
        ({ type, inputs }) => type === 'docker:index/remoteImage:RemoteImage' && 'build' in inputs,
      ).length;
    expect(await builds(false)).toBe(PUSHED_IMAGES.length);
    expect(await builds(true)).toBe(0);
  });

  it('runs every image by its digest, the gateway’s, too', async () => {
    const { registrations } = await stagingDeployment();
    const images = registrations
      .filter(({ type }) => /^kubernetes:(apps|batch)/.test(type))
      .map(({ inputs }) => /"image":"([^"]+)"/.exec(JSON.stringify(inputs))![1]);
    expect(images.length).toBeGreaterThan(PUSHED_IMAGES.length);
    for (const image of images) expect(image).toMatch(/^127\.0\.0\.1:5000\/shop\/[a-z-]+@sha256:pushed$/);
  });

  it('exports where the shop answers, its namespace, and image and replicas of each service', async () => {
    const { result } = await stagingDeployment();
    expect(await valueOf(result['url'] as never)).toBe('http://127.0.0.1:30123');
    expect(result['namespace']).toMatch(/^shop-staging-[0-9a-f]{6}$/);
    const services = (await valueOf(result['services'] as never)) as Record<string, { replicas: number }>;
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['database', 'user', 'product', 'order', 'frontend']));
    expect(services['order']!.replicas).toBe(2);
  });
});
