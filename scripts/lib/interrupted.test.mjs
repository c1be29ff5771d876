import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applicationsOf,
  clustersOf,
  commandAt,
  objectsOf,
  pendingOperations,
  placeOptions,
  withRefresh,
} from './interrupted.mjs';

test('the command is found behind options of every command, with and without a value', () => {
  assert.equal(commandAt(['up', '--yes']), 0);
  assert.equal(commandAt(['--non-interactive', '--color', 'never', 'up']), 3);
  assert.equal(commandAt(['-C', 'infra', '--color=never', 'preview']), 3);
  assert.equal(commandAt(['--version']), -1);
});

test('what says which stack is meant goes on to other commands', () => {
  const here = ['--cwd', process.cwd()];
  assert.deepEqual(placeOptions(['up', '--yes']), here);
  assert.deepEqual(placeOptions(['up', '--stack', 'dev', '--yes']), ['--stack', 'dev', ...here]);
  assert.deepEqual(placeOptions(['up', '--stack=dev', '-C', 'x']), ['--stack=dev', '-C', 'x']);
});

test('everything is read again, unless the options say whether it shall', () => {
  assert.deepEqual(withRefresh(['up', '--yes']), ['up', '--refresh', '--yes']);
  assert.deepEqual(withRefresh(['--color', 'never', 'up']), ['--color', 'never', 'up', '--refresh']);
  for (const option of ['--refresh', '--refresh=false', '-r'])
    assert.deepEqual(withRefresh(['up', option]), ['up', option]);
});

const PART_OF = 'app.kubernetes.io/part-of';
const PROVIDER = 'urn:pulumi:dev::shop::pulumi:providers:kubernetes::cluster';
const RESOURCES = [
  { urn: PROVIDER, type: 'pulumi:providers:kubernetes', id: 'p', inputs: { kubeconfig: 'file', context: 'local' } },
  { urn: 'a', type: 'docker:index/service:Service', id: 's', inputs: { labels: [{ label: PART_OF, value: 'one' }] } },
  { urn: 'b', type: 'docker:index/serviceConfig:ServiceConfig', id: 'c', inputs: {} },
  {
    urn: 'c',
    type: 'kubernetes:apps/v1:Deployment',
    id: 'space/web',
    provider: `${PROVIDER}::p`,
    inputs: { metadata: { namespace: 'space', labels: { [PART_OF]: 'two' } } },
  },
  { urn: 'd', type: 'kubernetes:core/v1:Secret', inputs: { metadata: { namespace: 'space' } }, provider: 'unknown::p' },
];

test('a state says which applications it has on engines and in clusters', () => {
  assert.deepEqual(applicationsOf(RESOURCES, /^docker:/), ['one']);
  assert.deepEqual(clustersOf(RESOURCES), [
    { kubeconfig: 'file', context: 'local', namespace: 'space', application: 'two' },
  ]);
  assert.deepEqual([...objectsOf(RESOURCES)], ['Deployment space/web']);
});

test('a state without notes, or without anything, has none', () => {
  assert.deepEqual(pendingOperations({}), []);
  assert.deepEqual(pendingOperations({ deployment: { resources: [] } }), []);
});
