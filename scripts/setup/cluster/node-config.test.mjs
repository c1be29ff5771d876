import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_NODES, NETWORK, node, nodes, REGISTRY } from './layout.mjs';
import { resolvConf, RULES } from './network.mjs';
import { cniConfig, containerdConfig, kubeletConfig, nodeProcesses, registryHosts } from './node-config.mjs';

const [first, second] = nodes(2);
const inRange = (address, cidr) => {
  const [base, bits] = cidr.split('/');
  const number = (text) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
};

test('nodes share no address, no range, no folder, no socket and no control group', () => {
  const all = nodes(MAX_NODES);
  for (const key of ['name', 'address', 'pods', 'podBridge', 'folder', 'run', 'containerd', 'cgroup']) {
    assert.equal(new Set(all.map((one) => one[key])).size, MAX_NODES, key);
  }
  for (const { address, pods } of all) {
    assert.ok(inRange(address, NETWORK.nodes), address);
    assert.ok(inRange(pods.split('/')[0], NETWORK.pods), pods);
  }
});

test('every address of the cluster lies in the one range that the packet filter knows', () => {
  for (const address of [NETWORK.pods, NETWORK.nodes, NETWORK.services, NETWORK.apiService, NETWORK.dns]) {
    assert.ok(inRange(address.split('/')[0], NETWORK.range), address);
  }
  assert.ok(inRange(NETWORK.dns, NETWORK.services) && inRange(NETWORK.apiService, NETWORK.services));
});

test("sockets and interfaces have names that the kernel's limits allow", () => {
  for (const { containerd, podBridge } of nodes(MAX_NODES)) {
    assert.ok(containerd.length < 108, containerd);
    assert.ok(podBridge.length < 16, podBridge);
  }
  assert.ok(NETWORK.bridge.length < 16);
});

test('what comes from outside for an address of the cluster is dropped before anything looks at it', () => {
  const rule = RULES.find(([table]) => table === 'raw');
  assert.deepEqual(rule, [
    'raw',
    'PREROUTING',
    '-d',
    NETWORK.range,
    '!',
    '-s',
    NETWORK.range,
    '!',
    '-i',
    'lo',
    '-j',
    'DROP',
  ]);
});

test('images of the loopback registry come by loopback on the machine, and by the bridge elsewhere', () => {
  assert.match(registryHosts(first), new RegExp(`^\\[host."http://${REGISTRY}"\\]$`, 'm'));
  assert.match(registryHosts(second), /^\[host\."http:\/\/10\.45\.0\.1:5000"\]$/m);
});

test("containerd is the node's own: root, state and socket", () => {
  const text = containerdConfig(second, { pause: 'r/pause:1', restrictOomScore: true });
  assert.match(text, new RegExp(`^root = "${second.folder}/containerd"$`, 'm'));
  assert.match(text, /^state = "\/run\/shop-cluster\/shop-2\/containerd"$/m);
  assert.match(text, /^ {2}address = "\/run\/shop-cluster\/shop-2\/containerd.sock"$/m);
  assert.match(text, /^ {2}sandbox_image = "r\/pause:1"$/m);
  assert.match(text, /^ {2}restrict_oom_score_adj = true$/m);
});

test('kubelet asks for certificates, uses its own control group, and does not evict because the disk is half full', () => {
  const config = kubeletConfig(second);
  assert.deepEqual(config.authentication.anonymous, { enabled: false });
  assert.deepEqual(config.authorization, { mode: 'Webhook' });
  assert.equal(config.address, second.address);
  assert.equal(config.cgroupRoot, '/shop-2');
  assert.equal(config.failCgroupV1, false);
  assert.equal(config.evictionHard['nodefs.available'], '1%');
  assert.ok(config.imageGCLowThresholdPercent < config.imageGCHighThresholdPercent);
});

test('pods keep their source address, which network policies look at', () => {
  const [bridge] = cniConfig(second).plugins;
  assert.equal(bridge.ipMasq, false);
  assert.deepEqual(bridge.ipam.ranges, [[{ subnet: second.pods }]]);
});

test('node ports and the metrics of a node answer on loopback alone', () => {
  const args = nodeProcesses(first).flatMap((one) => one.args);
  assert.ok(args.includes('--nodeport-addresses=127.0.0.0/8'));
  for (const arg of args.filter((one) => /-bind-address=/.test(one))) assert.match(arg, /=127\.0\.0\.1:/);
});

test("pods are not given name servers on the machine's loopback", () => {
  const text =
    '# made by hand\nsearch lan\nnameserver 127.0.0.53\nnameserver 10.0.0.1\nnameserver ::1\noptions edns0\n';
  assert.equal(resolvConf(text), 'nameserver 10.0.0.1\noptions edns0\n');
  assert.equal(resolvConf('nameserver 127.0.0.1\n'), '');
});

test('the first node is the machine itself', () => {
  assert.equal(node(1).ownNamespaces, false);
  assert.equal(node(2).ownNamespaces, true);
});
