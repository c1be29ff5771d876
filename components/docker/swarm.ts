import type Docker from 'dockerode';
import type { ServiceTask } from './rollout';

/** Milliseconds between two looks at the engine. */
export const POLL_MS = 250;
/** The engine takes its time to notice that a container has stopped. */
export const STOP_MARGIN_MS = 30_000;
const NANOSECONDS_PER_MS = 1e6;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The engine's answer for what is not there. */
const GONE = 404;

export const statusOf = (error: unknown) => (error as { statusCode?: number }).statusCode ?? 0;

/** What the engine answers; `undefined` where it has no such object, which may have been removed meanwhile. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === GONE) return undefined;
    throw error;
  }
}

/** What the engine says of a service; `undefined` for one that somebody has removed. */
export function findService<T>(docker: Docker, name: string): Promise<T | undefined> {
  return unlessGone(docker.getService(name).inspect() as Promise<T>);
}

export async function tasksOf(docker: Docker, service: string): Promise<ServiceTask[]> {
  return (await docker.listTasks({ filters: { service: [service] } })) as ServiceTask[];
}

/** What the engine says when a service has changed since it was read; the status is 500. */
const OUT_OF_SEQUENCE = /update out of sequence/;

/**
 * Updates a service as it was read.
 *
 * @returns false where it has changed since: the engine itself notes in it how an update goes. Then it is to be read again.
 */
export async function updateService(docker: Docker, name: string, version: number, spec: object): Promise<boolean> {
  try {
    await docker.getService(name).update({ ...spec, version });
    return true;
  } catch (error) {
    if (OUT_OF_SEQUENCE.test(String(error))) return false;
    throw error;
  }
}

/** Whether a task has a container that may still work. */
export function isActive({ Status }: { Status: { State: string } }): boolean {
  return ['starting', 'running'].includes(Status.State);
}

/** Milliseconds that a container has after SIGTERM; `undefined` where its service leaves them to the engine. */
export function stopGraceMs(spec: { StopGracePeriod?: number } | undefined): number | undefined {
  return spec?.StopGracePeriod === undefined ? undefined : spec.StopGracePeriod / NANOSECONDS_PER_MS;
}
