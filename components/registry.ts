import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';

/** The registry can't be asked. Thrown before anything is created. */
export class RegistryError extends pulumi.RunError {}

const LOOPBACK = /^(localhost|127(\.\d+){3})(:\d+)?$/;

/**
 * Where and as whom a registry is asked: on this machine over plain HTTP, as Docker does it, otherwise over HTTPS as whom
 * `docker login` has signed in.
 */
export function registryAuth(registry: string): docker.types.input.ProviderRegistryAuth {
  return LOOPBACK.test(registry) ? { address: `http://${registry}`, authDisabled: true } : { address: registry };
}

/**
 * Whether a registry has an image under a tag. Tags never change what they mean, so such an image need not be built.
 *
 * @throws RegistryError when the registry does not answer, or not to this user.
 */
export async function isPublished(tagged: string, options: pulumi.InvokeOptions): Promise<boolean> {
  try {
    await docker.getRegistryImage({ name: tagged }, options);
    return true;
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();
    if (/\b404\b/.test(message)) return false;
    const [registry] = tagged.split('/');
    throw new RegistryError(
      `registry ${registry!} cannot be asked for ${tagged} (${message}). See that it runs and that you are signed in: ${signIn(registry!)}`,
    );
  }
}

const ECR = /^\d{12}\.dkr\.ecr\.([\w-]+)\.amazonaws\.com$/;

/** The command that signs in to a registry. */
function signIn(registry: string): string {
  const region = ECR.exec(registry)?.[1];
  return region === undefined
    ? `docker login ${registry}`
    : `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${registry}`;
}
