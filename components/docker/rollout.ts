/** What Swarm says of one task of a service. */
export interface ServiceTask {
  ID: string;
  Slot?: number;
  DesiredState: string;
  CreatedAt: string;
  UpdatedAt: string;
  /** What it was started with. */
  Spec: unknown;
  Status: { State: string; Err?: string; Message?: string; Timestamp: string };
}

/** What Swarm says of a service. */
export interface SwarmService {
  ID: string;
  CreatedAt: string;
  UpdatedAt: string;
  Version: { Index: number };
  Spec: {
    Name: string;
    Labels?: Record<string, string>;
    Mode: { Replicated?: { Replicas: number } };
    TaskTemplate: {
      ForceUpdate?: number;
      RestartPolicy?: { Condition?: string };
      ContainerSpec?: {
        Healthcheck?: { Test?: string[] | null } | null;
        Mounts?: { Type: string; Source?: string }[] | null;
      };
    };
    UpdateConfig?: { Order?: string };
  };
  UpdateStatus?: { State?: string; Message?: string; StartedAt?: string; CompletedAt?: string };
}

/** What the engine shows of a rollout at one look. */
export interface RolloutSnapshot {
  service: SwarmService;
  tasks: readonly ServiceTask[];
}

export interface RolloutLimits {
  /** The service was created, not updated: no verdict of the engine's will come. */
  created: boolean;
  /** Ids of tasks whose failures do not count. */
  excused: ReadonlySet<string>;
}

export type RolloutState =
  /** As wanted, if it has been so for `steadyMs` milliseconds. */
  | { state: 'converged'; steadyMs: number }
  | {
      state: 'waiting';
      healthy: number;
      wanted: number;
      unplaced?: ServiceTask;
      /** It does its work once, as a job does. */
      once: boolean;
      /** More replicas run than are wanted, though no update is under way. */
      surplus: boolean;
    }
  | RolloutFailure;

export interface RolloutFailure {
  state: 'failed';
  what: string;
  /** Among these is the one that shows why. */
  tasks: readonly ServiceTask[];
  /** The engine has rolled back: what runs is what ran before. */
  rolledBack: boolean;
}

/** A service that was created and whose tasks fail this often in a row will not come up. */
const MAX_FAILED_STARTS = 3;
/** A replica without a health check that fails at once must be seen to fail. */
const STEADY_MS = 750;

/** Judges one look at a service that was told what to be. */
export function evaluateRollout({ service, tasks }: RolloutSnapshot, limits: RolloutLimits): RolloutState {
  const { UpdateStatus: update, Spec: spec } = service;
  const wanted = spec.Mode.Replicated?.Replicas ?? 0;
  const runs = ({ Status }: ServiceTask) => Status.State === 'running';
  const running = tasks.filter((task) => task.DesiredState === 'running' && runs(task)).length;
  const healthy = running === 0 && hasCompleted(tasks, service) ? wanted : running;
  const leaving = tasks.filter((task) => task.DesiredState !== 'running' && runs(task)).length;
  const state = update?.State;
  if (state === 'rollback_completed' || state === 'rollback_paused' || state === 'paused') {
    // The engine may have started some twice.
    const outcome = rollbackOutcome(state, Math.min(healthy, wanted), wanted, isAwayMeanwhile(spec));
    return {
      state: 'failed',
      what: `${outcome} (${update?.Message ?? state})`,
      tasks: ofFailedVersion(tasks, service, state),
      rolledBack: state === 'rollback_completed',
    };
  }
  if (state === 'completed' && healthy === wanted) return { state: 'converged', steadyMs: 0 };
  if (state === undefined && healthy === wanted && leaving === 0) {
    // An update that has only just been asked for shows no status yet.
    const certain = limits.created && hasHealthcheck(service);
    return { state: 'converged', steadyMs: certain ? 0 : STEADY_MS };
  }
  const own = tasks.filter((task) => !isOfBefore(task, service));
  const failed = own.filter((task) => hasFailed(task) && !limits.excused.has(task.ID));
  if (state === undefined && healthy === 0 && failed.length >= MAX_FAILED_STARTS)
    return {
      state: 'failed',
      what: worksOnce(spec) ? 'it failed each time it was started' : 'the service failed to start',
      tasks: own,
      rolledBack: false,
    };
  const unplaced = tasks.find(
    ({ DesiredState, Status }) => DesiredState !== 'shutdown' && Status.State === 'pending' && Status.Err,
  );
  const surplus = state !== 'updating' && state !== 'rollback_started' && healthy > wanted;
  return { state: 'waiting', healthy, wanted, ...(unplaced ? { unplaced } : {}), once: worksOnce(spec), surplus };
}

export function hasFailed({ Status }: ServiceTask): boolean {
  return Status.State === 'failed' || Status.State === 'rejected';
}

/** What the engine rolls back to may never have been healthy. */
function rollbackOutcome(state: string, healthy: number, wanted: number, wasAway: boolean): string {
  const count = `${healthy} of ${wanted} replicas`;
  if (state === 'paused')
    return `the update failed and is paused; ${count} are healthy; fix the definition and run \`up\` again`;
  if (state === 'rollback_paused')
    return `the update failed, and the previous version failed to start as well; ${count} are healthy`;
  const whole = wasAway ? 'the previous version was started again' : 'the previous version is still serving';
  return `the update was rolled back; ${healthy === wanted ? whole : `${count} of the previous version are healthy`}`;
}

/** Whether nothing of the previous version serves while an update is tried. */
function isAwayMeanwhile(spec: SwarmService['Spec']): boolean {
  return spec.UpdateConfig?.Order === 'stop-first' || worksOnce(spec);
}

/** Whether it is started again only after a failure: a job, or what brings a proxy its rules. */
function worksOnce({ TaskTemplate }: SwarmService['Spec']): boolean {
  return TaskTemplate.RestartPolicy?.Condition === 'on-failure';
}

/** Whether the task of a job has ended well: something stopped it after its work was done, and nothing starts it again. */
function hasCompleted(tasks: readonly ServiceTask[], { Spec }: SwarmService): boolean {
  if (!worksOnce(Spec)) return false;
  const current = version(Spec.TaskTemplate);
  return tasks.some((task) => task.Status.State === 'complete' && version(task.Spec) === current);
}

/**
 * Whether a task is of a version that the service had before it was last written. Where all replicas of that one had failed by
 * then, the engine starts the new one without an update, and so without a verdict on it.
 */
function isOfBefore({ CreatedAt, Spec: started }: ServiceTask, { UpdatedAt, Spec }: SwarmService): boolean {
  return Date.parse(CreatedAt) < Date.parse(UpdatedAt) && version(started) !== version(Spec.TaskTemplate);
}

function hasHealthcheck({ Spec }: SwarmService): boolean {
  return (Spec.TaskTemplate.ContainerSpec?.Healthcheck?.Test ?? []).length > 0;
}

/**
 * Tasks of the version that the engine has given up, or rolled back from. Swarm also remembers tasks of versions before, which
 * may have failed as well, and those of the version that it has gone back to.
 */
function ofFailedVersion(
  tasks: readonly ServiceTask[],
  { Spec }: SwarmService,
  state: 'paused' | 'rollback_completed' | 'rollback_paused',
): readonly ServiceTask[] {
  const current = version(Spec.TaskTemplate);
  if (state === 'paused') {
    const own = tasks.filter((task) => version(task.Spec) === current);
    return own.length > 0 ? own : tasks;
  }
  // Half-way back, some of the failed version are still wanted.
  const wanted = state === 'rollback_completed' ? tasks.filter(({ DesiredState }) => DesiredState === 'running') : [];
  const kept = new Set([current, ...wanted.map((task) => version(task.Spec))]);
  const others = tasks.filter((task) => !kept.has(version(task.Spec)));
  const [newest] = [...others].sort((a, b) => Date.parse(b.CreatedAt) - Date.parse(a.CreatedAt));
  return newest ? others.filter((task) => version(task.Spec) === version(newest.Spec)) : tasks;
}

/** The same text for the same version: tasks have a service's networks in another form, and no `Runtime`. */
export function version(template: unknown): string {
  const { Networks: _networks, Runtime: _runtime, ...rest } = (template ?? {}) as Record<string, unknown>;
  return JSON.stringify(rest, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
