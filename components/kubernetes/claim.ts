import type { core } from '@pulumi/kubernetes';
import { labels, NOT_AWAITED, OWNED } from './labels';
import { byteQuantity } from './quantities';
import type { ObjectContext } from './service';

export const ACCESS_MODES = ['ReadWriteOnce'];

/** Room for a workload's data. Of its own, not a StatefulSet's, so that it can grow. */
export function claimArgs(
  name: string,
  kind: 'microservice' | 'job',
  size: number,
  storageClass: string | undefined,
  { namespace, partOf }: ObjectContext,
): core.v1.PersistentVolumeClaimArgs {
  return {
    metadata: {
      name: claimName(name),
      namespace,
      labels: labels(partOf, name, kind),
      // Many classes make a volume only once a pod wants it.
      annotations: { ...OWNED, ...NOT_AWAITED },
    },
    spec: {
      accessModes: ACCESS_MODES,
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: byteQuantity(size) } },
    },
  };
}

/** Fixed, so that the next stack of the same name finds the data again. */
export function claimName(name: string): string {
  return `${name}-data`;
}
