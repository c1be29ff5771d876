import type Docker from 'dockerode';

const POLL = 250;
/** The engine takes its time to notice that a container has stopped. */
const MARGIN = 30_000;
const NANOSECONDS = 1e6;

interface Task {
  Status: { State: string };
  Spec: { ContainerSpec?: { StopGracePeriod?: number } };
  NetworksAttachments?: { Network: { Spec: { Name: string } } }[] | null;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

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
    const grace = Math.max(...tasks.map(({ Spec }) => (Spec.ContainerSpec?.StopGracePeriod ?? 0) / NANOSECONDS));
    if (Date.now() - start > grace + MARGIN)
      throw new Error(`networks ${networks.join(', ')}: a replica still uses them after its stop grace period`);
    await pause(POLL);
  }
}

function uses({ Status, NetworksAttachments }: Task, networks: readonly string[]): boolean {
  return (
    ['starting', 'running'].includes(Status.State) &&
    (NetworksAttachments ?? []).some(({ Network }) => networks.includes(Network.Spec.Name))
  );
}
