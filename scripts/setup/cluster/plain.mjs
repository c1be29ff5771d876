// The cluster out of plain processes of this machine: brought up, brought down, and looked at.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, step } from '../../lib/report.mjs';
import { asRoot } from '../debian.mjs';
import { addons, ROLLOUTS } from './addons.mjs';
import { apiReady, ask, controlPlane, kubectl, startControlPlane } from './control-plane.mjs';
import { facts, writeClone } from './facts.mjs';
import { pushImages, references, startRegistry } from './images.mjs';
import { API, clone, KUBERNETES, MAX_NODES, nodes, places, REGISTRY } from './layout.mjs';
import { removeNetwork, startNetwork } from './network.mjs';
import { nodeProcesses } from './node-config.mjs';
import { loseNode, removeNode, startNode, stopNode } from './node.mjs';
import { makeCertificates } from './pki.mjs';
import { recorded, running, stop } from './processes.mjs';
import { program, programs } from './programs.mjs';
import { removeRules } from './remains.mjs';
import { STORAGE_CLASS } from './storage.mjs';

const CHOSEN = join(places.folder, 'nodes');
const ROLLOUT = '120s';

export function refuseWhereImpossible() {
  if (process.platform === 'linux' && process.getuid() === 0) return;
  throw new UserError(
    `neither k3d nor kind can be used (none is installed, or no image registry answers), and a cluster without them needs Linux and root${asRoot() ? ' (sudo is not enough: every process is started as root)' : ''}`,
    'install k3d or kind, run this as root on Linux, or name the kubeconfig and context of another cluster in Pulumi.staging.yaml',
  );
}

/** How many nodes the cluster has, running or not. */
export function chosenNodes() {
  return existsSync(CHOSEN) ? Number(readFileSync(CHOSEN, 'utf8')) : 1;
}

/** Gets the programs, which takes long once; nothing that runs is touched. */
export function getPrograms() {
  return step('programs', programs);
}

/** Brings everything up that does not run, and takes the nodes away that are too many. */
export async function up(count = chosenNodes()) {
  mkdirSync(places.folder, { recursive: true, mode: 0o700 });
  const wanted = nodes(count);
  const tooMany = nodes(Math.max(count, chosenNodes())).slice(count);
  await step('control plane', async (tell) => {
    await startNetwork();
    await makeCertificates(nodes(MAX_NODES));
    await startControlPlane(tell);
    return `https://${API.host}:${API.port}`;
  });
  const images = references();
  await step('registry', async (tell) => {
    await startRegistry({ otherNodes: count > 1 });
    await pushImages(images, tell);
    return REGISTRY;
  });
  writeFileSync(CHOSEN, `${Math.max(count, chosenNodes())}`);
  await step('nodes', async (tell) => {
    for (const node of wanted) await startNode(node, images, tell);
    for (const node of tooMany) await removeNode(node, tell);
    return wanted.map(({ name }) => name).join(', ');
  });
  writeFileSync(CHOSEN, `${count}`);
  await step('services of the cluster', (tell) => applyAddons(images, tell));
  writeClone(
    readFileSync(places.kubeconfig, 'utf8'),
    facts({
      kind: 'processes',
      kubernetes: KUBERNETES,
      nodes: count,
      storageClass: STORAGE_CLASS,
      kubectl: program('kubectl'),
    }),
  );
}

async function applyAddons(images, tell) {
  const upstream = /^nameserver/m.test(readFileSync(places.resolv, 'utf8'));
  const list = { apiVersion: 'v1', kind: 'List', items: addons(images, { upstream }) };
  await kubectl(['apply', '--server-side', '--force-conflicts', '--filename', '-'], { input: JSON.stringify(list) });
  tell('waiting for names, metrics and storage');
  await Promise.all(
    ROLLOUTS.map(([namespace, name]) =>
      kubectl(['rollout', 'status', '--namespace', namespace, `deployment/${name}`, `--timeout=${ROLLOUT}`], {
        mend: `see \`npm run kubectl -- describe pods --namespace ${namespace}\``,
      }),
    ),
  );
  return 'CoreDNS, metrics, storage';
}

/** Ends exactly what `up` started, with all that it has left in the machine; `withData` deletes what it has kept, too. */
export async function down({ withData }) {
  const all = nodes(Math.max(chosenNodes(), 1));
  await step('cluster', async (tell) => {
    for (const node of [...all].reverse()) await stopNode(node, tell);
    tell('ending the control plane');
    await stop(Object.keys(recorded()));
    await removeRules();
    await removeNetwork(all);
    rmSync(places.run, { recursive: true, force: true });
    if (!withData) return 'stopped; its data stays';
    for (const path of [places.folder, ...Object.values(clone)]) rmSync(path, { recursive: true, force: true });
    return 'stopped and deleted';
  });
}

/** Takes a node away as a power cut would; the next `up` brings it back. */
export async function lose(number) {
  const node = nodes(chosenNodes())[number - 1];
  if (!node)
    throw new UserError(`there is no node ${number}`, `start it first: \`npm run cluster -- --nodes ${number}\``);
  await step(`losing ${node.name}`, () => loseNode(node));
}

/** One row for each process that should run. */
export function processRows() {
  const names = [
    ...controlPlane(),
    { name: 'registry' },
    ...nodes(chosenNodes()).flatMap((node) => nodeProcesses(node)),
  ].map(({ name }) => name);
  const alive = running();
  const records = recorded();
  return names.map((name) => {
    const isAlive = alive.includes(name);
    return {
      process: name,
      pid: isAlive ? records[name].pid : '',
      state: isAlive ? 'running' : 'down',
      since: isAlive ? records[name].since : '',
      memory: isAlive ? memoryOf(records[name].pid) : '',
    };
  });
}

function memoryOf(pid) {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kilobytes ? `${Math.round(Number(kilobytes) / 1024)} MB` : '';
}

/** One row for each node that the API server knows; undefined where it does not answer. */
export async function nodeRows() {
  if (!(await apiReady())) return undefined;
  const { code, stdout } = await ask(['get', 'nodes', '--output', 'json']);
  return code === 0 ? JSON.parse(stdout).items.map(nodeRow) : undefined;
}

/** Takes a Node object. Pure. */
export function nodeRow({ metadata, spec, status }) {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return {
    node: metadata.name,
    state: `${ready ? 'ready' : 'not ready'}${spec.unschedulable ? ', no new pods' : ''}`,
    address: status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    pods: spec.podCIDR ?? '',
    version: status.nodeInfo?.kubeletVersion ?? '',
  };
}
