import type { V1ContainerStatus, V1Deployment, V1Pod, V1PodCondition, V1ReplicaSet } from '@kubernetes/client-node';

/** What a cluster shows of a Deployment at one look. */
export interface Look {
  deployment: V1Deployment;
  replicaSets: readonly V1ReplicaSet[];
  pods: readonly V1Pod[];
}

/** What makes a rollout fail, beside what the cluster itself gives up on. */
export interface Patience {
  /** Restarts of a new replica that are no failure yet: none in an update, where one is enough to go back. */
  restarts: number;
  /** Time that a new replica has until it is ready, in milliseconds. */
  startup: number;
  /** Time that a replica may wait for a place, in milliseconds. */
  placement: number;
}

export type Verdict =
  | { state: 'done' }
  /** Where a symptom is given, it is a failure once it has lasted for `grace` milliseconds. */
  | { state: 'waiting'; message: string; symptom?: Symptom };

export interface Symptom {
  /** The same as long as it is the same trouble. */
  key: string;
  grace: number;
  message: string;
  pod?: V1Pod;
}

const REVISION = 'deployment.kubernetes.io/revision';
/** An image that could not be pulled, or a folder that could not be mounted, is tried again for a while. */
const RETRIED = 15_000;
/** A large image on a slow line. */
export const PULL = 120_000;
/** A quota or an admission rule: another pod that leaves may still make room. */
const REFUSED = 10_000;
const FAILED_WAITING: Readonly<Record<string, number>> = {
  CreateContainerConfigError: RETRIED,
  CreateContainerError: RETRIED,
  ErrImageNeverPull: 0,
  ErrImagePull: RETRIED,
  ImagePullBackOff: RETRIED,
  InvalidImageName: 0,
  RunContainerError: RETRIED,
};

/**
 * Judges a rollout. The cluster itself only ever gives up at its deadline for progress, and then goes on trying; here it has
 * failed as soon as that is certain.
 *
 * @param available uids of the pods that have already been available: what happens to them later is not the start's fault.
 */
export function verdict(look: Look, patience: Patience, available: ReadonlySet<string>): Verdict {
  const { deployment } = look;
  const { spec, status } = deployment;
  if (!isObserved(deployment)) {
    return { state: 'waiting', message: 'the Deployment controller has not observed the new spec yet' };
  }
  const wanted = spec?.replicas ?? 1;
  const progress = status?.conditions?.find(({ type }) => type === 'Progressing');
  const numbers = [status?.replicas, status?.updatedReplicas, status?.availableReplicas].map((count) => count ?? 0);
  if (numbers.every((count) => count === wanted) && (wanted === 0 || hasCompleted(deployment)))
    return { state: 'done' };
  const message = `${numbers[2]} of ${wanted} replicas are available, ${numbers[1]} of them new`;
  const symptom = symptomOf(look, patience, available, progress?.reason, progress?.message);
  return { state: 'waiting', message, ...(symptom ? { symptom } : {}) };
}

/** Whether the version that a Deployment names has been rolled out, once; later troubles do not change that. */
export function hasCompleted({ spec, status }: V1Deployment): boolean {
  if (spec?.replicas === 0) return true;
  const progress = status?.conditions?.find(({ type }) => type === 'Progressing');
  return progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable';
}

/** Whether all replicas are of the version that a Deployment names, and ready. */
export function isReady(deployment: V1Deployment): boolean {
  const { spec, status } = deployment;
  const counts = [status?.replicas, status?.updatedReplicas, status?.readyReplicas];
  return isObserved(deployment) && counts.every((count) => (count ?? 0) === (spec?.replicas ?? 1));
}

/** Whether the status of a Deployment is that of what it was last told to. */
function isObserved({ metadata, status }: V1Deployment): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}

/** The pods of the version that a Deployment names, without those that leave. */
export function currentPods({ deployment, replicaSets, pods }: Look): V1Pod[] {
  const current = currentReplicaSet(deployment, replicaSets);
  return pods.filter(
    ({ metadata }) =>
      metadata?.deletionTimestamp === undefined &&
      metadata?.ownerReferences?.some(({ uid }) => uid === current?.metadata?.uid),
  );
}

/** The ReplicaSet of the version before: the one to go back to where nothing better is known. */
export function previousReplicaSet({ deployment, replicaSets }: Look): V1ReplicaSet | undefined {
  const current = currentReplicaSet(deployment, replicaSets);
  return replicaSets
    .filter((set) => set !== current)
    .sort(
      (a, b) =>
        (b.status?.availableReplicas ?? 0) - (a.status?.availableReplicas ?? 0) || revisionOf(b) - revisionOf(a),
    )[0];
}

/** Whether a pod has been ready for as long as a new version must be. */
export function isAvailable(pod: V1Pod, minReadySeconds: number, now: number): boolean {
  const ready = condition(pod, 'Ready');
  const since = ready?.lastTransitionTime?.getTime();
  return ready?.status === 'True' && since !== undefined && now - since >= minReadySeconds * 1_000;
}

function currentReplicaSet(deployment: V1Deployment, replicaSets: readonly V1ReplicaSet[]): V1ReplicaSet | undefined {
  return replicaSets.find((set) => revisionOf(set) === revisionOf(deployment));
}

function revisionOf({ metadata }: V1Deployment | V1ReplicaSet): number {
  return Number(metadata?.annotations?.[REVISION] ?? 0);
}

function condition(pod: V1Pod, type: string): V1PodCondition | undefined {
  return pod.status?.conditions?.find((one) => one.type === type);
}

/** The symptom that is a failure first. */
function symptomOf(
  look: Look,
  patience: Patience,
  available: ReadonlySet<string>,
  reason: string | undefined,
  message: string | undefined,
): Symptom | undefined {
  const symptoms = currentPods(look)
    .filter(({ metadata }) => !available.has(metadata?.uid ?? ''))
    .flatMap((pod) => podSymptom(pod, patience) ?? []);
  const refused = look.deployment.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (refused) {
    symptoms.push({
      key: 'refused',
      grace: REFUSED,
      message: `the API server rejected a replica: ${refused.message ?? refused.reason ?? ''}`,
    });
  }
  if (reason === 'ProgressDeadlineExceeded') {
    // What a pod says of itself says more.
    const pod = symptoms[0]?.pod ?? currentPods(look).find((one) => condition(one, 'Ready')?.status !== 'True');
    symptoms.push({
      key: 'deadline',
      grace: 0,
      message: symptoms[0]?.message ?? message ?? 'no progress until the deadline',
      ...(pod ? { pod } : {}),
    });
  }
  return symptoms.sort((a, b) => a.grace - b.grace)[0];
}

/** What a pod waits for: what must end before its container starts, or that container. */
export function decidingContainer({ status }: V1Pod): V1ContainerStatus | undefined {
  return (
    status?.initContainerStatuses?.find(({ state }) => state?.terminated?.exitCode !== 0) ??
    status?.containerStatuses?.[0]
  );
}

/** What is wrong with a pod that has not been available yet, or may be if it lasts. */
function podSymptom(pod: V1Pod, patience: Patience): Symptom | undefined {
  const name = pod.metadata?.name ?? '';
  const symptom = (key: string, grace: number, message: string): Symptom => ({
    key: `${key} ${name}`,
    grace,
    message: `replica ${name} ${message}`,
    pod,
  });
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') {
    return symptom(
      'unplaced',
      patience.placement,
      `cannot be scheduled: ${scheduled.message ?? scheduled.reason ?? ''}`,
    );
  }
  const container = decidingContainer(pod);
  const waiting = container?.state?.waiting;
  const ended = container?.lastState?.terminated ?? container?.state?.terminated;
  if (ended && (container?.restartCount ?? 0) + (container?.state?.terminated ? 1 : 0) > patience.restarts) {
    return symptom('ended', 0, `exited with code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`);
  }
  const grace = FAILED_WAITING[waiting?.reason ?? ''];
  if (grace !== undefined) {
    return symptom(
      'waiting',
      grace,
      `does not start: ${waiting!.reason}${waiting!.message ? `: ${waiting!.message}` : ''}`,
    );
  }
  if (condition(pod, 'Ready')?.status === 'True') return undefined;
  if (container?.state?.running)
    return symptom(
      'unready',
      patience.startup,
      `did not become ready within ${patience.startup / 1_000} s (\`startup\`)`,
    );
  // Its image is being pulled, or a volume is not there yet.
  return symptom(
    'unstarted',
    PULL + patience.placement,
    `does not start: ${waiting?.reason ?? pod.status?.phase ?? ''}`,
  );
}
