// What runs inside the cluster for everybody: names (CoreDNS), metrics, and storage that is made on demand. Pure.
import { NETWORK, node } from './layout.mjs';
import { metrics } from './metrics.mjs';
import { account, accountObject, binding, deployment, rbac, READ, RESTRICTED, role, rule, SYSTEM } from './objects.mjs';
import { STORAGE, storage } from './storage.mjs';

/** What must be rolled out before the cluster is of use: namespace and name of each Deployment. */
export const ROLLOUTS = [
  [SYSTEM, 'coredns'],
  [SYSTEM, 'metrics-server'],
  [STORAGE, 'local-path-provisioner'],
];

/**
 * All objects of the cluster's own services.
 *
 * @param images references by the name of each image.
 * @param upstream whether the machine has name servers that a pod can reach.
 */
export function addons(images, { upstream }) {
  const pinned = { 'kubernetes.io/hostname': node(1).name };
  return [
    ...permissions(),
    ...dns(images, { upstream, pinned }),
    ...metrics(images, { pinned }),
    ...storage(images, { pinned }),
  ];
}

/** Of the processes outside the cluster that come with a certificate. */
function permissions() {
  const subject = (kind, name) => ({ apiGroup: rbac, kind, name });
  return [
    binding('shop:kubelet-clients', 'system:kubelet-api-admin', subject('Group', 'shop:kubelet-clients')),
    role('shop:network-policies', [
      rule('', ['namespaces', 'pods', 'nodes'], READ),
      rule('networking.k8s.io', ['networkpolicies'], READ),
    ]),
    binding('shop:network-policies', 'shop:network-policies', subject('User', 'shop:network-policies')),
  ];
}

function dns(images, { upstream, pinned }) {
  const labels = { 'k8s-app': 'kube-dns' };
  const name = 'coredns';
  const corefile = `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes ${NETWORK.domain} in-addr.arpa {
        ttl 5
    }
    ${upstream ? 'forward . /etc/resolv.conf' : '# no name server of the machine can be reached from here'}
    cache 5
    loadbalance
}
`;
  return [
    accountObject(account(name)),
    role('system:coredns', [
      rule('', ['endpoints', 'services', 'pods', 'namespaces'], ['list', 'watch']),
      rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
    ]),
    binding('system:coredns', 'system:coredns', account(name)),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: SYSTEM }, data: { Corefile: corefile } },
    deployment(name, {
      labels,
      pinned,
      // The machine's name servers, and not itself.
      dnsPolicy: 'Default',
      volumes: [{ name: 'config', configMap: { name } }],
      container: {
        image: images[name],
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        ],
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 30 },
        resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '128Mi' } },
        securityContext: {
          ...RESTRICTED,
          // Port 53 is for root alone; this program's file carries no capability that a user could take up.
          runAsNonRoot: false,
          runAsUser: 0,
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
      },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: SYSTEM, labels },
      spec: {
        clusterIP: NETWORK.dns,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
}
