import type { policy } from '@pulumi/kubernetes';
import { labels, selector, type ComponentKind } from './labels';
import type { ObjectContext } from './service';

/** Lets a drained node take one replica at a time. */
export function disruptionBudgetArgs(
  name: string,
  kind: ComponentKind,
  { namespace, partOf }: ObjectContext,
): policy.v1.PodDisruptionBudgetArgs {
  return {
    metadata: { name, namespace, labels: labels(partOf, name, kind) },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selector(partOf, name) },
      // A replica that does not work anyway must not keep a node from being drained.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
