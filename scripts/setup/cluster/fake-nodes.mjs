// Nodes that run nothing (kwok): the scheduler, the controllers and the API server see them, and their pods, as running. For
// questions of number and place; what must answer a request belongs on a real node.
import { ask, kubectl } from './control-plane.mjs';
import { kubeconfigOf } from './kubeconfig.mjs';
import { NETWORK } from './layout.mjs';
import { recorded, start, stop } from './processes.mjs';
import { ensureBuilt, program } from './programs.mjs';

export const FAKE = 'kwok.x-k8s.io/node';
const ZONES = ['a', 'b', 'c'];
const NAME = 'kwok';
/** As Kubernetes writes what Node.js calls otherwise. */
const ARCHITECTURES = { x64: 'amd64' };

/** One of the nodes, counted from 1. The taint keeps real work away from it. Pure. */
export function fakeNode(number) {
  const name = `fake-${number}`;
  const capacity = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { [FAKE]: 'fake' },
      labels: {
        [FAKE]: 'fake',
        'kubernetes.io/arch': ARCHITECTURES[process.arch] ?? process.arch,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': 'fake',
        'topology.kubernetes.io/zone': `fake-${ZONES[(number - 1) % ZONES.length]}`,
      },
    },
    spec: { taints: [{ key: FAKE, value: 'fake', effect: 'NoSchedule' }] },
    status: { capacity, allocatable: capacity },
  };
}

/** Gives the cluster exactly so many of them. */
export async function fakeNodes(count, tell) {
  const { stdout } = await ask(['get', 'nodes', '--selector', FAKE, '--output', 'name']);
  const wanted = Array.from({ length: count }, (_, index) => fakeNode(index + 1));
  const names = new Set(wanted.map(({ metadata }) => `node/${metadata.name}`));
  const tooMany = stdout.split('\n').filter((name) => name !== '' && !names.has(name));
  if (tooMany.length > 0) await kubectl(['delete', '--wait=false', ...tooMany]);
  if (count === 0) {
    if (NAME in recorded()) await stop([NAME]);
    return 'none';
  }
  await ensureBuilt('kwok', tell);
  const args = [
    `--kubeconfig=${kubeconfigOf('admin')}`,
    `--manage-nodes-with-annotation-selector=${FAKE}=fake`,
    `--cidr=${NETWORK.fakePods}`,
    // A node whose lease nobody renews is taken for lost after 50 s.
    '--node-lease-duration-seconds=40',
  ];
  await start({ name: NAME, program: program('kwok'), args, files: [kubeconfigOf('admin')] });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: wanted });
  // kwok writes some of the same fields.
  await kubectl(['apply', '--server-side', '--force-conflicts', '--filename', '-'], { input });
  await kubectl(['wait', 'nodes', '--selector', FAKE, '--for=condition=Ready', '--timeout=60s']);
  return `${count}, in ${Math.min(count, ZONES.length)} zones`;
}
