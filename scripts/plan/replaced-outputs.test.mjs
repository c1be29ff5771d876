import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tsImport } from 'tsx/esm/api';

const { partOf, withReplaced } = await tsImport('./replaced-outputs.ts', import.meta.url);
const { SUBNETS, VPC } = await tsImport('./replacements-components.ts', import.meta.url);
const { isUnknown } = await import('../lib/preview-changes.mjs');

const computed = {
  'aws:kms/key:Key': (name) => ({ keyId: name, arn: `arn:${name}`, enabled: true }),
  'awsx:ec2:Vpc': () => ({ vpcId: 'vpc', privateSubnetIds: ['a', 'b'] }),
};
const outputs = (type, name, ...replaced) => withReplaced(computed, new Set(replaced))[type](name, {});
const unknown = (values) => Object.keys(values).filter((key) => isUnknown(values[key]));

describe('outputs', () => {
  test('stay as they are for what is not replaced', () => {
    assert.deepEqual(outputs('aws:kms/key:Key', 'key'), { keyId: 'key', arn: 'arn:key', enabled: true });
    assert.deepEqual(unknown(outputs('aws:kms/key:Key', 'key', 'other')), []);
  });

  test('are known later for what is replaced, if they follow from it', () =>
    assert.deepEqual(unknown(outputs('aws:kms/key:Key', 'key', 'key')), ['keyId', 'arn']));

  test('of a component follow from what is replaced in it', () => {
    const vpc = (part) => outputs('awsx:ec2:Vpc', 'vpc', 'vpc', partOf('vpc', part));
    assert.deepEqual(unknown(vpc(VPC)), ['vpcId', 'privateSubnetIds']);
    assert.deepEqual(unknown(vpc(SUBNETS)), ['privateSubnetIds']);
    assert.equal(vpc(SUBNETS).privateSubnetIds.length, 2);
  });
});
