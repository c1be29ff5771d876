import type { DeployedAttempt } from '../attempt';

/** What the deployment asks of a cluster beside what its Pulumi provider does. */
export interface Cluster {
  /** Deployments and jobs of an application by name. */
  deployed(namespace: string, partOf: string): Promise<Map<string, DeployedWorkload>>;
  /** What a Deployment is to go back to should its next update fail; nothing where there is nothing that has worked. */
  lastGood(namespace: string, deployment: string): Promise<GoodVersion | undefined>;
  /**
   * Leaves the number of a Deployment's replicas to its autoscaler, as it is, but at least `least`. A number that nobody
   * applies any more would fall back to one.
   */
  handOver(namespace: string, deployment: string, least: number): Promise<void>;
  /**
   * Has a Service answer at a port more, which leads to what its others lead to, until its own next change. Does nothing where
   * there is no such Service.
   */
  openPort(namespace: string, service: string, port: number): Promise<void>;
  /** Ends the autoscaler of a Deployment whose number is fixed from now on, so that it does not change that any more. */
  takeOver(namespace: string, deployment: string): Promise<void>;
  /**
   * Ends all pods of the Deployments that mount a claim, but its new owner's, and resolves when they are gone.
   *
   * @returns what was stopped, with the number of its replicas.
   * @throws DeploymentError for pods that do not end.
   */
  releaseClaim(transfer: ClaimTransfer): Promise<ReadonlyMap<string, number>>;
  /** Ends the pods of an owner that has failed, and gives those that had the claim before their replicas again. */
  returnClaim(transfer: ClaimTransfer, stopped: ReadonlyMap<string, number>, times: RolloutTimes): Promise<void>;
  /**
   * Resolves once a Deployment has reached what it was last told to.
   *
   * @throws DeploymentError with the failing replica's reason and last log lines. With `good`, that is in force again by
   * then.
   */
  rolledOut(namespace: string, deployment: string, wait: RolloutWait, good?: GoodVersion): Promise<void>;
  /**
   * Resolves once a Job has ended well.
   *
   * @throws DeploymentError with its last log lines.
   */
  completed(namespace: string, job: string, deadline: number): Promise<void>;
}

/** A claim that a Deployment is about to mount. */
export interface ClaimTransfer {
  namespace: string;
  claim: string;
  /** The Deployment. */
  owner: string;
  /** Those that may mount it at the same time. */
  sharing: readonly string[];
  /** Milliseconds that pods have to end. */
  deadline: number;
}

/** What the cluster knows of a workload of ours before a deployment. */
export type DeployedWorkload = DeployedAttempt;

/** A version of a Deployment that has worked. */
export interface GoodVersion {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: { replicas?: number; [field: string]: unknown };
}

/** How long a rollout may take. */
export interface RolloutTimes {
  /** Time that a new replica has until it is ready, in milliseconds. */
  startup: number;
  /** Time that a replica may wait for a place, in milliseconds. */
  placement: number;
  /** Time for the whole, in milliseconds. */
  deadline: number;
}

export interface RolloutWait extends RolloutTimes {
  /** Restarts of a new replica that are no failure yet. */
  restarts: number;
  /** Called once all replicas are ready, however long they have to stay so until the rollout has ended. */
  onReady?: (() => void) | undefined;
}

/** A deployment that was taken back, or that did not come up in time. */
export class DeploymentError extends Error {}
