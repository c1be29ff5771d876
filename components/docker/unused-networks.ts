import type Docker from 'dockerode';
import { isActive, pause, POLL_MS, STOP_MARGIN_MS, stopGraceMs } from './swarm';

interface Task {
  Status: { State: string };
  Spec: { ContainerSpec?: { StopGracePeriod?: number } };
  NetworksAttachments?: { Network: { Spec: { Name: string } } }[] | null;
}

/**
 * Waits until no replica is on networks any more that are deleted next. A rolled out service may still have replicas of
 * before, which finish what they work on.
 *
 * @throws Error when one still is after its stop grace period.
 */
export async function networksUnused(docker: Docker, networks: readonly string[]): Promise<void> {
  const start = Date.now();
  for (;;) {
    const tasks = ((await docker.listTasks()) as unknown as Task[]).filter((task) => uses(task, networks));
    if (tasks.length === 0) return;
    const grace = Math.max(...tasks.map(({ Spec }) => stopGraceMs(Spec.ContainerSpec) ?? 0));
    if (Date.now() - start > grace + STOP_MARGIN_MS)
      throw new Error(
        `networks ${networks.filter((one) => tasks.some((task) => uses(task, [one]))).join(', ')}: still used by a replica ` +
          'after its stop grace period. See `docker network inspect`, then run `up` again',
      );
    await pause(POLL_MS);
  }
}

function uses(task: Task, networks: readonly string[]): boolean {
  return isActive(task) && (task.NetworksAttachments ?? []).some(({ Network }) => networks.includes(Network.Spec.Name));
}
