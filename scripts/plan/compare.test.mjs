import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tsImport } from 'tsx/esm/api';

const { steps } = await tsImport('./compare.ts', import.meta.url);
const { digest, withoutSecrets } = await tsImport('./secrets.ts', import.meta.url);

const SERVICE = 'docker:index/service:Service';
const STACK = { project: 'shop', stack: 'dev' };

const resource = (more = {}) => ({
  type: SERVICE,
  name: 'shop-api-service',
  parent: 'shop-api',
  parentUrn: 'urn:pulumi:dev::shop::shop:components:Application$shop:components:Microservice::shop-api',
  inputs: { name: 'api', mode: { replicated: { replicas: 2 } } },
  dependencies: [],
  secrets: {},
  retainOnDelete: false,
  deleteBeforeReplace: false,
  protect: false,
  ignoreChanges: [],
  hooks: {},
  ...more,
});
const opsOf = (before, after) => steps(before, after, STACK).map(({ op, urn }) => [op, urn.split('::').at(-1)]);
const SAME = [['same', 'shop-api-service']];

describe('steps', () => {
  test('are those of a first deployment, of nothing new, and of an end', () => {
    assert.deepEqual(opsOf([], [resource()]), [['create', 'shop-api-service']]);
    assert.deepEqual(opsOf([resource()], [resource()]), SAME);
    assert.deepEqual(opsOf([resource()], []), [['delete', 'shop-api-service']]);
  });

  test('name a resource by its parent and its type', () => {
    const [{ urn }] = steps([], [resource()], STACK);
    assert.equal(urn, `urn:pulumi:dev::shop::shop:components:Microservice$${SERVICE}::shop-api-service`);
    const top = resource({ parentUrn: 'urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev' });
    assert.equal(steps([], [top], STACK)[0].urn, `urn:pulumi:dev::shop::${SERVICE}::shop-api-service`);
  });

  test('tell another resource from a changed one', () =>
    assert.deepEqual(opsOf([resource()], [resource({ name: 'shop-web-service' })]), [
      ['create', 'shop-web-service'],
      ['delete', 'shop-api-service'],
    ]));

  test('update what a provider changes in place, and replace the rest', () => {
    const scaled = resource({ inputs: { name: 'api', mode: { replicated: { replicas: 3 } } } });
    assert.equal(steps([resource()], [scaled], STACK)[0].op, 'update');
    const renamed = resource({ inputs: { name: 'api-2', mode: { replicated: { replicas: 3 } } } });
    const [step] = steps([resource()], [renamed], STACK);
    assert.deepEqual([step.op, step.replaceReasons], ['replace', ['name']]);
  });

  test('say where it is not known whether a change replaces', () => {
    const bucket = (inputs) => [resource({ type: 'aws:s3/bucket:Bucket', inputs })];
    const [update] = steps(bucket({ bucket: 'a' }), bucket({ bucket: 'a', bucketNamespace: 'b' }), STACK);
    assert.deepEqual([update.op, update.mayReplace], ['update', ['bucketNamespace']]);
    const [replace] = steps(bucket({ bucket: 'a' }), bucket({ bucket: 'c', bucketNamespace: 'b' }), STACK);
    assert.deepEqual([replace.op, replace.replaceReasons, replace.mayReplace], ['replace', ['bucket'], undefined]);
  });

  test('say what is replaced in a component', () => {
    const vpc = (inputs) => [resource({ type: 'awsx:ec2:Vpc', inputs })];
    const [step] = steps(
      vpc({ numberOfAvailabilityZones: 2, vpcEndpointStrategy: 'Auto' }),
      vpc({ numberOfAvailabilityZones: 3, vpcEndpointStrategy: 'Legacy' }),
      STACK,
    );
    assert.deepEqual(
      [step.op, step.replacedParts, step.mayReplace],
      ['replace', ['the subnets and what is in them'], ['vpcEndpointStrategy']],
    );
  });

  test('leave out what is ignored, wherever it lies', () => {
    const build = (context, more = {}) =>
      resource({ inputs: { build: { context, ...more } }, ignoreChanges: ['build.context'] });
    assert.deepEqual(opsOf([build('/here')], [build('/there')]), SAME);
    assert.deepEqual(opsOf([build('/here')], [build('/there', { target: 'a' })]), [['update', 'shop-api-service']]);
    const whole = (inputs) => resource({ inputs, ignoreChanges: ['build'] });
    assert.deepEqual(opsOf([whole({})], [whole({ build: { context: '.' } })]), SAME);
    assert.deepEqual(opsOf([whole({ build: { context: '.' } })], [whole({})]), SAME);
  });

  test('see that a secret changes, and show no value', () => {
    const secret = (value) =>
      withoutSecrets(
        { ...resource(), type: 'docker:index/secret:Secret', inputs: { data: value }, secrets: ['data'], provider: '' },
        'key',
      );
    const found = steps([secret('4711')], [secret('0815')], STACK);
    assert.equal(found[0].op, 'replace');
    assert.deepEqual(found[0].detailedDiff, { data: { kind: 'update' } });
    assert.ok(!/4711|0815/.test(JSON.stringify(found)));
    assert.deepEqual(opsOf([secret('4711')], [secret('4711')]), SAME);
  });
});

test('a digest is the same for the same value in one run only', () => {
  assert.equal(digest('run', 'value'), digest('run', 'value'));
  assert.notEqual(digest('run', 'value'), digest('run', 'other'));
  assert.notEqual(digest('run', 'value'), digest('next', 'value'));
});
