import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { tsImport } from 'tsx/esm/api';
import { root } from '../lib/project.mjs';

const { consequenceOf } = await tsImport('./replacements.ts', import.meta.url);
const { AWS_ARGUMENTS } = await tsImport('./replacements-aws.ts', import.meta.url);
const { AWS } = await tsImport('../../test/support/aws-mocks.ts', import.meta.url);
const { COMPONENTS } = await tsImport('./replacements-components.ts', import.meta.url);

const SERVICE = 'docker:index/service:Service';
const RULE = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

describe('a change of', () => {
  for (const [type, path, op, values = { before: 'a', after: 'b' }] of [
    ['docker:index/container:Container', 'image', 'replace'],
    ['docker:index/container:Container', 'memory', 'update'],
    ['docker:index/network:Network', 'internal', 'replace'],
    [SERVICE, 'mode.replicated.replicas', 'update'],
    [SERVICE, 'taskSpec.containerSpec.image', 'update'],
    [SERVICE, 'taskSpec.networksAdvanceds.shop-api.name', 'replace'],
    ['docker:index/volume:Volume', 'name', 'replace'],
    ['docker:index/plugin:Plugin', 'name', 'unknown'],
    ['kubernetes:apps/v1:Deployment', 'spec.selector.matchLabels.a', 'replace'],
    ['kubernetes:apps/v1:Deployment', 'spec.template.spec', 'update'],
    ['kubernetes:batch/v1:Job', 'spec.template.spec', 'replace'],
    ['kubernetes:core/v1:PersistentVolumeClaim', 'spec.resources.requests.storage', 'update'],
    ['kubernetes:core/v1:PersistentVolumeClaim', 'spec.storageClassName', 'replace'],
    ['kubernetes:core/v1:Service', 'metadata.name', 'replace'],
    ['aws:iam/role:Role', 'name', 'replace'],
    ['aws:iam/role:Role', 'assumeRolePolicy', 'update'],
    ['aws:iam/role:Role', 'permissionsBoundary', 'update'],
    ['aws:iam/policy:Policy', 'description', 'replace'],
    ['aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'policyArn', 'replace'],
    ['aws:kms/key:Key', 'policy', 'update'],
    ['aws:kms/key:Key', 'multiRegion', 'replace'],
    ['aws:kms/key:Key', 'tags.Stack', 'update'],
    ['aws:ec2/flowLog:FlowLog', 'destinationOptions.fileFormat', 'replace'],
    ['aws:eks/addon:Addon', 'configurationValues', 'update'],
    ['aws:eks/addon:Addon', 'namespaceConfig.namespace', 'unknown'],
    ['aws:s3/bucket:Bucket', 'forceDestroy', 'update'],
    [RULE, 'cidrIpv4', 'update'],
    [RULE, 'cidrIpv4', 'replace', { before: '10.0.0.0/8' }],
    [RULE, 'prefixListId', 'replace', { after: 'pl-1' }],
    ['aws:lambda/function:Function', 'name', 'unknown'],
    ['shop:components:Microservice', 'name', 'update'],
    ['pulumi:providers:aws', 'region', 'unknown'],
  ]) {
    const which = values.before === undefined ? ', added' : values.after === undefined ? ', removed' : '';
    test(`${type}, ${path}${which}: ${op}`, () =>
      assert.equal(consequenceOf(type, { path: path.split('.'), ...values }).op, op));
  }
});

describe('a change of a component of another package, in', () => {
  const spec = (cidrMask, more = {}) => [{ type: 'Private', cidrMask, tags: {}, ...more }];
  for (const [type, path, before, after, expected] of [
    ['awsx:ec2:Vpc', 'cidrBlock', '10.0.0.0/16', '10.1.0.0/16', 'the VPC and everything in it'],
    ['awsx:ec2:Vpc', 'natGateways.strategy', 'Single', 'OnePerAz', 'update'],
    ['awsx:ec2:Vpc', 'numberOfAvailabilityZones', 2, 3, 'the subnets and what is in them'],
    ['awsx:ec2:Vpc', 'numberOfAvailabilityZones', 3, 4, 'update'],
    ['awsx:ec2:Vpc', 'subnetSpecs', spec(19), spec(20), 'the subnets and what is in them'],
    ['awsx:ec2:Vpc', 'subnetSpecs', spec(19), spec(19, { tags: { a: 'b' } }), 'update'],
    ['awsx:ec2:Vpc', 'subnetSpecs', spec(19), spec(19, { type: 'Public' }), 'unknown'],
    ['awsx:ec2:Vpc', 'subnetStrategy', 'Auto', 'Exact', 'unknown'],
    ['awsx:ecr:Repository', 'name', 'a', 'b', 'the repository and its images'],
    ['awsx:ecr:Repository', 'lifecyclePolicy.rules', [], [{}], 'the lifecycle policy'],
    ['awsx:ecr:Repository', 'imageTagMutability', 'IMMUTABLE', 'MUTABLE', 'update'],
    ['eks:index:Cluster', 'name', 'a', 'b', 'the cluster and everything in it'],
    ['eks:index:Cluster', 'version', '1.34', '1.35', 'update'],
    ['eks:index:Cluster', 'vpcId', 'a', 'b', 'unknown'],
    ['eks:index:Cluster', 'encryptionConfigKeyArn', undefined, 'a', 'update'],
    ['eks:index:Cluster', 'encryptionConfigKeyArn', 'a', 'b', 'unknown'],
    ['eks:index:Cluster', 'encryptionConfigKeyArn', 'a', undefined, 'the cluster and everything in it'],
    ['eks:index:Cluster', 'accessEntries.view', undefined, { principalArn: 'a' }, 'update'],
    ['eks:index:Cluster', 'accessEntries.view.principalArn', 'a', 'b', 'unknown'],
    ['eks:index:Cluster', 'autoMode.computeConfig.nodeRoleArn', 'a', 'b', 'the cluster and everything in it'],
    ['eks:index:Cluster', 'autoMode.computeConfig.nodeRoleArn', undefined, 'b', 'unknown'],
  ]) {
    test(`${type}, ${path}, from ${JSON.stringify(before)} to ${JSON.stringify(after)}: ${expected}`, () => {
      const found = consequenceOf(type, { path: path.split('.'), before, after });
      assert.equal(found.part ?? found.op, expected);
    });
  }
});

/** Arguments of a resource, from the types of its package. */
function argumentsIn(...path) {
  const [, body] = /export interface \w+Args \{([^]*?)\n\}/.exec(read('node_modules', '@pulumi', ...path)) ?? [];
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name);
}

describe('what is known of AWS', () => {
  test('has an entry for every type in the dumps of the stacks', () => {
    const dumps = readdirSync(join(root, 'test', 'golden')).filter((file) => file.endsWith('.json'));
    const types = new Set(dumps.flatMap((file) => JSON.parse(read('test', 'golden', file)).map(({ type }) => type)));
    const used = [...types].filter((type) => /^(aws|awsx|eks):/.test(type));
    assert.ok(used.length > 20);
    assert.deepEqual(
      used.filter((type) => !(type in AWS_ARGUMENTS) && !(type in COMPONENTS)),
      [],
    );
  });

  test('has an entry for every type that the programs may use', () =>
    assert.deepEqual(
      Object.keys(AWS).filter(
        (type) => /^(aws|awsx|eks):/.test(type) && !(type in AWS_ARGUMENTS || type in COMPONENTS),
      ),
      [],
    ));

  test('is of the versions in package.json', () => {
    const { dependencies } = JSON.parse(read('package.json'));
    assert.match(
      read('scripts', 'plan', 'replacements-aws.ts'),
      new RegExp(`@pulumi/aws ${dependencies['@pulumi/aws']} `),
    );
    const components = read('scripts', 'plan', 'replacements-components.ts');
    assert.ok(components.includes(`pulumi-eks ${dependencies['@pulumi/eks']},`));
    assert.ok(components.includes(`installed ${dependencies['@pulumi/awsx']}.`));
  });

  for (const [type, { replaces, replacesComingOrGoing = [], updates }] of Object.entries(AWS_ARGUMENTS)) {
    test(`names arguments that ${type} has, each once`, () => {
      const [, file] = type.split(':');
      const known = [...replaces, ...replacesComingOrGoing, ...updates];
      assert.deepEqual([...new Set(known)], known);
      const has = argumentsIn('aws', ...`${file}.d.ts`.split('/'));
      assert.deepEqual(
        known.filter((name) => !has.includes(name)),
        [],
      );
    });
  }

  for (const [type, file] of Object.entries({
    'awsx:ec2:Vpc': ['awsx', 'ec2', 'vpc.d.ts'],
    'awsx:ecr:Repository': ['awsx', 'ecr', 'repository.d.ts'],
    'eks:index:Cluster': ['eks', 'cluster.d.ts'],
  })) {
    test(`names arguments that ${type} has`, () => {
      const has = argumentsIn(...file);
      const known = Object.keys(COMPONENTS[type]).map((name) => name.split('.')[0]);
      assert.deepEqual(
        known.filter((name) => !has.includes(name)),
        [],
      );
    });
  }
});
