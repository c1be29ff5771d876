// Starts and ends a node: its namespaces, its configuration files and its processes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../lib/run.mjs';
import { ask, kubectl } from './control-plane.mjs';
import { writeKubeconfigs } from './kubeconfig.mjs';
import { REGISTRY } from './layout.mjs';
import { cut, forget, holderOf, onNode, startNamespaces } from './network.mjs';
import { cniConfig, containerdConfig, kubeletConfig, nodeProcesses, registryHosts } from './node-config.mjs';
import { kill, pidOf, ready, recorded, start, stop } from './processes.mjs';
import { controlGroups, endContainers, removeLogLinks, removeMounts } from './remains.mjs';
import { servesKubelets } from './runtime.mjs';

/** Milliseconds until a node that has registered must be ready. */
const READY_MS = 120_000;
const DRAIN = '120s';

export async function startNode(node, { pause }, tell) {
  if (node.ownNamespaces && pidOf(holderOf(node)) === undefined) {
    // What of it may still run, runs in namespaces that lead nowhere.
    await stop(nodeProcesses(node).map(({ name }) => name));
    await endContainers(node, { grace: 0 });
  }
  await startNamespaces(node);
  await writeConfiguration(node, { pause, restrictOomScore: !(await mayLowerOomScore()) });
  const probes = {
    [`containerd-${node.name}`]: () => servesKubelets(node.containerd),
    [`kubelet-${node.name}`]: () => registered(node),
  };
  for (const one of nodeProcesses(node)) {
    if (await start({ ...one, inside: onNode(node) })) tell(`starting ${one.name}`);
    if (probes[one.name]) await ready(one.name, probes[one.name]);
  }
  // The network plugin gives out the node's part of the pods' addresses; the enforcer of network policies reads it here.
  const spec = { podCIDR: node.pods, podCIDRs: [node.pods] };
  await kubectl(['patch', 'node', node.name, '--type=merge', '--patch', JSON.stringify({ spec })]);
  await ready(`kubelet-${node.name}`, () => isReady(node), READY_MS);
}

async function writeConfiguration(node, options) {
  for (const folder of ['cni', 'kubelet', 'pod-logs', 'volume-plugins', join('registries', REGISTRY)]) {
    mkdirSync(join(node.folder, folder), { recursive: true });
  }
  mkdirSync(node.run, { recursive: true, mode: 0o711 });
  for (const group of controlGroups(node)) mkdirSync(group, { recursive: true });
  const write = (file, content) => writeFileSync(join(node.folder, file), content, { mode: 0o600 });
  write('containerd.toml', containerdConfig(node, options));
  write(join('registries', REGISTRY, 'hosts.toml'), registryHosts(node));
  write(join('cni', '10-pods.conflist'), JSON.stringify(cniConfig(node), null, 2));
  write('kubelet.json', JSON.stringify(kubeletConfig(node), null, 2));
  writeKubeconfigs([`node-${node.name}`, 'proxy', 'network-policies']);
}

/** Without CAP_SYS_RESOURCE, as in some virtual machines, nobody may lower a process's chance of being killed. */
async function mayLowerOomScore() {
  return (await capture('sh', ['-c', 'echo -1 > /proc/self/oom_score_adj'])).code === 0;
}

async function registered(node) {
  return (await ask(['get', 'node', node.name])).code === 0;
}

/** Ready, and said so since its kubelet was started last: the API server keeps for a while what a lost node has said. */
async function isReady(node) {
  const condition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  if ((await ask(['get', 'node', node.name, '--output', condition])).stdout !== 'True') return false;
  const lease = ['get', 'lease', node.name, '--namespace', 'kube-node-lease', '--output', 'jsonpath={.spec.renewTime}'];
  const { stdout } = await ask(lease);
  return Date.parse(stdout) >= Date.parse(recorded()[`kubelet-${node.name}`].since);
}

/** Ends a node with its containers, which get time to end by themselves. */
export async function stopNode(node, tell) {
  const names = nodeProcesses(node).map(({ name }) => name);
  tell(`ending ${node.name}`);
  // kubelet first: it would start again what is ended.
  await stop(names.filter((name) => name.startsWith('kubelet')));
  await endContainers(node);
  await stop([...names, holderOf(node)]);
  await forget(node);
  await removeMounts(node);
  removeLogLinks(node);
}

/** Takes a node away as a power cut does: from one moment to the next nothing of it answers any more. */
export async function loseNode(node) {
  await cut(node);
  await kill([...nodeProcesses(node).map(({ name }) => name), holderOf(node)]);
  await endContainers(node, { grace: 0 });
  await removeMounts(node);
}

/** Ends a node for good: its pods move to others, if it still runs, and the cluster forgets it. */
export async function removeNode(node, tell) {
  if (pidOf(`kubelet-${node.name}`) !== undefined && (await isReady(node))) {
    tell(`moving the pods of ${node.name} to other nodes`);
    await kubectl(
      ['drain', node.name, '--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${DRAIN}`],
      {
        mend: 'see which pod stays, and which disruption budget keeps it: `npm run kubectl -- get pods,pdb --all-namespaces`',
      },
    );
  }
  await stopNode(node, tell);
  await kubectl(['delete', 'node', node.name, '--ignore-not-found']);
}
