import type Docker from 'dockerode';

/** The engine's answers for a volume that is gone, and for one that a container has just taken. */
const GONE = 404;
const TAKEN = 409;

/** How the name of such a volume ends: version, index of the folder, number of the replica. */
const FOLDER = /-[0-9a-f]{6}-\d+-\d+$/;

interface Volume {
  Name: string;
  Options: Record<string, string> | null;
}

/**
 * Removes volumes of writable folders that no container has, not even one that has ended: those of versions before. They
 * are empty, since what was in them was memory; only their names are left.
 */
export async function removeUnusedFolders(docker: Docker, prefix: string): Promise<void> {
  const { Volumes } = (await docker.listVolumes({
    filters: JSON.stringify({ dangling: ['true'], name: [`${prefix}-`] }),
  })) as { Volumes: Volume[] | null };
  const folders = (Volumes ?? []).filter((volume) => isFolder(volume, prefix));
  await Promise.all(folders.map(({ Name }) => remove(docker, Name)));
}

/** The engine finds a name that has the text anywhere; and no volume with data is in memory, whatever its name. */
function isFolder({ Name, Options }: Volume, prefix: string): boolean {
  return Name.startsWith(`${prefix}-`) && FOLDER.test(Name) && Options?.['type'] === 'tmpfs';
}

async function remove(docker: Docker, name: string): Promise<void> {
  try {
    await docker.getVolume(name).remove();
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== GONE && statusCode !== TAKEN) throw error;
  }
}
