// What the cluster's own services are described with. Pure.

export const SYSTEM = 'kube-system';
export const rbac = 'rbac.authorization.k8s.io';
export const READ = ['get', 'list', 'watch'];
export const rule = (apiGroup, resources, verbs) => ({ apiGroups: [apiGroup], resources, verbs });
export const role = (name, rules) => ({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules });
export const account = (name, namespace = SYSTEM) => ({ kind: 'ServiceAccount', name, namespace });
export const accountObject = ({ name, namespace }) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
});
export const binding = (name, roleName, subject) => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
  subjects: [subject],
});

/**
 * One replica, on the machine itself where `pinned` says so: there it stays when another node is drained or lost, and a
 * cluster on one machine cannot outlive the machine anyway.
 */
export function deployment(name, { namespace = SYSTEM, labels, pinned, container, ...pod }) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: 'system-cluster-critical',
          ...(pinned ? { nodeSelector: pinned } : {}),
          containers: [{ name, ...container }],
          ...pod,
        },
      },
    },
  };
}

/** What a program gets that needs nothing but its network. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65532,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
