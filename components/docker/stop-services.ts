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
 */
export async function stopServices(docker: Docker, services: readonly string[]): Promise<void> {
  await Promise.all(services.map((service) => stop(docker, service)));
}

async function stop(docker: Docker, name: string): Promise<void> {
  const found = await findService<{ Version: { Index: number }; Spec: Spec }>(docker, name);
  if (!found) return;
  const { Version, Spec } = found;
  if (!Spec.Mode.Replicated) return;
  const none = { ...Spec, Mode: { Replicated: { Replicas: 0 } } };
  if (Spec.Mode.Replicated.Replicas !== 0 && !(await updateService(docker, name, Version.Index, none)))
    return stop(docker, name);
  const grace = stopGraceMs(Spec.TaskTemplate.ContainerSpec) ?? DEFAULT_GRACE_MS;
  const end = Date.now() + grace + STOP_MARGIN_MS;
  while (await runs(docker, name)) {
    if (Date.now() > end)
      throw new Error(
        `service ${name}: a replica is still running ${Math.round((grace + STOP_MARGIN_MS) / 1_000)} s after it was told to stop. See \`docker service ps ${name}\`, then run \`up\` again`,
      );
    await pause(POLL_MS);
  }
}

async function runs(docker: Docker, service: string): Promise<boolean> {
  return (await tasksOf(docker, service)).some(isActive);
}
