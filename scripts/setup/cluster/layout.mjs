// Where the local cluster lives: its addresses, its folders and its versions. One cluster a machine, shared by all clones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { local, machineState, root } from '../../lib/project.mjs';

/** The version of a module that one of the Go modules in tools/ pins. */
export function pinnedVersion(folder, module) {
  const text = readFileSync(join(root, 'tools', folder, 'go.mod'), 'utf8');
  const version = new RegExp(`^(?:require|\\t)\\s*${module.replaceAll('.', '\\.')} (v\\S+)`, 'm').exec(text)?.[1];
  if (!version) throw new Error(`tools/${folder}/go.mod does not pin ${module}`);
  return version;
}

export const KUBERNETES = pinnedVersion('kubernetes', 'k8s.io/kubernetes');
export const CONTEXT = 'shop-local';
export const MAX_NODES = 9;

/** One private range, beside those of Docker and of the shop's networks on Docker, holds all addresses. */
export const NETWORK = {
  range: '10.44.0.0/14',
  pods: '10.44.0.0/16',
  nodes: '10.45.0.0/24',
  services: '10.46.0.0/16',
  // Of pods on nodes that run nothing: their first address, and the range.
  fakePods: '10.47.0.1/16',
  apiService: '10.46.0.1',
  dns: '10.46.0.10',
  domain: 'cluster.local',
  bridge: 'shop-nodes0',
};
/** The machine itself is the first node. A loopback address would not do: the API server's stands in an EndpointSlice. */
export const API = { host: '10.45.0.1', port: 6443 };
export const ETCD = { client: 'https://127.0.0.1:12379', peer: 'http://127.0.0.1:12380', port: 12379 };
/** The registry is named alike where images are pushed and where they are pulled; other nodes reach it by the bridge. */
export const REGISTRY = '127.0.0.1:5000';
export const REGISTRY_FOR_NODES = `${API.host}:5000`;
/** Node ports that answer on 127.0.0.1 with every kind of local cluster: kind and k3d must publish them beforehand. */
export const STABLE_PORTS = { from: 30080, to: 30089 };

const folder = join(machineState, 'cluster');
const programs = join(machineState, 'kubernetes');
export const places = {
  folder,
  programs: join(programs, KUBERNETES, 'programs'),
  debian: join(programs, 'debian'),
  pki: join(folder, 'pki'),
  logs: join(folder, 'logs'),
  etcd: join(folder, 'etcd'),
  registry: join(folder, 'registry'),
  processes: join(folder, 'processes.json'),
  kubeconfig: join(folder, 'admin.kubeconfig'),
  resolv: join(folder, 'resolv.conf'),
  settings: join(folder, 'settings-before.json'),
  // Sockets and mounts: paths must be short, and need not outlive a restart of the machine.
  run: '/run/shop-cluster',
};

/** What each clone gets: the way in, and what its program must know about the cluster. */
export const clone = { kubeconfig: join(local.folder, 'kubeconfig'), facts: join(local.folder, 'cluster.json') };

/** A node of the cluster, counted from 1. The first is the machine itself, the others have namespaces of their own. */
export function node(number) {
  const name = `shop-${number}`;
  const run = join(places.run, name);
  return {
    number,
    name,
    address: `10.45.0.${number}`,
    pods: `10.44.${number}.0/24`,
    zone: `local-${number}`,
    podBridge: `shop-pods${number}`,
    folder: join(folder, name),
    run,
    containerd: join(run, 'containerd.sock'),
    cgroup: `/${name}`,
    ownNamespaces: number > 1,
  };
}

export function nodes(count) {
  return Array.from({ length: count }, (_, index) => node(index + 1));
}
