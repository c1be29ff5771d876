// The cluster by kind or k3d, where one of them is installed and an image registry answers: nodes are containers of the
// Docker engine then, and everything comes from images.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '../../lib/project.mjs';
import { UserError, step } from '../../lib/report.mjs';
import { capture, must, which } from '../../lib/run.mjs';
import { facts, writeClone } from './facts.mjs';
import { clone, CONTEXT, KUBERNETES, pinnedVersion, REGISTRY, STABLE_PORTS } from './layout.mjs';
import { metrics } from './metrics.mjs';

const [ADDRESS, PORT] = REGISTRY.split(':');
const REGISTRY_CONTAINER = 'k3d-shop-registry';
const REGISTRY_IMAGE = 'registry:2.8.3';
/** What stands beside the images of Kubernetes' own version in these tools' names. */
const METRICS = `registry.k8s.io/metrics-server/metrics-server:${pinnedVersion('kubernetes', 'sigs.k8s.io/metrics-server')}`;

/** The tool that makes the cluster here, or undefined where it is made out of plain processes. */
export function hostedTool({ read = readFileSync, find = which } = {}) {
  const parsed = (file) => {
    try {
      return JSON.parse(read(file, 'utf8'));
    } catch {
      return {}; // not written yet
    }
  };
  // One that this clone has already is gone on with.
  const { kind } = parsed(clone.facts);
  if (kind !== undefined) return kind in TOOLS ? kind : undefined;
  if (parsed(local.environment).images?.source !== 'official') return undefined;
  return Object.keys(TOOLS).find((name) => find(name));
}

/** k3d first: it brings metrics and storage along. */
const TOOLS = {
  k3d: {
    storageClass: 'local-path',
    exists: () => answers('k3d', ['cluster', 'get', CONTEXT]),
    async create(nodes, folder) {
      if (!(await answers('k3d', ['registry', 'get', REGISTRY_CONTAINER]))) {
        await must('k3d', ['registry', 'create', REGISTRY_CONTAINER.replace('k3d-', ''), '--port', REGISTRY]);
      }
      const mirrors = join(folder, 'registries.json');
      writeFileSync(
        mirrors,
        JSON.stringify({ mirrors: { [REGISTRY]: { endpoint: [`http://${REGISTRY_CONTAINER}:${PORT}`] } } }),
      );
      const ports = `${STABLE_PORTS.from}-${STABLE_PORTS.to}`;
      await must('k3d', [
        ...['cluster', 'create', CONTEXT, '--image', `rancher/k3s:${KUBERNETES}-k3s1`, '--agents', `${nodes - 1}`],
        ...['--registry-use', `${REGISTRY_CONTAINER}:${PORT}`, '--registry-config', mirrors],
        ...['--api-port', ADDRESS, '--port', `${ADDRESS}:${ports}:${ports}@server:0`, '--no-lb', '--wait'],
        ...['--k3s-arg', '--disable=traefik@server:*', '--kubeconfig-update-default=false'],
      ]);
    },
    start: () => must('k3d', ['cluster', 'start', CONTEXT, '--wait']),
    stop: () => must('k3d', ['cluster', 'stop', CONTEXT]),
    delete: () => must('k3d', ['cluster', 'delete', CONTEXT]),
    kubeconfig: () => must('k3d', ['kubeconfig', 'get', CONTEXT]),
  },
  kind: {
    storageClass: 'standard',
    exists: async () => (await must('kind', ['get', 'clusters'])).split('\n').includes(CONTEXT),
    async create(nodes, folder) {
      const file = join(folder, 'kind.json');
      writeFileSync(file, JSON.stringify(kindConfig(nodes)));
      const kubeconfig = join(folder, 'kubeconfig');
      await must('kind', [
        'create',
        'cluster',
        '--name',
        CONTEXT,
        '--config',
        file,
        '--kubeconfig',
        kubeconfig,
        '--wait=180s',
      ]);
      await registryForKind();
    },
    start: async () => must('docker', ['start', ...(await kindNodes()), REGISTRY_CONTAINER]),
    stop: async () => must('docker', ['stop', ...(await kindNodes()), REGISTRY_CONTAINER]),
    delete: () => must('kind', ['delete', 'cluster', '--name', CONTEXT]),
    kubeconfig: () => must('kind', ['get', 'kubeconfig', '--name', CONTEXT]),
    addons: () => metrics({ 'metrics-server': METRICS }, { insecure: true }),
  },
};

export async function hostedUp(tool, nodes) {
  const kubectl = which('kubectl');
  if (!kubectl) throw new UserError('kubectl is not on PATH', `install it beside ${tool}, and repeat`);
  const made = TOOLS[tool];
  await step(`cluster (${tool})`, async (tell) => {
    const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    try {
      const exists = await made.exists();
      tell(exists ? 'starting it' : `creating ${nodes} node${nodes > 1 ? 's' : ''}`);
      await (exists ? made.start() : made.create(nodes, folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    // Both tools put their own name in front of the cluster's.
    const kubeconfig = (await made.kubeconfig()).replaceAll(`${tool}-${CONTEXT}`, CONTEXT);
    const { storageClass } = made;
    writeClone(kubeconfig, facts({ kind: tool, kubernetes: KUBERNETES, nodes, storageClass, kubectl }));
    if (!made.addons) return;
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made.addons() });
    const args = ['--kubeconfig', clone.kubeconfig, 'apply', '--server-side', '--force-conflicts', '--filename', '-'];
    await must(kubectl, args, { input });
  });
}

export async function hostedDown(tool, { withData }) {
  await step(`cluster (${tool})`, async () => {
    if (!(await TOOLS[tool].exists())) return 'there is none';
    await TOOLS[tool][withData ? 'delete' : 'stop']();
    if (!withData) return 'stopped; its data stays';
    await capture('docker', ['rm', '--force', '--volumes', REGISTRY_CONTAINER]);
    for (const file of Object.values(clone)) rmSync(file, { force: true });
    return 'deleted';
  });
}

export async function hostedRows() {
  const { kubectl } = JSON.parse(readFileSync(clone.facts, 'utf8'));
  return must(kubectl, ['--kubeconfig', clone.kubeconfig, '--request-timeout=5s', 'get', 'nodes', '--output=wide']);
}

/** What `kind create cluster` is given. Pure. */
export function kindConfig(nodes) {
  const ports = Array.from({ length: STABLE_PORTS.to - STABLE_PORTS.from + 1 }, (_, at) => STABLE_PORTS.from + at);
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { apiServerAddress: ADDRESS },
    containerdConfigPatches: [
      '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"\n',
    ],
    nodes: Array.from({ length: nodes }, (_, index) => ({
      role: index === 0 ? 'control-plane' : 'worker',
      image: `kindest/node:${KUBERNETES.replace(/\d+$/, '0')}`,
      // Each node forwards node ports, but only one can have the machine's.
      ...(index === 0 && {
        extraPortMappings: ports.map((port) => ({ containerPort: port, hostPort: port, listenAddress: ADDRESS })),
      }),
    })),
  };
}

/** The nodes reach the registry, by the name that it has on the machine, over the network they share with it. */
async function registryForKind() {
  const names = ['--name', REGISTRY_CONTAINER, '--publish', `${REGISTRY}:5000`, '--restart=unless-stopped'];
  if (!(await answers('docker', ['container', 'inspect', REGISTRY_CONTAINER]))) {
    await must('docker', ['run', '--detach', '--network=kind', ...names, REGISTRY_IMAGE]);
  }
  const folder = `/etc/containerd/certs.d/${REGISTRY}`;
  for (const node of await kindNodes()) {
    await must('docker', ['exec', node, 'mkdir', '-p', folder]);
    const input = `[host."http://${REGISTRY_CONTAINER}:5000"]\n`;
    await must('docker', ['exec', '--interactive', node, 'cp', '/dev/stdin', `${folder}/hosts.toml`], { input });
  }
}

async function kindNodes() {
  return (await must('kind', ['get', 'nodes', '--name', CONTEXT])).split('\n').filter(Boolean);
}

async function answers(program, args) {
  return (await capture(program, args)).code === 0;
}
