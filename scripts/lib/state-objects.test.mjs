import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applicationsOf, clustersOf, objectsOf } from './state-objects.mjs';

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
  {
    urn: 'e',
    type: 'kubernetes:core/v1:Service',
    provider: 'unknown::p',
    inputs: { metadata: { namespace: 'other', labels: { [PART_OF]: 'three' } } },
  },
];

test('a state says which applications it has on engines and in clusters', () => {
  assert.deepEqual(applicationsOf(RESOURCES, /^docker:/), ['one']);
  assert.deepEqual(clustersOf(RESOURCES, '/project/infra'), [
    { kubeconfig: '/project/infra/file', context: 'local', namespace: 'space', application: 'two' },
    // Its provider's kubeconfig is a secret, or the provider unknown.
    { namespace: 'other', application: 'three' },
  ]);
  assert.deepEqual([...objectsOf(RESOURCES)], ['Deployment space/web']);
});

test('a kubeconfig is a path from where the program runs, or the file itself', () => {
  const kubeconfigOf = (kubeconfig) => {
    const [provider, ...others] = RESOURCES;
    const [place] = clustersOf([{ ...provider, inputs: { kubeconfig } }, ...others], '/project/infra');
    return [place.kubeconfig, place.content];
  };
  assert.deepEqual(kubeconfigOf('../.local/kubeconfig'), ['/project/.local/kubeconfig', undefined]);
  assert.deepEqual(kubeconfigOf('/etc/kubeconfig'), ['/etc/kubeconfig', undefined]);
  assert.deepEqual(kubeconfigOf('{"kind":"Config"}'), ['{"kind":"Config"}', '{"kind":"Config"}']);
});
