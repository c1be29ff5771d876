// From what a cluster says about deployments, jobs and pods to the rows of `npm run status`. Pure, for its tests.
import { COMPONENT, NAME } from './stack.mjs';
import { inOrder, shortImage } from './status-table.mjs';

const DONE = 'done';

/** One row per deployment and job. All three lists are those of the API, whole objects. */
export function clusterRows(deployments, jobs, pods) {
  const labelled = ({ metadata }) => ({
    service: metadata.labels?.[NAME] ?? metadata.name,
    component: metadata.labels?.[COMPONENT] ?? '',
  });
  const services = deployments.map((deployment) => ({
    ...labelled(deployment),
    replicas: `${deployment.status?.readyReplicas ?? 0}/${deployment.spec.replicas}`,
    health: healthOf(podsOf(deployment, pods)),
    update: updateOf(deployment),
    image: imageOf(deployment),
  }));
  const ended = jobs.map((job) => ({
    ...labelled(job),
    replicas: job.status?.succeeded ? DONE : `${job.status?.active ?? 0}/1`,
    health: job.status?.succeeded ? '' : healthOf(podsOf(job, pods)),
    update: '',
    image: imageOf(job),
  }));
  return inOrder([...services, ...ended]);
}

/** What ended or keeps from starting each container that is not ready: pod and reason. */
export function podErrors(pods) {
  return pods.flatMap(({ metadata, status }) => {
    const before = (status?.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0);
    const reasons = [...before, ...(status?.containerStatuses ?? []).filter(({ ready }) => !ready)].map(reasonOf);
    const unscheduled = (status?.conditions ?? []).find(
      ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
    );
    const all = [...reasons, unscheduled?.message].filter(Boolean);
    return all.length > 0 && status?.phase !== 'Succeeded' ? [[metadata.name, all.join('; ')]] : [];
  });
}

function reasonOf({ state, lastState, restartCount }) {
  const waiting = state?.waiting?.reason;
  const { reason, exitCode } = state?.terminated ?? lastState?.terminated ?? {};
  const ended = exitCode === undefined ? undefined : `${reason ?? 'ended'}, exit code ${exitCode}`;
  const text = [waiting, ended].filter(Boolean).join(', ');
  return text && restartCount > 0 ? `${text} (${restartCount} × restarted)` : text;
}

function healthOf(pods) {
  if (pods.length === 0) return 'down';
  const ready = pods.filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  if (ready.length === pods.length) return 'ready';
  return ready.length === 0 ? 'not ready' : `${ready.length} ready, ${pods.length - ready.length} not ready`;
}

/** A rollout is under way, or was given up. */
function updateOf({ metadata, spec, status }) {
  const given = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (given?.reason === 'ProgressDeadlineExceeded') return 'failed';
  const seen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return seen && (status?.updatedReplicas ?? 0) >= spec.replicas && (status?.replicas ?? 0) <= spec.replicas
    ? ''
    : 'updating';
}

function podsOf({ spec }, pods) {
  const wanted = Object.entries(spec.selector?.matchLabels ?? {});
  return pods.filter(
    ({ metadata }) => !metadata.deletionTimestamp && wanted.every(([key, value]) => metadata.labels?.[key] === value),
  );
}

function imageOf({ spec }) {
  return shortImage(spec.template.spec.containers[0]?.image);
}
