import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRows, podErrors } from './cluster-status.mjs';
import { COMPONENT, NAME } from './stack.mjs';

const labels = (name, component = 'microservice') => ({ [NAME]: name, [COMPONENT]: component });
const template = (image) => ({ spec: { containers: [{ image }] } });
const deployment = (name, replicas, status = {}, metadata = {}) => ({
  metadata: { name, generation: 1, labels: labels(name), ...metadata },
  spec: {
    replicas,
    selector: { matchLabels: { [NAME]: name } },
    template: template(`registry/shop/${name}:1@sha256:aa`),
  },
  status: { observedGeneration: 1, updatedReplicas: replicas, replicas, readyReplicas: replicas, ...status },
});
const pod = (name, ready, more = {}) => ({
  metadata: { name: `${name}-x`, labels: { [NAME]: name } },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], ...more },
});

test('a deployment counts its ready replicas against the desired ones', () => {
  const rows = clusterRows(
    [deployment('user', 3, { readyReplicas: 2 })],
    [],
    [pod('user', true), pod('user', true), pod('user', false)],
  );
  assert.deepEqual(rows, [
    {
      service: 'user',
      component: 'microservice',
      replicas: '2/3',
      health: '2 ready, 1 not ready',
      update: '',
      image: 'registry/shop/user:1',
    },
  ]);
});

test('only the pods of a deployment count, and not those that are being deleted', () => {
  const leaving = pod('user', false);
  leaving.metadata.deletionTimestamp = '2026-11-24T00:00:00Z';
  const health = (pods) => clusterRows([deployment('user', 1)], [], pods)[0].health;
  assert.equal(health([pod('user', true), leaving, pod('order', false)]), 'ready');
  assert.equal(health([pod('user', false)]), 'not ready');
  assert.equal(health([pod('order', true)]), 'down');
});

test('an update is under way until the cluster has seen it and replaced every replica', () => {
  const update = (status, metadata) => clusterRows([deployment('user', 2, status, metadata)], [], [])[0].update;
  assert.equal(update({}), '');
  assert.equal(update({ updatedReplicas: 1 }), 'updating');
  assert.equal(update({ replicas: 3 }), 'updating');
  assert.equal(update({}, { generation: 2 }), 'updating');
  assert.equal(update({ conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] }), 'failed');
});

test('a job is done, or has a pod that runs', () => {
  const job = (status) => ({
    metadata: { name: 'migrate', labels: labels('migrate', 'job') },
    spec: { selector: { matchLabels: { [NAME]: 'migrate' } }, template: template('migrate:1') },
    status,
  });
  const [done] = clusterRows([], [job({ succeeded: 1 })], []);
  assert.deepEqual([done.replicas, done.health, done.component], ['done', '', 'job']);
  const [runs] = clusterRows([], [job({ active: 1 })], [pod('migrate', true)]);
  assert.deepEqual([runs.replicas, runs.health], ['1/1', 'ready']);
});

test('rows stand in the order of their names', () => {
  const rows = clusterRows([deployment('user', 1), deployment('gateway', 1)], [], []);
  assert.deepEqual(
    rows.map(({ service }) => service),
    ['gateway', 'user'],
  );
});

test('a pod that is not ready says why', () => {
  const crashed = pod('user', false, {
    containerStatuses: [
      {
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
      },
    ],
  });
  const pending = pod('order', false, {
    conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes are available' }],
  });
  const ended = pod('migrate', false, {
    phase: 'Succeeded',
    containerStatuses: [{ ready: false, restartCount: 0, state: { terminated: { reason: 'Completed', exitCode: 0 } } }],
  });
  assert.deepEqual(podErrors([crashed, pending, ended, pod('product', true)]), [
    ['user-x', 'CrashLoopBackOff, OOMKilled, exit code 137 (3 × restarted)'],
    ['order-x', '0/2 nodes are available'],
  ]);
});
