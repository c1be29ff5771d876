import assert from 'node:assert/strict';
import { test } from 'node:test';
import { local } from '../../lib/project.mjs';
import { hostedTool, kindConfig } from './hosted.mjs';
import { clone, STABLE_PORTS } from './layout.mjs';

const reads = (files) => (file) => {
  if (!(file in files)) throw new Error(`no ${file}`);
  return JSON.stringify(files[file]);
};
const tool = ({ source, kind, programs = [] }) =>
  hostedTool({
    read: reads({
      ...(source && { [local.environment]: { images: { source } } }),
      ...(kind && { [clone.facts]: { kind } }),
    }),
    find: (name) => (programs.includes(name) ? `/bin/${name}` : undefined),
  });

test('kind and k3d are used where an image registry answers and one of them is installed', () => {
  assert.equal(tool({ source: 'official', programs: ['kind'] }), 'kind');
  assert.equal(tool({ source: 'official', programs: ['kind', 'k3d'] }), 'k3d');
  assert.equal(tool({ source: 'official' }), undefined);
  assert.equal(tool({ source: 'stand-ins', programs: ['kind', 'k3d'] }), undefined);
  assert.equal(tool({ programs: ['kind'] }), undefined);
});

test('a clone stays with the kind of cluster that it has', () => {
  assert.equal(tool({ kind: 'kind', source: 'stand-ins' }), 'kind');
  assert.equal(tool({ kind: 'processes', source: 'official', programs: ['k3d'] }), undefined);
});

test("one node of kind's has the machine's node ports, on loopback", () => {
  const { nodes, networking } = kindConfig(3);
  assert.deepEqual(
    nodes.map(({ role }) => role),
    ['control-plane', 'worker', 'worker'],
  );
  assert.equal(networking.apiServerAddress, '127.0.0.1');
  const [mapped, ...others] = nodes.map(({ extraPortMappings }) => extraPortMappings);
  assert.deepEqual(others, [undefined, undefined]);
  assert.equal(mapped.length, STABLE_PORTS.to - STABLE_PORTS.from + 1);
  for (const { listenAddress, hostPort, containerPort } of mapped) {
    assert.equal(listenAddress, '127.0.0.1');
    assert.equal(hostPort, containerPort);
  }
});
