import type { core } from '@pulumi/kubernetes';
import { labels, type ComponentKind } from './labels';
import type { ObjectContext } from './service';

/** The identity of a workload's pods: its own, and without a token of the cluster's API. */
export function serviceAccountArgs(
  name: string,
  kind: ComponentKind,
  { namespace, partOf, pullSecrets = [] }: ObjectContext & { pullSecrets?: readonly string[] | undefined },
): core.v1.ServiceAccountArgs {
  return {
    metadata: { name, namespace, labels: labels(partOf, name, kind) },
    automountServiceAccountToken: false,
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })) }),
  };
}
