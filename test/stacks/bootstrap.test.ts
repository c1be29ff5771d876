import { readFileSync } from 'node:fs';
import { InvalidArgumentsError } from '../../components';
import { AWS_GOLDEN, awsDump, bootstrapDeployment } from '../support/aws-dump';
import { valueOf } from '../support/deployment';
import { allows, statementsOf } from '../support/iam';
import { named, ofType, providerOf } from '../support/registrations';

const BUCKET = 'shop-pulumi-state-123456789012-eu-central-1';
/** Deployed once: it is asked many questions, and none changes it. */
let done: ReturnType<typeof bootstrapDeployment> | undefined;
const registrationsOf = async () => (await (done ??= bootstrapDeployment())).registrations;

describe('the stack `bootstrap`', () => {
  it('asks Pulumi for exactly what test/golden/bootstrap.json says; after a change that is meant: npm run golden', async () =>
    expect(JSON.parse(await awsDump('bootstrap'))).toEqual(JSON.parse(readFileSync(AWS_GOLDEN.bootstrap, 'utf8'))));

  it('exports what the other stacks and the workflows are set up with', async () => {
    const { result } = await bootstrapDeployment();
    expect({
      ...result,
      roleArns: await valueOf(result.roleArns),
      permissionsBoundaryArn: await valueOf(result.permissionsBoundaryArn),
    }).toEqual({
      backend: `s3://${BUCKET}?region=eu-central-1`,
      secretsProviders: Object.fromEntries(
        ['prod', 'prod-cluster', 'bootstrap'].map((stack) => [
          stack,
          `awskms://alias/shop-pulumi-secrets?region=eu-central-1&context_stack=${stack}`,
        ]),
      ),
      roleArns: Object.fromEntries(
        ['preview', 'deploy', 'infrastructure'].map((role) => [role, `arn:aws:iam::123456789012:role/shop-ci-${role}`]),
      ),
      permissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/shop-boundary',
    });
  });

  it('uses the trust in GitHub that the account already has', async () => {
    const { registrations } = await bootstrapDeployment({ 'shop:githubProviderExists': 'true' });
    expect(ofType(registrations, 'OpenIdConnectProvider')).toEqual([]);
  });

  it('lists every wrong value at once, and creates nothing', async () => {
    const error: unknown = await bootstrapDeployment({ 'shop:repository': 'shop', 'shop:clusterStack': '*' }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(InvalidArgumentsError);
    expect((error as InvalidArgumentsError).problems.map(({ path }) => path)).toEqual(['repository', 'clusterStack']);
  });
});

describe('security of `bootstrap`', () => {
  it('the state is encrypted with a key of its own', async () =>
    expect(named(await registrationsOf(), 'state-encryption').inputs).toMatchObject({
      bucket: BUCKET,
      rules: [
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: 'aws:kms',
            kmsMasterKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/state-key',
          },
          blockedEncryptionTypes: ['SSE-C'],
        },
      ],
    }));

  it('every earlier state can be had back, for 90 days', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'state-versions').inputs['versioningConfiguration']).toEqual({ status: 'Enabled' });
    expect(named(registrations, 'state-lifecycle').inputs['rules']).toMatchObject([
      { status: 'Enabled', noncurrentVersionExpiration: { noncurrentDays: 90 } },
    ]);
  });

  it('the state is never public', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'state-public-access').inputs).toEqual({
      bucket: BUCKET,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(named(registrations, 'state-ownership').inputs['rule']).toEqual({ objectOwnership: 'BucketOwnerEnforced' });
  });

  it('the state is reachable by TLS 1.2 or later only', async () => {
    const policy = statementsOf(named(await registrationsOf(), 'state-policy').inputs['policy']);
    const everyone = { Sid: 'Any', Effect: 'Allow' as const, Action: '*', Resource: '*' };
    const get = (context: Record<string, string>) =>
      allows([everyone, ...policy], { action: 's3:GetObject', resource: `arn:aws:s3:::${BUCKET}/x`, context });
    expect(get({ 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' })).toBe(true);
    expect(get({ 'aws:SecureTransport': 'false' })).toBe(false);
    expect(get({ 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.1' })).toBe(false);
    expect(policy.map(({ Effect }) => Effect)).toEqual(['Deny', 'Deny']);
  });

  it('`destroy` deletes neither the state nor the keys', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'state-bucket')).toMatchObject({ protect: true, inputs: { forceDestroy: false } });
    expect(ofType(registrations, 'Key').map(({ name, protect }) => [name, protect])).toEqual([
      ['state-key', true],
      ['secrets-key', true],
    ]);
  });

  it('keys are renewed, and a deletion can be taken back for 30 days', async () => {
    for (const { inputs } of ofType(await registrationsOf(), 'Key')) {
      expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    }
  });

  it('keys are used by whom IAM lets in, and by nobody outside the account', async () => {
    for (const { inputs } of ofType(await registrationsOf(), 'Key')) {
      expect(statementsOf(inputs['policy']).map(({ Principal }) => Principal)).toEqual([
        { AWS: 'arn:aws:iam::123456789012:root' },
      ]);
    }
  });

  it('there is no key of access and no user: CI has roles by GitHub’s tokens only', async () => {
    const registrations = await registrationsOf();
    expect(registrations.filter(({ type }) => /iam\/(user|accessKey|group)/.test(type))).toEqual([]);
    expect(ofType(registrations, 'OpenIdConnectProvider').map(({ inputs }) => inputs)).toEqual([
      { url: 'https://token.actions.githubusercontent.com', clientIdLists: ['sts.amazonaws.com'] },
    ]);
    for (const { inputs } of ofType(registrations, 'Role')) {
      expect(statementsOf(inputs['assumeRolePolicy'])).toMatchObject([
        {
          Effect: 'Allow',
          Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
          Action: 'sts:AssumeRoleWithWebIdentity',
        },
      ]);
    }
  });

  it('each role is for its own kind of run of this repository', async () => {
    const subjects = ofType(await registrationsOf(), 'Role').map(({ inputs }) => [
      inputs['name'],
      statementsOf(inputs['assumeRolePolicy'])[0]!.Condition!['StringEquals']![
        'token.actions.githubusercontent.com:sub'
      ],
    ]);
    expect(Object.fromEntries(subjects)).toEqual({
      'shop-ci-preview': [
        'repo:example@2002/shop@1001:pull_request',
        'repo:example/shop:pull_request',
        'repo:example@2002/shop@1001:environment:plan',
        'repo:example/shop:environment:plan',
      ],
      'shop-ci-deploy': ['repo:example@2002/shop@1001:environment:prod', 'repo:example/shop:environment:prod'],
      'shop-ci-infrastructure': [
        'repo:example@2002/shop@1001:environment:prod-cluster',
        'repo:example/shop:environment:prod-cluster',
      ],
    });
  });

  it('roles have inline policies only: nothing that AWS may widen later', async () => {
    const registrations = await registrationsOf();
    expect(ofType(registrations, 'RolePolicyAttachment')).toEqual([]);
    expect(ofType(registrations, 'RolePolicy').length).toBeGreaterThan(5);
  });

  it('every resource goes through the one provider, which tags it and refuses other accounts', async () => {
    const registrations = await registrationsOf();
    const resources = registrations.filter(({ type }) => type.startsWith('aws:'));
    expect(resources.filter((one) => providerOf(registrations, one) !== 'aws')).toEqual([]);
    const { inputs } = registrations.find(({ type }) => type === 'pulumi:providers:aws')!;
    expect(inputs['allowedAccountIds']).toBe('["123456789012"]');
    expect(JSON.parse(inputs['defaultTags'] as string)).toEqual({
      tags: { Project: 'shop', Stack: 'bootstrap', ManagedBy: 'pulumi' },
    });
  });
});
