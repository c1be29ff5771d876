import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { answer, clusterClient, joinedPlaceOf, placeOf } from './cluster-place.mjs';
import { root } from './project.mjs';

const config = (values) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`shop:${key}`, { value, secret: false }]));
const cluster = { target: 'kubernetes', kubeconfig: '.local/kubeconfig', context: 'shop-local' };

test('a stack on a cluster has the namespace that follows from its name', () => {
  assert.deepEqual(placeOf('shop', config(cluster), 'shop-staging-1'), {
    kubeconfig: join(root, '.local', 'kubeconfig'),
    context: 'shop-local',
    namespace: 'shop-staging-1',
    application: 'shop-staging-1',
  });
});

test('a namespace that is configured is taken, and `auto` is none', () => {
  const namespace = (value) => placeOf('shop', config({ ...cluster, namespace: value }), 'app').namespace;
  assert.equal(namespace('own'), 'own');
  assert.equal(namespace('auto'), 'app');
});

test("a kubeconfig may lie in the user's home", () => {
  const { kubeconfig } = placeOf('shop', config({ ...cluster, kubeconfig: '~/.kube/config' }), 'app');
  assert.equal(kubeconfig, join(homedir(), '.kube', 'config'));
});

test('a stack on Docker, and one without a kubeconfig, is in no cluster', () => {
  assert.equal(placeOf('shop', config({ target: 'docker' }), 'app'), undefined);
  assert.equal(placeOf('shop', config({ target: 'kubernetes' }), 'app'), undefined);
});

test('a stack on the cluster of another names that stack, and no file', () => {
  const joined = config({ target: 'eks', clusterStack: 'prod-cluster' });
  assert.deepEqual(joinedPlaceOf('shop', joined, 'shop-prod-1'), {
    clusterStack: 'prod-cluster',
    kubeconfig: 'stack prod-cluster',
    namespace: 'shop-prod-1',
    application: 'shop-prod-1',
  });
  assert.equal(placeOf('shop', joined, 'app'), undefined);
  assert.equal(joinedPlaceOf('shop', config(cluster), 'app'), undefined);
});

test('a cluster that listens and says nothing is given up', async () => {
  const sockets = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const content = JSON.stringify({
    clusters: [{ name: 'a', cluster: { server: `https://127.0.0.1:${server.address().port}` } }],
    users: [{ name: 'a', user: { token: 'token' } }],
    contexts: [{ name: 'silent', context: { cluster: 'a', user: 'a' } }],
  });
  const place = { content, kubeconfig: 'file', context: 'silent' };
  const { client, api } = await clusterClient(place, 100);
  try {
    await assert.rejects(answer(place, api(client.CoreV1Api).listNamespace()), {
      message: 'the cluster at context silent of file does not answer: nothing came in time',
    });
  } finally {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  }
});
