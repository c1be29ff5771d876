// Storage that is made on demand: the default storage class and its provisioner. Pure.
import { join } from 'node:path';
import { MAX_NODES, node } from './layout.mjs';
import { account, accountObject, binding, deployment, rbac, READ, RESTRICTED, role, rule } from './objects.mjs';

export const STORAGE_CLASS = 'local-path';
export const STORAGE = 'local-path-storage';

/** Volumes are folders of the machine, in that of the node where the pod was placed. They do not grow. */
export function storage(images, { pinned }) {
  const name = 'local-path-provisioner';
  const config = 'local-path-config';
  const labels = { app: name };
  const paths = Array.from({ length: MAX_NODES }, (_, index) => node(index + 1));
  const helper = {
    name: 'helper',
    image: images['volume-helper'],
    resources: { requests: { cpu: '10m', memory: '16Mi' } },
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: STORAGE } },
    accountObject(account(name, STORAGE)),
    role(name, [
      rule('', ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'], READ),
      rule('', ['persistentvolumes'], [...READ, 'create', 'patch', 'update', 'delete']),
      rule('', ['events'], ['create', 'patch']),
      rule('storage.k8s.io', ['storageclasses'], READ),
    ]),
    binding(name, name, account(name, STORAGE)),
    // It makes and removes folders by pods on the node, in its own namespace.
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name, namespace: STORAGE },
      rules: [rule('', ['pods'], [...READ, 'create', 'patch', 'update', 'delete'])],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace: STORAGE },
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: [account(name, STORAGE)],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: config, namespace: STORAGE },
      data: {
        'config.json': JSON.stringify({
          nodePathMap: paths.map(({ name: of, folder }) => ({ node: of, paths: [join(folder, 'volumes')] })),
          setupCommand: '/setup',
          teardownCommand: '/teardown',
        }),
        // It wants them even where commands stand in their place.
        setup: '',
        teardown: '',
        'helperPod.yaml': JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'helper' },
          spec: { containers: [helper] },
        }),
      },
    },
    deployment(name, {
      namespace: STORAGE,
      labels,
      pinned,
      volumes: [{ name: 'config', configMap: { name: config } }],
      container: {
        image: images[name],
        args: [
          ...['start', '--config', '/etc/config/config.json', '--helper-image', images['volume-helper']],
          ...['--service-account-name', name],
        ],
        env: [
          { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
          { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
        ],
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
        securityContext: RESTRICTED,
        volumeMounts: [{ name: 'config', mountPath: '/etc/config/', readOnly: true }],
      },
    }),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: STORAGE_CLASS,
        annotations: {
          'storageclass.kubernetes.io/is-default-class': 'true',
          // Of this kind kubelet gives the folder to the pod's fsGroup.
          defaultVolumeType: 'local',
        },
      },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
  ];
}
