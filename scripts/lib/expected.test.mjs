import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedObjects, missingRows } from './expected.mjs';
import { COMPONENT, NAME } from './stack.mjs';

const labels = [
  { label: NAME, value: 'order' },
  { label: COMPONENT, value: 'microservice' },
];
const exported = (...resources) => ({ deployment: { resources } });
const service = {
  type: 'docker:index/service:Service',
  outputs: { name: 'shop-order', labels, mode: { replicated: { replicas: 2 } } },
};
const container = {
  type: 'docker:index/container:Container',
  outputs: { name: 'shop-gateway', labels: [{ label: NAME, value: 'gateway' }] },
};
const deployment = {
  type: 'kubernetes:apps/v1:Deployment',
  outputs: { metadata: { name: 'order', labels: { [NAME]: 'order' } }, spec: { replicas: 3 } },
};

test('services, containers, deployments and jobs are expected, and nothing else', () => {
  const job = { type: 'kubernetes:batch/v1:Job', outputs: { metadata: { name: 'migrate' } } };
  const others = [
    { type: 'pulumi:pulumi:Stack' },
    { type: 'docker:index/network:Network', outputs: { name: 'shop-order' } },
  ];
  const found = expectedObjects(exported(service, container, deployment, job, ...others));
  assert.deepEqual(
    found.map(({ name, replicas }) => [name, replicas]),
    [
      ['shop-order', 2],
      ['shop-gateway', 1],
      ['order', 3],
      ['migrate', 1],
    ],
  );
});

test('what is about to be deleted is not expected, nor is anything of an empty stack', () => {
  assert.deepEqual(expectedObjects(exported({ ...service, delete: true })), []);
  assert.deepEqual(expectedObjects({ version: 3, deployment: {} }), []);
  assert.deepEqual(expectedObjects({}), []);
});

test('what is not there is a row that says so', () => {
  const rows = missingRows(expectedObjects(exported(service, container)), ['shop-gateway']);
  assert.deepEqual(rows, [
    { service: 'order', component: 'microservice', replicas: '0/2', health: 'missing', update: '', image: '' },
  ]);
});
