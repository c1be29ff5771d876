import type Docker from 'dockerode';
import { findService, isActive, pause, POLL_MS, STOP_MARGIN_MS, stopGraceMs, tasksOf, updateService } from './swarm';

/** The engine's own. */
const DEFAULT_GRACE_MS = 10_000;

interface Spec {
  Mode: { Replicated?: { Replicas: number } };
  TaskTemplate: { ContainerSpec?: { StopGracePeriod?: number } };
}

/**
 * Stops all replicas of services and waits until they have. Docker's provider gives the replicas of a service that it
 * deletes exactly their stop grace period, and fails when one uses it up.
 *
 * @returns the services that had replicas, with their number.
 */
export async function stopServices(docker: Docker, services: readonly string[]): Promise<Map<string, number>> {
  const had = await Promise.all(services.map(async (name) => [name, await stop(docker, name)] as const));
  return new Map(had.filter(([, replicas]) => replicas > 0));
}

/** Gives services replicas again. */
export async function startServices(docker: Docker, services: ReadonlyMap<string, number>): Promise<void> {
  await Promise.all([...services].map(([name, replicas]) => scale(docker, name, replicas)));
}

/** @returns the service as it was; nothing where there is none that has a number of replicas. */
async function scale(docker: Docker, name: string, replicas: number): Promise<Spec | undefined> {
  for (;;) {
    const found = await findService<{ Version: { Index: number }; Spec: Spec }>(docker, name);
    if (!found?.Spec.Mode.Replicated) return undefined;
    const { Version, Spec } = found;
    const changed = { ...Spec, Mode: { Replicated: { Replicas: replicas } } };
    if (found.Spec.Mode.Replicated.Replicas === replicas) return Spec;
    if (await updateService(docker, name, Version.Index, changed)) return Spec;
  }
}

async function stop(docker: Docker, name: string): Promise<number> {
  const before = await scale(docker, name, 0);
  if (!before) return 0;
  const grace = stopGraceMs(before.TaskTemplate.ContainerSpec) ?? DEFAULT_GRACE_MS;
  const end = Date.now() + grace + STOP_MARGIN_MS;
  while (await runs(docker, name)) {
    if (Date.now() > end)
      throw new Error(
        `service ${name}: a replica is still running ${Math.round((grace + STOP_MARGIN_MS) / 1_000)} s after it was told to stop. See \`docker service ps ${name}\`, then run \`up\` again`,
      );
    await pause(POLL_MS);
  }
  return before.Mode.Replicated?.Replicas ?? 0;
}

async function runs(docker: Docker, service: string): Promise<boolean> {
  return (await tasksOf(docker, service)).some(isActive);
}
