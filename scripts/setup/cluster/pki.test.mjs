import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubeconfig } from './kubeconfig.mjs';
import { nodes } from './layout.mjs';
import { certificates, extensions } from './pki.mjs';

const byFile = Object.fromEntries(certificates(nodes(2)).map((one) => [one.file, one]));

test('a node is who the node authorizer and the kubelet API expect', () => {
  assert.equal(byFile['node-shop-2'].subject, '/O=system:nodes/CN=system:node:shop-2');
  assert.deepEqual(byFile['node-shop-2'].names, ['shop-2', '10.45.0.2']);
});

test('only the administrator is in the group that may do everything', () => {
  const masters = Object.values(byFile).filter(({ subject }) => subject.includes('system:masters'));
  assert.deepEqual(
    masters.map(({ file }) => file),
    ['admin'],
  );
});

test('the API server is found by the names and addresses that pods and people use', () => {
  for (const name of ['10.45.0.1', '127.0.0.1', '10.46.0.1', 'kubernetes.default.svc.cluster.local']) {
    assert.ok(byFile.apiserver.names.includes(name), name);
  }
});

test('addresses and names are written as what they are, and nobody becomes an authority', () => {
  const text = extensions(['shop-1', '10.45.0.1']);
  assert.match(text, /^subjectAltName=DNS:shop-1,IP:10\.45\.0\.1$/m);
  assert.match(text, /^basicConstraints=critical,CA:FALSE$/m);
  assert.doesNotMatch(extensions(), /subjectAltName/);
});

test('a kubeconfig names its context and carries its certificates', () => {
  const config = JSON.parse(kubeconfig('admin', { authority: 'a', certificate: 'c', key: 'k' }));
  assert.equal(config['current-context'], 'shop-local');
  assert.deepEqual(config.contexts, [{ name: 'shop-local', context: { cluster: 'shop-local', user: 'admin' } }]);
  assert.equal(config.clusters[0].cluster['certificate-authority-data'], Buffer.from('a').toString('base64'));
  assert.deepEqual(config.users[0].user, {
    'client-certificate-data': Buffer.from('c').toString('base64'),
    'client-key-data': Buffer.from('k').toString('base64'),
  });
});
