import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addons, ROLLOUTS } from './addons.mjs';
import { references } from './images.mjs';
import { node, REGISTRY } from './layout.mjs';
import { metrics } from './metrics.mjs';

const images = references((name) => name);
const objects = addons(images, { upstream: true });
const find = (kind, name) => objects.find((one) => one.kind === kind && one.metadata.name === name);
const deployments = objects.filter(({ kind }) => kind === 'Deployment');

test('every Deployment is waited for, has a service account of its own, and an image of the registry', () => {
  const waited = ROLLOUTS.map((one) => one.join('/')).sort();
  assert.deepEqual(deployments.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort(), waited);
  for (const { metadata, spec } of deployments) {
    const pod = spec.template.spec;
    const account = objects.find(
      ({ kind, metadata: { name, namespace } }) =>
        kind === 'ServiceAccount' && name === pod.serviceAccountName && namespace === metadata.namespace,
    );
    assert.ok(account, metadata.name);
    assert.ok(pod.containers[0].image.startsWith(`${REGISTRY}/cluster/`), metadata.name);
    assert.deepEqual(pod.nodeSelector, { 'kubernetes.io/hostname': 'shop-1' });
  }
});

test('every container has requests, drops its capabilities and cannot write to its image', () => {
  for (const { metadata, spec } of deployments) {
    const [container] = spec.template.spec.containers;
    assert.ok(container.resources.requests.cpu && container.resources.limits.memory, metadata.name);
    assert.deepEqual(container.securityContext.capabilities.drop, ['ALL'], metadata.name);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true, metadata.name);
  }
});

test("names of the outside are asked of the machine's name servers, if it has some", () => {
  const corefile = (list) =>
    list.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'coredns').data.Corefile;
  assert.match(corefile(objects), /^ {4}forward \. \/etc\/resolv\.conf$/m);
  assert.doesNotMatch(corefile(addons(images, { upstream: false })), /forward/);
  // With the cluster's own name servers it would ask itself.
  assert.equal(find('Deployment', 'coredns').spec.template.spec.dnsPolicy, 'Default');
});

test('no binding names a role that is neither here nor one of Kubernetes', () => {
  const roles = new Set(objects.filter(({ kind }) => /Role$/.test(kind)).map(({ metadata }) => metadata.name));
  for (const { kind, roleRef } of objects.filter((one) => /RoleBinding$/.test(one.kind))) {
    const known = roles.has(roleRef.name) || /^(system:|extension-apiserver-)/.test(roleRef.name);
    assert.ok(known, `${kind} ${roleRef.name}`);
  }
});

test('volumes of each node lie in the folder of that node', () => {
  const { nodePathMap } = JSON.parse(find('ConfigMap', 'local-path-config').data['config.json']);
  const second = nodePathMap.find((one) => one.node === 'shop-2');
  assert.deepEqual(second.paths, [`${node(2).folder}/volumes`]);
});

test('the default storage class waits for a pod and deletes with the claim', () => {
  const { metadata, volumeBindingMode, reclaimPolicy } = find('StorageClass', 'local-path');
  assert.equal(metadata.annotations['storageclass.kubernetes.io/is-default-class'], 'true');
  assert.deepEqual([volumeBindingMode, reclaimPolicy], ['WaitForFirstConsumer', 'Delete']);
});

test("the metrics server checks the nodes' certificates, except where nobody has signed them", () => {
  const args = (list) => list.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers[0].args;
  assert.ok(args(metrics(images)).some((arg) => arg.startsWith('--kubelet-certificate-authority=')));
  assert.ok(!args(metrics(images)).includes('--kubelet-insecure-tls'));
  assert.ok(args(metrics(images, { insecure: true })).includes('--kubelet-insecure-tls'));
});

test('an image is named by what is in it', () => {
  const other = references((name) => (name === 'dns' ? 'changed' : name));
  const changed = Object.keys(images).filter((name) => images[name] !== other[name]);
  assert.deepEqual(changed, ['coredns']);
});
