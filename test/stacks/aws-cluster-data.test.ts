import { PUSHED_IMAGES } from '../../stacks/image-bases';
import { awsDump, deployedCluster, eksOf, registrationsOf } from '../support/aws-dump';
import { isSecret, type Registration } from '../support/deployment';
import { allows, statementsOf } from '../support/iam';
import { named, ofType } from '../support/registrations';

describe('what `prod-cluster` keeps', () => {
  it('Secrets are encrypted with a key of their own', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'cluster-eks').inputs['encryptionConfigKeyArn']).toBe(
      'arn:aws:kms:eu-central-1:123456789012:key/secrets-key',
    );
    const policy = statementsOf(named(registrations, 'secrets-key').inputs['policy']);
    expect(policy.map(({ Principal }) => Principal)).toEqual([{ AWS: 'arn:aws:iam::123456789012:root' }]);
  });

  it('keys are renewed, and a deletion can be taken back for 30 days', async () => {
    const keys = ofType(await registrationsOf(), 'Key');
    expect(keys).toHaveLength(2);
    for (const { inputs } of keys) expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
  });

  it('the key of logs opens for this cluster’s log groups and for alarms of this account, and for no other service', async () => {
    const policy = statementsOf(named(await registrationsOf(), 'data-key').inputs['policy']);
    const services = policy.flatMap(({ Principal }) => (Principal as Record<string, string>)['Service'] ?? []);
    expect(services).toEqual(['logs.eu-central-1.amazonaws.com', 'cloudwatch.amazonaws.com']);
    const byService = policy.filter(({ Principal }) => 'Service' in (Principal as object));
    const decrypt = (context: Record<string, string>) =>
      allows(byService, { action: 'kms:Decrypt', resource: '*', context });
    const group = (name: string) => ({
      'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:eu-central-1:123456789012:log-group:${name}`,
    });
    expect(decrypt(group('/aws/eks/shop-prod-cluster/cluster'))).toBe(true);
    expect(decrypt(group('/aws/containerinsights/shop-prod-cluster/application'))).toBe(true);
    expect(decrypt(group('/aws/vpc/shop-prod-cluster'))).toBe(true);
    expect(decrypt(group('/aws/eks/another/cluster'))).toBe(false);
    expect(decrypt({ 'aws:SourceAccount': '123456789012' })).toBe(true);
    expect(decrypt({ 'aws:SourceAccount': '999999999999' })).toBe(false);
    expect(decrypt({})).toBe(false);
  });

  it('the control plane logs everything', async () =>
    expect((await eksOf())['enabledClusterLogTypes']).toEqual([
      'api',
      'audit',
      'authenticator',
      'controllerManager',
      'scheduler',
    ]));

  it('every log is encrypted and kept for the configured time, also that of the control plane', async () => {
    const registrations = await registrationsOf();
    const groups = ofType(registrations, 'LogGroup');
    expect(groups.map(({ inputs }) => inputs['name'])).toEqual(
      expect.arrayContaining([
        '/aws/eks/shop-prod-cluster/cluster',
        '/aws/vpc/shop-prod-cluster',
        ...['application', 'dataplane', 'host', 'performance'].map(
          (s) => `/aws/containerinsights/shop-prod-cluster/${s}`,
        ),
      ]),
    );
    for (const { inputs } of groups) {
      expect(inputs).toMatchObject({
        retentionInDays: 90,
        kmsKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/data-key',
      });
    }
    // Made by EKS, it would be kept for ever.
    expect(named(registrations, 'cluster-eks').dependencies).toContain('cluster-control-plane');
  });

  it('volumes are encrypted', async () =>
    expect(named(await registrationsOf(), 'objects-storage-class').inputs['parameters']).toMatchObject({
      encrypted: 'true',
    }));

  it('a tag of an image never means two things', async () => {
    for (const { inputs } of repositories(await registrationsOf()))
      expect(inputs['imageTagMutability']).toBe('IMMUTABLE');
  });

  it('images are scanned when they are pushed', async () => {
    for (const { inputs } of repositories(await registrationsOf())) {
      expect(inputs['imageScanningConfiguration']).toEqual({ scanOnPush: true });
    }
  });

  it('images are encrypted with a key of ours', async () => {
    for (const { inputs } of repositories(await registrationsOf())) {
      expect(inputs['encryptionConfigurations']).toEqual([
        { encryptionType: 'KMS', kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/data-key' },
      ]);
    }
  });

  it('a repository with images in it is not deleted', async () => {
    for (const { inputs } of repositories(await registrationsOf())) expect(inputs['forceDelete']).toBe(false);
  });

  it('messages of alarms are encrypted', async () =>
    expect(ofType(await registrationsOf(), 'Topic').map(({ inputs }) => inputs['kmsMasterKeyId'])).toEqual([
      'arn:aws:kms:eu-central-1:123456789012:key/data-key',
    ]));

  it('the kubeconfig is a secret wherever it goes', async () => {
    const { result, registrations, outputs } = await deployedCluster();
    expect(await isSecret(result.kubeconfig)).toBe(true);
    expect(named(registrations, 'objects-provider').secrets).toEqual(['kubeconfig']);
    expect(JSON.stringify(outputs.get('cluster'))).toContain('1b47061264138c4ac30d75fd1eb44270');
    expect(await awsDump('prod-cluster')).not.toContain('"Config"');
  });
});

function repositories(registrations: readonly Registration[]): Registration[] {
  const found = ofType(registrations, 'Repository');
  expect(found).toHaveLength(PUSHED_IMAGES.length);
  return found;
}
