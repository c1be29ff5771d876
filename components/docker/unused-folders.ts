import type Docker from 'dockerode';
import { LABEL } from '../identity';
import type { ComponentKind } from './identity';
import { statusOf, unlessGone } from './swarm';

/** The engine's answer for a volume that a container has just taken. */
const TAKEN = 409;

const KIND: ComponentKind = 'writable-folder';

/**
 * Removes volumes of writable folders that no container has, not even one that has ended: those of versions before. They
 * are empty, since what was in them was memory; only their names are left.
 */
export async function removeUnusedFolders(docker: Docker, prefix: string): Promise<void> {
  const { Volumes } = (await docker.listVolumes({
    filters: JSON.stringify({
      dangling: ['true'],
      label: [`${LABEL.partOf}=${prefix}`, `${LABEL.component}=${KIND}`],
    }),
  })) as { Volumes: { Name: string }[] | null };
  await Promise.all((Volumes ?? []).map(({ Name }) => remove(docker, Name)));
}

async function remove(docker: Docker, name: string): Promise<void> {
  try {
    await unlessGone(docker.getVolume(name).remove());
  } catch (error) {
    if (statusOf(error) !== TAKEN) throw error;
  }
}
