import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedObjects, stoppedIds, unknownIds } from './missing-objects.mjs';

test('what an engine says of an object that it does not have, in the words of each kind and version', () => {
  const answers = [
    'Status: Error: no such service: abc, Code: 1',
    'Error: No such container: abc',
    'Error response from daemon: network abc not found',
    'Error: no such config: abc',
    'Error: No such secret: abc',
    'Error response from daemon: get abc: no such volume',
    'Error response from daemon: service "abc" not found',
  ];
  for (const answer of answers) assert.deepEqual(unknownIds(answer, ['abc', 'ab', 'abcd']), ['abc'], answer);
});

test('what says nothing of an object is no reason to miss it', () => {
  for (const answer of [
    '',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'Error response from daemon: This node is not a swarm manager.',
    'dial tcp: lookup abc.example: no such host',
  ])
    assert.deepEqual(unknownIds(answer, ['abc']), []);
});

test('a container that somebody has stopped is as good as gone; one that is being started is not', () => {
  assert.deepEqual(stoppedIds('a running\nb exited\nc restarting\nd created\ne dead\n'), ['b', 'd', 'e']);
  assert.deepEqual(stoppedIds('-\n-\n'), []);
});

test('objects of a namespace as the API has them', () => {
  const resources = [
    { type: 'kubernetes:core/v1:Namespace', id: 'space' },
    { type: 'kubernetes:core/v1:Service', id: 'space/web' },
    { type: 'kubernetes:networking.k8s.io/v1:NetworkPolicy', id: 'space/web.1' },
    { type: 'kubernetes:apps/v1:Deployment', id: 'other/web' },
    { type: 'pulumi:providers:kubernetes', id: 'space/x' },
  ];
  assert.deepEqual(namedObjects(resources, 'space'), [
    { apiVersion: 'v1', kind: 'Namespace', name: 'space' },
    { apiVersion: 'v1', kind: 'Service', name: 'web' },
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: 'web.1' },
  ]);
});
