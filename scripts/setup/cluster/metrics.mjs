// The metrics server: what pods and nodes use, for autoscalers and `kubectl top`. Pure.
import { account, accountObject, binding, deployment, rbac, READ, RESTRICTED, role, rule, SYSTEM } from './objects.mjs';

/** @param insecure whether the nodes' certificates are not of the cluster's authority, as in kind. */
export function metrics(images, { pinned, insecure = false } = {}) {
  const labels = { 'k8s-app': 'metrics-server' };
  const name = 'metrics-server';
  return [
    accountObject(account(name)),
    role('system:metrics-server', [rule('', ['nodes/metrics'], ['get']), rule('', ['pods', 'nodes'], READ)]),
    role('system:aggregated-metrics-reader', [rule('metrics.k8s.io', ['pods', 'nodes'], READ)]),
    binding('system:metrics-server', 'system:metrics-server', account(name)),
    binding('metrics-server:system:auth-delegator', 'system:auth-delegator', account(name)),
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'metrics-server-auth-reader', namespace: SYSTEM },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      subjects: [account(name)],
    },
    deployment(name, {
      labels,
      pinned,
      volumes: [{ name: 'tmp', emptyDir: {} }],
      container: {
        image: images[name],
        args: [
          '--cert-dir=/tmp',
          '--secure-port=10250',
          '--kubelet-preferred-address-types=InternalIP',
          insecure
            ? '--kubelet-insecure-tls'
            : // A pod finds the cluster's authority here, and it signed the nodes' certificates.
              '--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
          '--metric-resolution=15s',
        ],
        ports: [{ name: 'https', containerPort: 10250 }],
        readinessProbe: { httpGet: { path: '/readyz', port: 10250, scheme: 'HTTPS' }, periodSeconds: 2 },
        livenessProbe: { httpGet: { path: '/livez', port: 10250, scheme: 'HTTPS' }, initialDelaySeconds: 30 },
        resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
        securityContext: RESTRICTED,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: SYSTEM, labels },
      spec: { selector: labels, ports: [{ name: 'https', port: 443, targetPort: 'https' }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        // It makes its certificate itself, at each start.
        insecureSkipTLSVerify: true,
        service: { name, namespace: SYSTEM },
      },
    },
  ];
}
