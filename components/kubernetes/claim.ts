import type { core } from '@pulumi/kubernetes';
import type { MicroserviceSpec } from '../microservice-spec';
import { labels, NOT_AWAITED, OWNED } from './labels';
import { byteQuantity } from './quantities';
import type { ObjectContext } from './service';

/** Room for a microservice's data. Of its own, not a StatefulSet's, so that it can grow. */
export function claimArgs(
  spec: MicroserviceSpec,
  size: number,
  storageClass: string | undefined,
  { namespace, partOf }: ObjectContext,
): core.v1.PersistentVolumeClaimArgs {
  return {
    metadata: {
      name: claimName(spec.name),
      namespace,
      labels: labels(partOf, spec.name, 'microservice'),
      // Many classes make a volume only once a pod wants it.
      annotations: { ...OWNED, ...NOT_AWAITED },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: byteQuantity(size) } },
    },
  };
}

/** Fixed, so that the next stack of the same name finds the data again. */
export function claimName(name: string): string {
  return `${name}-data`;
}
