// The network of the cluster's nodes: a bridge that leads nowhere but to them, and for each node beside the machine itself
// namespaces of its own. Needs root.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture, must } from '../../lib/run.mjs';
import { API, NETWORK, node, places } from './layout.mjs';
import { mountsBelow } from './remains.mjs';
import { pidOf, start } from './processes.mjs';

const MACHINE = node(1);

/** What the machine's packet filter must let through, translate or refuse: table, chain, rule. */
export const RULES = [
  // Docker lets nothing be forwarded that is not its own. These come after what network policies refuse.
  ['filter', 'FORWARD', '-s', NETWORK.range, '-j', 'ACCEPT'],
  ['filter', 'FORWARD', '-d', NETWORK.range, '-j', 'ACCEPT'],
  ['nat', 'POSTROUTING', '-s', NETWORK.range, '!', '-d', NETWORK.range, '-j', 'MASQUERADE'],
  // The cluster's addresses are for its own: a neighbour on the machine's network that routes them here gets no answer.
  ['raw', 'PREROUTING', '-d', NETWORK.range, '!', '-s', NETWORK.range, '!', '-i', 'lo', '-j', 'DROP'],
];

/** Settings of the kernel that kubelet and kube-proxy change, and that are put back when the cluster ends. */
const CHANGED = [
  'net.ipv4.conf.all.route_localnet',
  ...['vm.overcommit_memory', 'vm.panic_on_oom', 'kernel.panic', 'kernel.panic_on_oops'],
  ...['kernel.keys.root_maxkeys', 'kernel.keys.root_maxbytes'],
];

export async function startNetwork() {
  if (!existsSync(places.settings)) writeFileSync(places.settings, JSON.stringify(await readSettings(CHANGED)));
  if (!(await linkExists(NETWORK.bridge))) await must('ip', ['link', 'add', NETWORK.bridge, 'type', 'bridge']);
  await must('ip', ['address', 'replace', `${API.host}/24`, 'dev', NETWORK.bridge]);
  await must('ip', ['link', 'set', NETWORK.bridge, 'up']);
  await must('sysctl', ['-q', '-w', ...settings()]);
  for (const [table, ...rule] of RULES) {
    const { code } = await capture('iptables', ['-w', '-t', table, '-C', ...rule]);
    if (code !== 0) await must('iptables', ['-w', '-t', table, '-A', ...rule]);
  }
  writeFileSync(places.resolv, resolvConf(readFileSync('/etc/resolv.conf', 'utf8')));
}

async function readSettings(names) {
  const values = {};
  for (const name of names) values[name] = (await must('sysctl', ['-n', name])).trim();
  return values;
}

/** Packets are forwarded, and those between two pods of one node are shown to the packet filter as well. */
function settings() {
  return ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1'];
}

/** A name server on loopback, such as systemd's, cannot be reached from a pod. Pure. */
export function resolvConf(text) {
  return text
    .split('\n')
    .filter((line) => /^(nameserver|options)\s/.test(line) && !/^nameserver\s+(127\.|::1)/.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

/** The process that holds the namespaces of a node beside the machine itself. */
export function holderOf(node) {
  return `namespaces-${node.name}`;
}

/** The words that start a program on a node. */
export function onNode(node) {
  if (!node.ownNamespaces) return [];
  const pid = pidOf(holderOf(node));
  if (pid === undefined) throw new Error(`${node.name} has no namespaces`);
  return ['nsenter', `--target=${pid}`, '--net', '--mount', '--'];
}

/** Makes the namespaces of a node, unless it has them, and connects them to the bridge. */
export async function startNamespaces(node) {
  if (!node.ownNamespaces) return;
  // Mounts are its own too: volumes that its kubelet mounts are seen on no other node. `ip netns exec` would not do: it
  // mounts another /sys, without the control groups.
  await start({
    name: holderOf(node),
    program: 'unshare',
    args: ['--net', '--mount', '--propagation=private', 'sleep', 'infinity'],
  });
  while (!(await separated(node))) await sleep(20);
  await ownMounts(node);
  await connect(node);
}

async function connect(node) {
  const [outer, inner] = linkNames(node);
  const [program, ...words] = onNode(node);
  const inside = (...command) => [program, [...words, ...command]];
  // Its last step first: where that is done, all is.
  const { stdout } = await capture(...inside('ip', 'route', 'show', 'default'));
  if (stdout.includes(`via ${MACHINE.address}`) && (await linkExists(outer))) return;

  await capture('ip', ['link', 'delete', outer]);
  const peer = ['type', 'veth', 'peer', 'name', inner, 'netns', `${pidOf(holderOf(node))}`];
  await must('ip', ['link', 'add', outer, ...peer]);
  await must('ip', ['link', 'set', outer, 'master', NETWORK.bridge, 'up']);
  await must('ip', ['route', 'replace', node.pods, 'via', node.address]);
  await must(...inside('ip', 'link', 'set', 'lo', 'up'));
  await must(...inside('ip', 'address', 'add', `${node.address}/24`, 'dev', inner));
  await must(...inside('ip', 'link', 'set', inner, 'up'));
  await must(...inside('sysctl', '-q', '-w', ...settings()));
  await must(...inside('ip', 'route', 'add', 'default', 'via', MACHINE.address));
}

function linkNames({ number }) {
  return [`shop-link${number}`, 'shop-link'];
}

/** Cuts a node from the network at once, as a pulled cable would. */
export async function cut(node) {
  await must('ip', ['link', 'delete', linkNames(node)[0]]);
}

/** What the machine still knows of a node whose namespaces, and so its end of the cable, have gone. */
export async function forget(node) {
  if (node.ownNamespaces) await capture('ip', ['route', 'delete', node.pods]);
}

/** `unshare` has done its work once the process is another program. */
async function separated(node) {
  const pid = pidOf(holderOf(node));
  if (pid === undefined) throw new Error(`the namespaces of ${node.name} ended`);
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep';
}

const KUBELET_FOLDER = '/var/lib/kubelet';

/**
 * A copy of a mount of Docker's or of the first node's would keep that busy for as long as this node lives. And kubelet has
 * a socket whose place cannot be chosen: there, each node sees a folder of its own.
 */
async function ownMounts(node) {
  const docker = await capture('docker', ['info', '--format', '{{.DockerRootDir}}']);
  const folders = [
    docker.stdout.trim() || '/var/lib/docker',
    '/run/docker',
    '/run/netns',
    '/run/containerd',
    MACHINE.folder,
    MACHINE.run,
  ];
  const text = readFileSync(`/proc/${pidOf(holderOf(node))}/mounts`, 'utf8');
  const mounts = mountsBelow(text, folders);
  const [program, ...words] = onNode(node);
  if (mounts.length > 0) await must(program, [...words, 'umount', '--lazy', ...mounts]);
  if (mountsBelow(text, [KUBELET_FOLDER]).length > 0) return;
  mkdirSync(KUBELET_FOLDER, { recursive: true });
  await must(program, [...words, 'mount', '-t', 'tmpfs', node.name, KUBELET_FOLDER]);
}

export async function removeNetwork(nodes) {
  if (existsSync(places.settings)) {
    const before = Object.entries(JSON.parse(readFileSync(places.settings, 'utf8')));
    await must('sysctl', ['-q', '-w', ...before.map(([name, value]) => `${name}=${value}`)]);
    rmSync(places.settings);
  }
  for (const [table, ...rule] of RULES) await capture('iptables', ['-w', '-t', table, '-D', ...rule]);
  const links = [NETWORK.bridge, ...nodes.flatMap((node) => [node.podBridge, linkNames(node)[0]])];
  for (const link of links) if (await linkExists(link)) await must('ip', ['link', 'delete', link]);
}

async function linkExists(name) {
  return (await capture('ip', ['link', 'show', name])).code === 0;
}
