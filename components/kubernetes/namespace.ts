import type { core } from '@pulumi/kubernetes';
import { namePrefix } from '../identity';
import type { Identity } from '../platform';
import { labels, OWNED } from './labels';

/** The rules that pods are held to, as of a fixed version: a newer cluster brings no stricter ones by surprise. */
const POD_SECURITY = { level: 'restricted', version: 'v1.34' };

/** The cluster's own namespaces. */
export const RESERVED = /^(default|kube-.*)$/;

/** Name of an application's namespace where none is configured. */
export function namespaceName(identity: Identity, application: string): string {
  return namePrefix(identity, application);
}

/** The namespace of an application. Pods that are not confined are refused, and told of. */
export function namespaceArgs(
  name: string,
  partOf: string,
  extraLabels: Readonly<Record<string, string>>,
): core.v1.NamespaceArgs {
  return {
    metadata: {
      name,
      labels: {
        ...extraLabels,
        ...Object.fromEntries(
          ['enforce', 'audit', 'warn'].flatMap((mode) => [
            [`pod-security.kubernetes.io/${mode}`, POD_SECURITY.level],
            [`pod-security.kubernetes.io/${mode}-version`, POD_SECURITY.version],
          ]),
        ),
        ...labels(partOf, name, 'application'),
      },
      annotations: OWNED,
    },
  };
}
