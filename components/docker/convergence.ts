import type Docker from 'dockerode';
import { APPLIED } from './proxy-scripts';
import {
  evaluateRollout,
  type RolloutFailure,
  type RolloutState,
  type ServiceTask,
  type SwarmService,
} from './rollout';
import { pause, POLL_MS, tasksOf, updateService } from './swarm';
import { taskLog, taskReport } from './task-report';
import type { Witness } from './witness';

export interface ConvergenceOptions {
  /** Milliseconds until what has not converged has failed. */
  deadline: number;
  /**
   * The service was created, not updated.
   * @default false
   */
  created?: boolean;
  /**
   * Whether something is still on its way up that replicas may need to start. While it is, those that fail are not counted.
   * @default - nothing is
   */
  excused?: () => boolean;
  /**
   * Has watched the service since before the update.
   * @default - nobody has: what the engine still knows is told
   */
  witness?: Witness | undefined;
}

/** A deployment that the engine has rolled back, or that did not come up in time. */
export class DeploymentError extends Error {
  constructor(
    message: string,
    /** The engine has rolled back: what runs is what ran before. */
    readonly rolledBack = false,
  ) {
    super(message);
  }
}

/** A replica that no node has had room for this long will not get any by waiting. */
const MAX_UNPLACED_MS = 20_000;
/**
 * So long more replicas than wanted may run: the engine may be about to stop those that a smaller number leaves over. Others
 * it has started twice, since it replaces one that fails while an update is about to (moby/swarmkit#2242). It notices when it
 * next looks at the service, as it does after an update, also one that changes nothing.
 */
const SURPLUS_MS = 3_000;

/**
 * Resolves once a service is what it was last told to be.
 *
 * @throws DeploymentError with what went wrong and the last log lines of a replica that shows it.
 */
export async function converged(docker: Docker, name: string, options: ConvergenceOptions): Promise<void> {
  await watch(docker, name, options, (_tasks, seems) => Promise.resolve(seems));
}

/**
 * Resolves once a service that brings a proxy's rules into force has done so. The engine's own verdict comes later, since
 * it watches a task that runs for a while.
 *
 * @param before ids of the tasks before the update.
 * @throws DeploymentError as `converged` does.
 */
export async function rulesApplied(
  docker: Docker,
  name: string,
  before: ReadonlySet<string>,
  options: ConvergenceOptions,
): Promise<void> {
  await watch(docker, name, options, async (tasks, seems) => {
    const task = tasks.find(({ ID, DesiredState }) => DesiredState === 'running' && !before.has(ID));
    // An update of nothing but labels replaces no task.
    return task ? hasApplied(docker, task) : seems;
  });
}

/** @param done what decides, told what seems to be from what the engine says. */
async function watch(
  docker: Docker,
  name: string,
  options: ConvergenceOptions,
  done: (tasks: readonly ServiceTask[], seems: boolean) => Promise<boolean>,
): Promise<void> {
  const { deadline, created = false, excused = () => false } = options;
  const start = Date.now();
  const pardoned = new Set<string>();
  let steadySince: number | undefined;
  let surplusSince: number | undefined;
  for (;;) {
    const [service, tasks] = await Promise.all([
      docker.getService(name).inspect() as Promise<SwarmService>,
      tasksOf(docker, name),
    ]);
    if (excused()) for (const { ID } of tasks) pardoned.add(ID);
    const rollout = evaluateRollout({ service, tasks }, { created, excused: pardoned });
    if (rollout.state === 'failed') throw await failure(docker, name, rollout, options);
    if (rollout.state === 'converged') steadySince ??= Date.now();
    else steadySince = undefined;
    const steady = rollout.state === 'converged' && Date.now() - steadySince! >= rollout.steadyMs;
    if (await done(tasks, steady)) return;
    if (rollout.state === 'waiting' && rollout.surplus) surplusSince ??= Date.now();
    else surplusSince = undefined;
    if (surplusSince !== undefined && Date.now() - surplusSince >= SURPLUS_MS) {
      await updateService(docker, name, service.Version.Index, service.Spec);
      surplusSince = undefined;
    }
    const late = overdue(rollout, tasks, Date.now() - start, deadline);
    if (late) throw await failure(docker, name, late, options);
    await pause(POLL_MS);
  }
}

function overdue(
  rollout: RolloutState,
  tasks: readonly ServiceTask[],
  elapsed: number,
  deadline: number,
): RolloutFailure | undefined {
  const failed = (what: string, shown: readonly ServiceTask[]): RolloutFailure => ({
    state: 'failed',
    what,
    tasks: shown,
    rolledBack: false,
  });
  if (rollout.state === 'waiting' && rollout.unplaced && elapsed > MAX_UNPLACED_MS) {
    const hint = 'for "insufficient resources", lower its resource requests or stop another stack';
    return failed(`no node takes a replica, for the reason below; ${hint}`, [rollout.unplaced]);
  }
  if (elapsed <= deadline) return undefined;
  const within = `${Math.round(deadline / 1_000)} s`;
  if (rollout.state !== 'waiting') return failed(`did not converge within ${within}`, tasks);
  if (rollout.once) return failed(`it has not completed after ${within}`, tasks);
  return failed(`${rollout.healthy} of ${rollout.wanted} replicas are healthy after ${within}`, tasks);
}

/** Whether a task has said that the rules it brought are in force. */
async function hasApplied(docker: Docker, task: ServiceTask): Promise<boolean> {
  return (await taskLog(docker, task.ID))?.lines.includes(APPLIED) ?? false;
}

async function failure(
  docker: Docker,
  service: string,
  { what, tasks, rolledBack }: RolloutFailure,
  { witness }: ConvergenceOptions,
) {
  const worst = tasks
    .filter((task) => rank(task) >= 0)
    .sort((a, b) => rank(a) - rank(b) || Date.parse(b.Status.Timestamp) - Date.parse(a.Status.Timestamp))[0];
  const report = witness?.report() ?? (worst ? await taskReport(docker, worst) : '');
  return new DeploymentError(`service ${service}: ${what}${report}`, rolledBack);
}

/** A task that failed says more than one that was told to stop. */
const WORST_FIRST = ['failed', 'rejected', 'starting', 'preparing', 'pending', 'shutdown', 'complete'];

function rank({ Status }: ServiceTask): number {
  return WORST_FIRST.indexOf(Status.State);
}
