import type Docker from 'dockerode';
import { isFolderName } from './identity';

/** The engine's answers for a volume that is gone, and for one that a container has just taken. */
const GONE = 404;
const TAKEN = 409;

/**
 * Removes volumes of writable folders that no container has, not even one that has ended: those of versions before. They
 * are empty, since what was in them was memory; only their names are left.
 */
export async function removeUnusedFolders(docker: Docker, prefix: string): Promise<void> {
  const { Volumes } = (await docker.listVolumes({
    filters: JSON.stringify({ dangling: ['true'], name: [`${prefix}-`] }),
  })) as { Volumes: { Name: string; Options?: Record<string, string> | null }[] | null };
  const folders = (Volumes ?? []).filter(
    ({ Name, Options }) => isFolderName(prefix, Name) && Options?.['type'] === 'tmpfs',
  );
  await Promise.all(folders.map(({ Name }) => remove(docker, Name)));
}

async function remove(docker: Docker, name: string): Promise<void> {
  try {
    await docker.getVolume(name).remove();
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== GONE && statusCode !== TAKEN) throw error;
  }
}
