import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeNode } from './fake-nodes.mjs';

test('fake nodes are spread over three zones, and no pod lands there unless it says so', () => {
  const nodes = Array.from({ length: 7 }, (_, index) => fakeNode(index + 1));
  const zones = nodes.map(({ metadata }) => metadata.labels['topology.kubernetes.io/zone']);
  assert.deepEqual(zones, ['fake-a', 'fake-b', 'fake-c', 'fake-a', 'fake-b', 'fake-c', 'fake-a']);
  assert.equal(new Set(nodes.map(({ metadata }) => metadata.name)).size, nodes.length);
  for (const { metadata, spec, status } of nodes) {
    // What every pod of ours requests: without one of them none would be scheduled.
    for (const resource of ['cpu', 'memory', 'ephemeral-storage']) assert.ok(status.allocatable[resource]);
    assert.equal(metadata.labels['kubernetes.io/hostname'], metadata.name);
    assert.match(metadata.labels['kubernetes.io/arch'], /^(amd64|arm64)$/);
    assert.deepEqual(spec.taints, [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }]);
  }
});
