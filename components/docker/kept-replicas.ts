import type Docker from 'dockerode';
import { isDeepStrictEqual } from 'node:util';
import { findService, updateService } from './swarm';

/** What a service's replicas are started with. */
export interface TaskTemplate {
  ContainerSpec?: Record<string, unknown>;
  Networks?: unknown[];
}

interface Service {
  Version: { Index: number };
  Spec: { TaskTemplate: TaskTemplate };
}

const POLL = 50;
/** A provider that fails never says that it has made the update. */
const MAX_WATCH = 300_000;

/** Keeps no program alive whose deployment has failed. */
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** Lists that mean the same in any order; Docker's provider writes the environment in another one each time. */
const UNORDERED = ['Env', 'Mounts', 'Configs', 'Secrets'];

/** What the replicas of a service were started with; `undefined` for one that somebody has removed. */
export async function taskTemplate(docker: Docker, service: string): Promise<TaskTemplate | undefined> {
  return (await findService<Service>(docker, service))?.Spec.TaskTemplate;
}

/**
 * Watches for an update of a service, and gives it back what its replicas were started with if that differs in nothing but
 * the order of lists. Otherwise the engine would replace every replica, for a changed number of them as well. It starts the
 * first new one at once, and would stop an old one as soon as that is healthy: so there is no time to wait until the
 * provider has done.
 *
 * @param updated whether the update was made.
 * @returns whether it was such an update.
 */
export async function keepReplicas(
  docker: Docker,
  service: string,
  before: TaskTemplate,
  updated: () => boolean,
): Promise<boolean> {
  const found = docker.getService(service);
  const end = Date.now() + MAX_WATCH;
  for (;;) {
    // Asked first: an update that is made in between is seen once more.
    const last = updated() || Date.now() > end;
    const { Version, Spec } = (await found.inspect()) as Service;
    if (!isDeepStrictEqual(Spec.TaskTemplate, before)) {
      if (!isDeepStrictEqual(sorted(Spec.TaskTemplate), sorted(before))) return false;
      if (await updateService(docker, service, Version.Index, { ...Spec, TaskTemplate: before })) return true;
    } else if (last) return false;
    await pause(POLL);
  }
}

function sorted({ ContainerSpec = {}, Networks = [], ...others }: TaskTemplate): TaskTemplate {
  const container = Object.entries(ContainerSpec).map(([key, value]) => [
    key,
    UNORDERED.includes(key) && Array.isArray(value) ? inOrder(value) : value,
  ]);
  return {
    ...others,
    ContainerSpec: Object.fromEntries(container) as Record<string, unknown>,
    Networks: inOrder(Networks),
  };
}

function inOrder(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
