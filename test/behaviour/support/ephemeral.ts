import { randomUUID } from 'node:crypto';
import type { Cluster } from './cluster';
import type { Ended } from './target';
import { waitFor } from './wait';

/**
 * Runs a command in the network of a pod, in a container that is added to it for that. It stays in the pod's list when it
 * has ended, which hurts nobody: it was never part of what the pod is judged by.
 */
export async function besidePod(
  { core }: Cluster,
  { namespace, pod: name }: { namespace: string; pod: string },
  image: string,
  words: string[],
): Promise<Ended> {
  const container = `test-${randomUUID().slice(0, 8)}`;
  const pod = await core.readNamespacedPod({ namespace, name });
  const added = {
    name: container,
    image,
    command: words,
    // The namespace lets in nothing weaker.
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  pod.spec!.ephemeralContainers = [...(pod.spec!.ephemeralContainers ?? []), added];
  await core.replaceNamespacedPodEphemeralcontainers({ namespace, name, body: pod });
  const { exitCode } = await waitFor(
    `${container} in ${name} to end`,
    async () => {
      const { status } = await core.readNamespacedPod({ namespace, name });
      return status?.ephemeralContainerStatuses?.find((one) => one.name === container)?.state?.terminated;
    },
    { timeout: 90_000, every: 200 },
  );
  return { code: exitCode, output: await core.readNamespacedPodLog({ namespace, name, container }) };
}
