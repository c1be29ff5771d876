// How much CPU and memory the services of an environment request together. Pure.
import { labelsOf } from './preview-changes.mjs';
import { quantity } from './quantity.mjs';

const SERVICE = 'docker:index/service:Service';
const DEPLOYMENT = 'kubernetes:apps/v1:Deployment';
const AUTOSCALER = 'kubernetes:autoscaling/v2:HorizontalPodAutoscaler';

/**
 * Replicas × requests, of what runs all the time; jobs are left out. Where the number of replicas follows the load, the fewest count.
 *
 * @param states of resources: `type` and `inputs`.
 * @returns `cpu` in cores, `memory` in bytes, and `autoscaled`.
 */
export function requestsOf(states) {
  const fewest = new Map(
    states
      .filter(({ type }) => type === AUTOSCALER)
      .map(({ inputs: { metadata, spec } }) => [target(metadata, spec.scaleTargetRef.name), spec.minReplicas ?? 1]),
  );
  const services = states
    .filter(({ type, inputs }) => type === SERVICE && labelsOf(inputs).component !== 'job')
    .map(({ inputs }) => ofService(inputs));
  const deployments = states
    .filter(({ type }) => type === DEPLOYMENT)
    .map(({ inputs: { metadata, spec } }) => {
      const replicas = fewest.get(target(metadata, metadata?.name)) ?? spec?.replicas ?? 1;
      return times(replicas, ofPod(spec?.template?.spec));
    });
  return { ...[...services, ...deployments].reduce(plus, NONE), autoscaled: fewest.size > 0 };
}

const NONE = { cpu: 0, memory: 0 };
const plus = (a, b) => ({ cpu: a.cpu + b.cpu, memory: a.memory + b.memory });
const most = (a, b) => ({ cpu: Math.max(a.cpu, b.cpu), memory: Math.max(a.memory, b.memory) });
const times = (count, { cpu, memory }) => ({ cpu: count * cpu, memory: count * memory });
const target = (metadata, name) => `${metadata?.namespace ?? ''}/${name}`;

function ofService({ mode, taskSpec }) {
  const { nanoCpus = 0, memoryBytes = 0 } = taskSpec?.resources?.reservation ?? {};
  return times(mode?.replicated?.replicas ?? 1, { cpu: nanoCpus / 1e9, memory: memoryBytes });
}

/** As the scheduler counts: an init container runs before the others, and then ends unless it is restarted always. */
function ofPod({ containers = [], initContainers = [] } = {}) {
  let beside = NONE;
  let atStart = NONE;
  for (const container of initContainers) {
    const own = ofContainer(container);
    if (container.restartPolicy === 'Always') beside = plus(beside, own);
    atStart = most(atStart, container.restartPolicy === 'Always' ? beside : plus(beside, own));
  }
  return most(containers.map(ofContainer).reduce(plus, beside), atStart);
}

function ofContainer({ resources: { requests = {} } = {} }) {
  return { cpu: quantity(requests.cpu) ?? 0, memory: quantity(requests.memory) ?? 0 };
}
