import type Docker from 'dockerode';
import { labels } from './identity';
import type { Login } from './logins';
import { plainText } from './output';
import { statusOf, unlessGone } from './swarm';

const MOUNT = '/data';
/**
 * The user is `$0`. A folder that already belongs to it is left alone, so a large volume costs nothing the second time.
 * The folder itself comes last, and is nobody's until then: what was interrupted is done again, whoever the user is by then.
 */
const TAKE_OVER = `
[ "$(stat -c %u:%g ${MOUNT})" = "$0" ] && exit
chown 0:0 ${MOUNT} || exit
for entry in ${MOUNT}/* ${MOUNT}/.[!.]* ${MOUNT}/..?*; do
  [ -e "$entry" ] || [ -L "$entry" ] || continue
  chown -hR "$0" "$entry" || exit
done
chown "$0" ${MOUNT}`;

const MISSING = 404;

export interface VolumeOwner {
  /** Of the application that the volume belongs to. */
  prefix: string;
  volume: string;
  user: string;
  image: string;
  /** Credentials for the registry of an image. */
  login?: ((image: string) => Promise<Login | undefined>) | undefined;
}

/**
 * Gives a volume to the user that a service runs as. A new volume belongs to root unless the image happens to have the
 * folder, and a service without capabilities cannot take it over itself. Kubernetes does the same by `fsGroup`.
 *
 * @param image anything with a shell, `stat` and `chown`; pulled where it is missing, with `login` if its registry wants one.
 * @throws Error naming the volume when that fails.
 */
export async function ownVolume(docker: Docker, { prefix, volume, user, image, login }: VolumeOwner): Promise<void> {
  const container = await create(
    docker,
    { image, login },
    {
      // Found by its name and labels, should this program be killed before it has removed it: it would keep the volume.
      name: `${volume}-owner`,
      Labels: Object.fromEntries(labels(prefix, volume, 'volume-owner').map(({ label, value }) => [label, value])),
      Image: image,
      Entrypoint: ['/bin/sh', '-c'],
      Cmd: [TAKE_OVER, user],
      User: '0:0',
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        // To change owners, and to walk through folders that are closed to others.
        CapAdd: ['CHOWN', 'DAC_READ_SEARCH'],
        SecurityOpt: ['no-new-privileges:true'],
        Mounts: [{ Type: 'volume', Source: volume, Target: MOUNT }],
      },
    },
  );
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    if (StatusCode !== 0) {
      const output = plainText(await container.logs({ stdout: true, stderr: true, tail: 5 }));
      throw new Error(`volume ${volume} cannot be given to user ${user}: ${output.trim()}`);
    }
  } finally {
    await container.remove({ force: true });
  }
}

async function create(
  docker: Docker,
  { image, login }: Pick<VolumeOwner, 'image' | 'login'>,
  options: Docker.ContainerCreateOptions & { name: string },
): Promise<Docker.Container> {
  await unlessGone(docker.getContainer(options.name).remove({ force: true }));
  try {
    return await docker.createContainer(options);
  } catch (error) {
    if (statusOf(error) !== MISSING) throw error;
    await pull(docker, { image, login });
    return docker.createContainer(options);
  }
}

async function pull(docker: Docker, { image, login }: Pick<VolumeOwner, 'image' | 'login'>): Promise<void> {
  const authconfig = await login?.(image);
  const progress = await docker.pull(image, authconfig ? { authconfig } : {});
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(progress, (failed) => (failed ? reject(failed) : resolve())),
  );
}
