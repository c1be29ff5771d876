import type Docker from 'dockerode';

const POLL = 250;
/** The engine takes its time to notice that a container has stopped. */
const MARGIN = 30_000;
const NANOSECONDS = 1e6;

interface Spec {
  Mode: { Replicated?: { Replicas: number } };
  TaskTemplate: { ContainerSpec?: { StopGracePeriod?: number } };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Stops all replicas of services and waits until they have. Docker's provider gives the replicas of a service that it
 * deletes exactly their stop grace period, and fails when one uses it up.
 */
export async function stopServices(docker: Docker, services: readonly string[]): Promise<void> {
  await Promise.all(services.map((service) => stop(docker, service)));
}

async function stop(docker: Docker, name: string): Promise<void> {
  const service = docker.getService(name);
  let found: { Version: { Index: number }; Spec: Spec };
  try {
    found = (await service.inspect()) as typeof found;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return;
    throw error;
  }
  const { Version, Spec } = found;
  if (!Spec.Mode.Replicated) return;
  if (Spec.Mode.Replicated.Replicas !== 0)
    await service.update({ ...Spec, version: Version.Index, Mode: { Replicated: { Replicas: 0 } } });
  const grace = (Spec.TaskTemplate.ContainerSpec?.StopGracePeriod ?? 10_000 * NANOSECONDS) / NANOSECONDS;
  const end = Date.now() + grace + MARGIN;
  while (await runs(docker, name)) {
    if (Date.now() > end)
      throw new Error(`service ${name}: a replica still runs ${Math.round(grace / 1_000)} s after it was told to stop`);
    await pause(POLL);
  }
}

async function runs(docker: Docker, service: string): Promise<boolean> {
  const tasks = (await docker.listTasks({ filters: { service: [service] } })) as { Status: { State: string } }[];
  return tasks.some(({ Status }) => ['starting', 'running'].includes(Status.State));
}
