import type {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  KubernetesObject,
  KubernetesObjectApi,
  V1Deployment,
  V1Job,
} from '@kubernetes/client-node';
import { LABEL } from '../identity';
import { claimReleased, holdersOf } from './claim-holders';
import {
  DeploymentError,
  type ClaimTransfer,
  type Cluster,
  type DeployedWorkload,
  type GoodVersion,
  type RolloutTimes,
  type RolloutWait,
} from './cluster';
import { failureReport } from './failure';
import { ANNOTATION, FIELD_MANAGER, memberOf } from './labels';
import { persistently } from './retry';
import { PORT_NAME } from './service';
import {
  currentPods,
  hasCompleted,
  isAvailable,
  isReady,
  previousReplicaSet,
  verdict,
  type Look,
  type Symptom,
} from './rollout';

/** The parts of the API that are used, as the client library makes them. */
export interface ClusterApis {
  apps: AppsV1Api;
  batch: BatchV1Api;
  core: CoreV1Api;
  objects: KubernetesObjectApi;
}

const POLL = 500;
/** Annotations that belong to the cluster's own controllers. */
const OF_CONTROLLERS = /^deployment\.kubernetes\.io\//;
const TEMPLATE_HASH = 'pod-template-hash';
/** Holds the number of replicas until the autoscaler first changes it. */
const AUTOSCALER = `${FIELD_MANAGER}-autoscaler`;
/** Holds ports of Services that are there for callers until the Service itself changes. */
const OPENER = `${FIELD_MANAGER}-opener`;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const inSeconds = (time: Date | undefined) => (time === undefined ? 0 : Math.floor(time.getTime() / 1_000));

/** The real cluster, over its API. */
export class ApiCluster implements Cluster {
  constructor(
    private readonly apis: ClusterApis,
    private readonly poll = POLL,
  ) {}

  async deployed(namespace: string, partOf: string): Promise<Map<string, DeployedWorkload>> {
    const labelSelector = `${LABEL.partOf}=${partOf}`;
    const [deployments, jobs] = await persistently(() =>
      Promise.all([
        this.apis.apps.listNamespacedDeployment({ namespace, labelSelector }),
        this.apis.batch.listNamespacedJob({ namespace, labelSelector }),
      ]),
    );
    // While one job replaces another there are two: the later one counts.
    const byAge = [...jobs.items].sort(
      (a, b) => inSeconds(a.metadata?.creationTimestamp) - inSeconds(b.metadata?.creationTimestamp),
    );
    return new Map([
      ...deployments.items.map((one) => [memberOf(one), deployedDeployment(one)] as const),
      ...byAge.map((one) => [memberOf(one), deployedJob(one)] as const),
    ]);
  }

  async lastGood(namespace: string, name: string): Promise<GoodVersion | undefined> {
    const look = await this.look(namespace, name);
    if (!look) return undefined;
    const { metadata } = look.deployment;
    const spec = plain(look.deployment.spec);
    const annotations = Object.entries(metadata?.annotations ?? {}).filter(([key]) => !OF_CONTROLLERS.test(key));
    const version = { labels: metadata?.labels ?? {}, annotations: Object.fromEntries(annotations) };
    if (hasCompleted(look.deployment)) return { ...version, spec };
    // A deployment was broken off half-way, so that nobody has gone back yet.
    const previous = previousReplicaSet(look)?.spec?.template;
    if (!previous) return undefined;
    const template = plain(previous) as { metadata?: { labels?: Record<string, string> } };
    delete template.metadata?.labels?.[TEMPLATE_HASH];
    return { ...version, spec: { ...spec, template } };
  }

  async handOver(namespace: string, name: string, least: number): Promise<void> {
    const deployment = (await this.look(namespace, name))?.deployment;
    const replicas = Math.max(least, deployment?.spec?.replicas ?? 0);
    // While it is the autoscaler's, and in its bounds, it is not to be touched.
    if (!deployment || (!ownsReplicas(deployment) && replicas === deployment.spec?.replicas)) return;
    await this.scale(namespace, name, replicas);
  }

  async openPort(namespace: string, name: string, port: number): Promise<void> {
    const fieldSelector = `metadata.name=${name}`;
    const { items } = await persistently(() => this.apis.core.listNamespacedService({ namespace, fieldSelector }));
    const [ports] = items.map(({ spec }) => spec?.ports ?? []);
    if (!ports || ports.some((one) => one.port === port)) return;
    const nameOfPort = (one: number) => `port-${one}`;
    const opened = ports.filter((one) => one.name === nameOfPort(one.port)).map((one) => one.port);
    const added = [...opened, port].map((one) => ({
      name: nameOfPort(one),
      port: one,
      targetPort: PORT_NAME,
      protocol: 'TCP',
    }));
    await this.apply(
      { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: added } },
      OPENER,
    );
  }

  async takeOver(namespace: string, name: string): Promise<void> {
    const autoscaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name, namespace } };
    try {
      await persistently(() => this.apis.objects.delete(autoscaler));
    } catch (error) {
      if ((error as { code?: number }).code !== 404) throw error;
    }
  }

  async releaseClaim(transfer: ClaimTransfer): Promise<ReadonlyMap<string, number>> {
    const { namespace, owner, sharing } = transfer;
    const holders = [...(await holdersOf(this.apis, transfer))];
    const stopped = holders.filter(([name, replicas]) => name !== owner && !sharing.includes(name) && replicas > 0);
    await Promise.all(stopped.map(([name]) => this.scale(namespace, name, 0)));
    await claimReleased(this.apis, transfer, this.poll);
    return new Map(stopped);
  }

  async returnClaim(transfer: ClaimTransfer, stopped: ReadonlyMap<string, number>, times: RolloutTimes): Promise<void> {
    const { namespace, sharing } = transfer;
    await this.releaseClaim({ ...transfer, owner: '', sharing: [...sharing, ...stopped.keys()] });
    // One that this deployment has changed meanwhile has other storage by now.
    const holders = await holdersOf(this.apis, transfer);
    await Promise.all(
      [...stopped]
        .filter(([name]) => holders.has(name))
        .map(async ([name, replicas]) => {
          await this.scale(namespace, name, replicas);
          await this.rolledOut(namespace, name, { ...times, restarts: Number.POSITIVE_INFINITY });
        }),
    );
  }

  async rolledOut(namespace: string, name: string, wait: RolloutWait, good?: GoodVersion): Promise<void> {
    const failure = await this.settle(namespace, name, wait);
    if (!failure) return;
    // The replica that failed goes with its version: it is asked for its last words first.
    const report = await failureReport(this.apis.core, namespace, failure);
    const subject = `service ${name} (namespace ${namespace})`;
    if (!good) throw new DeploymentError(`${subject} failed to start: ${report}`);
    await this.putBack(namespace, name, good);
    const again = await this.settle(namespace, name, { ...wait, restarts: Number.POSITIVE_INFINITY });
    const state = again
      ? `the update failed and the previous version was restored, but it is not fully available yet (${again.message})`
      : `the update was rolled back; the previous version ${stopsFirst(good) ? 'was started again' : 'is still serving'}`;
    throw new DeploymentError(`${subject}: ${state}: ${report}`);
  }

  async completed(namespace: string, name: string, deadline: number): Promise<void> {
    const end = Date.now() + deadline;
    for (;;) {
      const job = await persistently(() => this.apis.batch.readNamespacedJob({ namespace, name }));
      const ended = (type: string) => job.status?.conditions?.find((one) => one.type === type && one.status === 'True');
      if (ended('Complete')) return;
      const failed = ended('Failed');
      if (failed || Date.now() > end) {
        const pods = await persistently(() =>
          this.apis.core.listNamespacedPod({ namespace, labelSelector: `job-name=${name}` }),
        );
        const [pod] = pods.items.sort(
          (a, b) => inSeconds(b.metadata?.creationTimestamp) - inSeconds(a.metadata?.creationTimestamp),
        );
        const report = await failureReport(this.apis.core, namespace, {
          message: failed
            ? `it failed: ${failed.message ?? failed.reason ?? ''}`
            : `it did not complete within ${deadline / 1_000} s`,
          ...(pod ? { pod } : {}),
        });
        throw new DeploymentError(`job ${memberOf(job)} (namespace ${namespace}): ${report}`);
      }
      await pause(this.poll);
    }
  }

  /** @returns what went wrong, or nothing once a Deployment has reached what it was last told to. */
  private async settle(
    namespace: string,
    name: string,
    wait: RolloutWait,
  ): Promise<Pick<Symptom, 'message' | 'pod'> | undefined> {
    const end = Date.now() + wait.deadline;
    const available = new Set<string>();
    let trouble: { key: string; since: number } | undefined;
    for (;;) {
      const look = await this.look(namespace, name);
      if (!look) return { message: 'the Deployment was deleted during the rollout' };
      const now = Date.now();
      const minReady = look.deployment.spec?.minReadySeconds ?? 0;
      for (const pod of look.pods) if (isAvailable(pod, minReady, now)) available.add(pod.metadata?.uid ?? '');
      const found = verdict(look, wait, available);
      if (found.state === 'done') return undefined;
      if (isReady(look.deployment)) wait.onReady?.();
      if (found.symptom) {
        const { key, grace } = found.symptom;
        if (trouble?.key !== key) trouble = { key, since: now };
        if (now - trouble.since >= grace) return found.symptom;
      } else trouble = undefined;
      if (now > end) {
        const pod = found.symptom?.pod ?? currentPods(look).find(({ metadata }) => !available.has(metadata?.uid ?? ''));
        return { message: `${found.message} after ${Math.round(wait.deadline / 1_000)} s`, ...(pod ? { pod } : {}) };
      }
      await pause(this.poll);
    }
  }

  /**
   * Applies a version under the name that the provider uses: what the failed version added goes, and the next deployment
   * meets no other owner.
   */
  private async putBack(namespace: string, name: string, { labels, annotations, spec }: GoodVersion): Promise<void> {
    const takenBack = String(Math.floor(Date.now() / 1_000));
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels, annotations: { ...annotations, [ANNOTATION.takenBack]: takenBack } },
      spec,
    };
    await this.apply(object, FIELD_MANAGER);
  }

  private scale(namespace: string, name: string, replicas: number): Promise<void> {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas } };
    return this.apply(object, AUTOSCALER);
  }

  private async apply(object: object, manager: string): Promise<void> {
    await persistently(() =>
      this.apis.objects.patch(
        object as KubernetesObject,
        undefined,
        undefined,
        manager,
        true,
        'application/apply-patch+yaml',
      ),
    );
  }

  /** @returns nothing where there is no such Deployment. */
  private async look(namespace: string, name: string): Promise<Look | undefined> {
    const labelSelector = `${LABEL.name}=${name}`;
    const [deployments, replicaSets, pods] = await persistently(() =>
      Promise.all([
        this.apis.apps.listNamespacedDeployment({ namespace, fieldSelector: `metadata.name=${name}` }),
        this.apis.apps.listNamespacedReplicaSet({ namespace, labelSelector }),
        this.apis.core.listNamespacedPod({ namespace, labelSelector }),
      ]),
    );
    const [deployment] = deployments.items;
    return deployment && { deployment, replicaSets: replicaSets.items, pods: pods.items };
  }
}

/** What the client library has read, as it would stand in a file. */
function plain(object: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
}

function attemptOf({ metadata }: V1Deployment | V1Job): number {
  return Number(metadata?.annotations?.[ANNOTATION.attempt] ?? 0);
}

/** Whether the number of replicas stands in what was applied last. */
function ownsReplicas({ metadata }: V1Deployment): boolean {
  const ours = metadata?.managedFields?.find(({ manager }) => manager === FIELD_MANAGER);
  const { 'f:spec': spec = {} } = (ours?.fieldsV1 ?? {}) as { 'f:spec'?: object };
  return 'f:replicas' in spec;
}

function deployedDeployment(deployment: V1Deployment): DeployedWorkload {
  const takenBack = Number(deployment.metadata?.annotations?.[ANNOTATION.takenBack] ?? 0);
  const progress = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  return {
    attempt: attemptOf(deployment),
    failed: takenBack > 0 || !hasCompleted(deployment),
    failedAt: takenBack || inSeconds(progress?.lastUpdateTime ?? deployment.metadata?.creationTimestamp),
    ...(deployment.spec?.replicas === 0 ? { stopped: true } : {}),
  };
}

function deployedJob(job: V1Job): DeployedWorkload {
  const complete = job.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True');
  return { attempt: attemptOf(job), failed: complete !== true, failedAt: inSeconds(job.metadata?.creationTimestamp) };
}

/** With storage no two pods run at once, so the version before was away meanwhile. */
function stopsFirst({ spec }: GoodVersion): boolean {
  return (spec['strategy'] as { type?: string } | undefined)?.type === 'Recreate';
}
