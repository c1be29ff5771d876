import type Docker from 'dockerode';
import { isDeepStrictEqual } from 'node:util';

/** What a service's replicas are started with. */
export interface TaskTemplate {
  ContainerSpec?: Record<string, unknown>;
  Networks?: unknown[];
}

interface Service {
  Version: { Index: number };
  Spec: { TaskTemplate: TaskTemplate };
}

/** Lists that mean the same in any order; Docker's provider writes the environment in another one each time. */
const UNORDERED = ['Env', 'Mounts', 'Configs', 'Secrets'];

/** What the replicas of a service were started with; `undefined` for one that somebody has removed. */
export async function taskTemplate(docker: Docker, service: string): Promise<TaskTemplate | undefined> {
  try {
    return ((await docker.getService(service).inspect()) as Service).Spec.TaskTemplate;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/**
 * Gives a service back what its replicas were started with, if the update just made differs from it in nothing but the
 * order of lists. Otherwise the engine would replace every replica, for a changed number of them as well. It has started the
 * first new one by then, and stops that again.
 *
 * @returns whether there was such an update.
 */
export async function keepReplicas(docker: Docker, service: string, before: TaskTemplate): Promise<boolean> {
  const found = docker.getService(service);
  const { Version, Spec } = (await found.inspect()) as Service;
  if (isDeepStrictEqual(Spec.TaskTemplate, before) || !isDeepStrictEqual(sorted(Spec.TaskTemplate), sorted(before)))
    return false;
  await found.update({ ...Spec, version: Version.Index, TaskTemplate: before });
  return true;
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
