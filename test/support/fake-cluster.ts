import type { V1Deployment, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import type { Look } from '../../components/kubernetes/rollout';

interface DeploymentLook {
  wanted?: number;
  replicas?: number;
  updated?: number;
  available?: number;
  /** @default - as many as are available */
  ready?: number;
  generation?: number;
  observed?: number;
  revision?: number;
  /** Reason of the condition Progressing. */
  progress?: 'NewReplicaSetAvailable' | 'ReplicaSetUpdated' | 'ProgressDeadlineExceeded';
  /** Message of the condition ReplicaFailure. */
  refused?: string;
  annotations?: Record<string, string>;
}

/** A Deployment as the API shows it; everything has worked unless told otherwise. */
export function deployment(look: DeploymentLook = {}): V1Deployment {
  const { wanted = 2, generation = 1, progress = 'NewReplicaSetAvailable' } = look;
  return {
    metadata: {
      name: 'api',
      generation,
      labels: { 'app.kubernetes.io/name': 'api' },
      annotations: { 'deployment.kubernetes.io/revision': String(look.revision ?? 2), ...look.annotations },
    },
    spec: { replicas: wanted, minReadySeconds: 5, selector: {}, template: { spec: { containers: [] } } },
    status: {
      observedGeneration: look.observed ?? generation,
      replicas: look.replicas ?? wanted,
      updatedReplicas: look.updated ?? wanted,
      availableReplicas: look.available ?? wanted,
      readyReplicas: look.ready ?? look.available ?? wanted,
      conditions: [
        {
          type: 'Progressing',
          status: progress === 'ProgressDeadlineExceeded' ? 'False' : 'True',
          reason: progress,
          message: `because of ${progress}`,
          lastUpdateTime: new Date('2026-01-01T00:00:00Z'),
        },
        ...(look.refused === undefined
          ? []
          : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: look.refused }]),
      ],
    },
  };
}

export function replicaSet(revision: number, available = 0, image = `api:${revision}`): V1ReplicaSet {
  return {
    metadata: { uid: `set-${revision}`, annotations: { 'deployment.kubernetes.io/revision': String(revision) } },
    spec: {
      selector: {},
      template: {
        metadata: { labels: { app: 'api', 'pod-template-hash': 'abc' } },
        spec: { containers: [{ name: 'api', image }] },
      },
    },
    status: { replicas: available, availableReplicas: available },
  };
}

interface PodLook {
  uid?: string;
  /** Revision of the version that it belongs to. */
  revision?: number;
  ready?: Date;
  restarts?: number;
  waiting?: [reason: string, message?: string];
  ended?: [code: number, reason?: string];
  running?: boolean;
  unplaced?: string;
  leaving?: boolean;
}

/** A pod of the newest version as the API shows it; it is being started unless told otherwise. */
export function pod(look: PodLook = {}): V1Pod {
  const { uid = 'pod-1', revision = 2, restarts = 0 } = look;
  const ended = look.ended && { exitCode: look.ended[0], ...(look.ended[1] ? { reason: look.ended[1] } : {}) };
  return {
    metadata: {
      name: `api-${uid}`,
      uid,
      ownerReferences: [{ uid: `set-${revision}`, kind: 'ReplicaSet', name: 'api', apiVersion: 'apps/v1' }],
      ...(look.leaving === true ? { deletionTimestamp: new Date() } : {}),
    },
    status: {
      phase: 'Pending',
      conditions: [
        look.unplaced === undefined
          ? { type: 'PodScheduled', status: 'True' }
          : { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: look.unplaced },
        look.ready
          ? { type: 'Ready', status: 'True', lastTransitionTime: look.ready }
          : { type: 'Ready', status: 'False' },
      ],
      containerStatuses: [
        {
          name: 'api',
          image: 'api:2',
          imageID: '',
          ready: look.ready !== undefined,
          restartCount: restarts,
          state: {
            ...(look.waiting
              ? { waiting: { reason: look.waiting[0], ...(look.waiting[1] ? { message: look.waiting[1] } : {}) } }
              : {}),
            ...(look.running === true || look.ready ? { running: {} } : {}),
            ...(ended && restarts === 0 ? { terminated: ended } : {}),
          },
          ...(ended && restarts > 0 ? { lastState: { terminated: ended } } : {}),
        },
      ],
    },
  };
}

export function look(
  of: DeploymentLook = {},
  pods: V1Pod[] = [],
  replicaSets = [replicaSet(1, 2), replicaSet(2)],
): Look {
  return { deployment: deployment(of), replicaSets, pods };
}
