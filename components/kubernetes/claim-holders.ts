import type { V1PodSpec } from '@kubernetes/client-node';
import type { ClusterApis } from './api-cluster';
import { DeploymentError, type ClaimTransfer } from './cluster';
import { memberOf } from './labels';
import { persistently } from './retry';

function mounts(spec: V1PodSpec | undefined, claim: string): boolean {
  return spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim) === true;
}

/** Deployments of the application that mount a claim, by name, with the number of replicas that they are to have. */
export async function holdersOf(
  { apps }: Pick<ClusterApis, 'apps'>,
  { namespace, claim }: Pick<ClaimTransfer, 'namespace' | 'claim'>,
): Promise<Map<string, number>> {
  const { items } = await persistently(() => apps.listNamespacedDeployment({ namespace }));
  return new Map(
    items
      .filter(({ spec }) => mounts(spec?.template.spec, claim))
      .map((one) => [memberOf(one), one.spec?.replicas ?? 1] as const),
  );
}

/**
 * Resolves once no pod of a Deployment mounts a claim any more, but those of its new owner and of those that share it.
 *
 * @throws DeploymentError for pods that do not end.
 */
export async function claimReleased(
  { core }: Pick<ClusterApis, 'core'>,
  { namespace, claim, owner, sharing, deadline }: ClaimTransfer,
  poll: number,
): Promise<void> {
  for (const end = Date.now() + deadline; ; await new Promise((resolve) => setTimeout(resolve, poll))) {
    const { items } = await persistently(() => core.listNamespacedPod({ namespace }));
    const pods = items
      .filter(
        (pod) => mounts(pod.spec, claim) && pod.metadata?.ownerReferences?.some(({ kind }) => kind === 'ReplicaSet'),
      )
      .filter((pod) => memberOf(pod) !== owner && !sharing.includes(memberOf(pod)));
    if (pods.length === 0) return;
    if (Date.now() > end) {
      const names = pods.map(({ metadata }) => metadata?.name).join(', ');
      throw new DeploymentError(
        `pods that mount claim ${claim} (namespace ${namespace}) did not terminate within ${deadline / 1_000} s: ${names}`,
      );
    }
  }
}
