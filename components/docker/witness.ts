import type Docker from 'dockerode';
import { hasFailed, version, type SwarmService } from './rollout';
import { findService, tasksOf } from './swarm';
import { reportOf, taskLog, taskReport } from './task-report';

const POLL_MS = 500;
/** Of so many looks, one is at what replicas on their way up say. */
const STARTING_EVERY = 4;
/** A provider that fails never says that it has made the update. */
const MAX_WATCH_MS = 300_000;

/** What the next version of a service says when it fails. */
export interface Witness {
  /** The report of the replica that failed last, else of one whose health check has not passed; `undefined` while there is none. */
  report(): string | undefined;
  /** Ends the watch. */
  end(): void;
}

/**
 * Watches a service that is about to be updated. Swarm keeps five tasks for each replica: where it goes back to a version
 * that fails as well, the only ones that could say why the new one did are gone within seconds, and their logs with them.
 */
export async function witness(docker: Docker, service: string): Promise<Witness> {
  const before = (await findService<SwarmService>(docker, service))?.Spec.TaskTemplate;
  const known = version(before);
  const seen = new Set<string>();
  const deadline = Date.now() + MAX_WATCH_MS;
  let last: string | undefined;
  let unready: string | undefined;
  let looks = 0;
  let ended = before === undefined;
  const look = async () => {
    const tasks = await tasksOf(docker, service);
    const failed = tasks.filter((task) => !seen.has(task.ID) && version(task.Spec) !== known && hasFailed(task));
    for (const task of failed) {
      seen.add(task.ID);
      last = await taskReport(docker, task);
    }
    if (failed.length > 0 || looks++ % STARTING_EVERY !== 0) return;
    // One that starts until its time is over never fails: what its health check says is all that there is to know.
    const starting = tasks.find((task) => version(task.Spec) !== known && task.Status.State === 'starting');
    const log = starting && (await taskLog(docker, starting.ID));
    if (starting && log && log.health.length > 0) unready = reportOf(starting, log);
  };
  const watch = async () => {
    while (!ended && Date.now() < deadline) {
      // Whoever waits for the update says what is wrong with the engine.
      await look().catch(() => undefined);
      // Keeps no program alive whose deployment has failed.
      await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS).unref());
    }
  };
  // Those of versions before may have failed as well.
  if (!ended) for (const { ID } of await tasksOf(docker, service)) seen.add(ID);
  void watch();
  return { report: () => last ?? unready, end: () => void (ended = true) };
}
