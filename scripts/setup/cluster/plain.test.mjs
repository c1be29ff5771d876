import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlPlane } from './control-plane.mjs';
import { API } from './layout.mjs';
import { nodeRow } from './plain.mjs';
import { versionFlags } from './programs.mjs';

test('nothing of the control plane listens beyond loopback, save the API server on the bridge of the nodes', () => {
  for (const { name, args } of controlPlane()) {
    const addresses = args.flatMap(
      (arg) => /^--(?:bind-address|listen-\w+-urls)=(?:https?:\/\/)?([\d.]+)/.exec(arg)?.[1] ?? [],
    );
    assert.ok(addresses.length > 0, name);
    const allowed = name === 'kube-apiserver' ? API.host : '127.0.0.1';
    assert.deepEqual([...new Set(addresses)], [allowed], name);
  }
});

test('the API server lets in nobody without a name', () => {
  const { args } = controlPlane().find(({ name }) => name === 'kube-apiserver');
  assert.ok(args.includes('--anonymous-auth=false'));
  assert.ok(args.includes('--authorization-mode=Node,RBAC'));
});

test('programs know the version that they are', () => {
  const flags = versionFlags('v1.34.2').join(' ');
  for (const part of ['gitVersion=v1.34.2', 'gitMajor=1', 'gitMinor=34']) assert.ok(flags.includes(`version.${part}`));
});

test('a node is shown with its state, whatever it has reported yet', () => {
  const bare = { metadata: { name: 'shop-2' }, spec: {}, status: {} };
  assert.deepEqual(nodeRow(bare), { node: 'shop-2', state: 'not ready', address: '', pods: '', version: '' });
  const full = {
    metadata: { name: 'shop-1' },
    spec: { podCIDR: '10.44.1.0/24', unschedulable: true },
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
      addresses: [
        { type: 'Hostname', address: 'shop-1' },
        { type: 'InternalIP', address: '10.45.0.1' },
      ],
      nodeInfo: { kubeletVersion: 'v1.34.2' },
    },
  };
  assert.deepEqual(nodeRow(full), {
    node: 'shop-1',
    state: 'ready, no new pods',
    address: '10.45.0.1',
    pods: '10.44.1.0/24',
    version: 'v1.34.2',
  });
});
