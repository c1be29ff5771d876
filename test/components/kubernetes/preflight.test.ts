import { certificateFacts } from '../../../components/kubernetes/certificate';
import { checkNamespace, inspectCluster, type PreflightApis } from '../../../components/kubernetes/preflight';

const config = {
  getCurrentContext: () => 'shop-local',
  getCurrentCluster: () => ({ name: 'local', server: 'https://127.0.0.1:6443', skipTLSVerify: false }),
};
const list =
  (...items: unknown[]) =>
  () =>
    Promise.resolve({ items });
const refuse = (error: object) => () => Promise.reject(Object.assign(new Error('refused'), error));
const node = (more: object = {}, spec: object = {}) => ({
  spec,
  status: {
    allocatable: { cpu: '3920m', memory: '16Gi', 'ephemeral-storage': '18242267924' },
    nodeInfo: { architecture: 'amd64' },
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    ...more,
  },
});
/** The API of a cluster where all can be asked. */
function apis(
  change: { core?: object; storage?: object; networking?: object; version?: object; registration?: object } = {},
) {
  return {
    version: { getCode: () => Promise.resolve({ gitVersion: 'v1.34.2' }), ...change.version },
    core: {
      listNode: list(node()),
      listNamespacedPersistentVolumeClaim: list({
        metadata: {
          name: 'db-data',
          managedFields: [
            { manager: 'kubectl', fieldsV1: {} },
            { manager: 'pulumi-shop-components', fieldsV1: { 'f:spec': { 'f:storageClassName': {} } } },
          ],
        },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'fast',
          resources: { requests: { storage: '5Gi' } },
        },
      }),
      listNamespacedService: list({
        metadata: {
          managedFields: [
            { manager: 'pulumi-kubernetes-1a2b3c4d', fieldsV1: { 'f:spec': { 'f:loadBalancerClass': {} } } },
          ],
        },
        spec: { type: 'LoadBalancer', loadBalancerClass: 'example.com/nlb' },
      }),
      listNamespacedSecret: ({ fieldSelector }: { fieldSelector: string }) =>
        list({ metadata: { name: fieldSelector === 'type=kubernetes.io/tls' ? 'shop-tls' : 'registry' } })(),
      ...change.core,
    },
    storage: {
      listStorageClass: list(
        { metadata: { name: 'slow' } },
        {
          metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
          allowVolumeExpansion: true,
        },
      ),
      ...change.storage,
    },
    networking: { listIngressClass: list({ metadata: { name: 'traefik' } }), ...change.networking },
    registration: { listAPIService: list({}), ...change.registration },
  } as unknown as PreflightApis;
}
const inspect = (change: Parameters<typeof apis>[0] = {}) => inspectCluster(apis(change), config, 'shop-dev');

describe('a cluster is asked', () => {
  it('what it has', async () => {
    expect(await inspect()).toEqual({
      version: 'v1.34.2',
      nodes: [{ cpu: 3_920, memory: 16 * 2 ** 30, ephemeralStorage: 18_242_267_924, architecture: 'amd64' }],
      storageClasses: [
        { name: 'slow', isDefault: false, canGrow: false },
        { name: 'fast', isDefault: true, canGrow: true },
      ],
      ingressClasses: ['traefik'],
      claims: new Map([
        ['db-data', { size: 5 * 2 ** 30, storageClass: 'fast', choseClass: true, accessModes: ['ReadWriteOnce'] }],
      ]),
      gatewayService: { type: 'LoadBalancer', loadBalancerClass: 'example.com/nlb', choseClass: true },
      tlsSecrets: new Map([['shop-tls', certificateFacts({})]]),
      pullSecrets: ['registry'],
      metrics: true,
      nodeAddress: '10.0.0.1',
    });
  });

  it('whether a deployment has chosen the class of a claim, or the cluster has', async () => {
    const claim = (...managedFields: object[]) => ({
      metadata: { name: 'db-data', managedFields },
      spec: { storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
    });
    const chose = async (...fields: object[]) =>
      (await inspect({ core: { listNamespacedPersistentVolumeClaim: list(claim(...fields)) } })).claims!.get('db-data')!
        .choseClass;
    expect(await chose()).toBe(false);
    expect(await chose({ manager: 'pulumi-shop-components' })).toBe(false);
    expect(await chose({ manager: 'pulumi-shop-components', fieldsV1: { 'f:spec': { 'f:resources': {} } } })).toBe(
      false,
    );
    expect(await chose({ manager: 'other', fieldsV1: { 'f:spec': { 'f:storageClassName': {} } } })).toBe(false);
  });

  it('of the nodes that take pods', async () => {
    const listNode = list(
      node({}, { unschedulable: true }),
      node({}, { taints: [{ effect: 'NoSchedule' }] }),
      node({ allocatable: { cpu: '1', memory: '1Gi' } }, { taints: [{ effect: 'PreferNoSchedule' }] }),
    );
    expect((await inspect({ core: { listNode } })).nodes).toEqual([
      { cpu: 1_000, memory: 2 ** 30, ephemeralStorage: 0, architecture: 'amd64' },
    ]);
  });

  it('for an address that people outside reach, if there is one', async () => {
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'ExternalIP', address: '192.0.2.10' },
    ];
    expect((await inspect({ core: { listNode: list(node({ addresses })) } })).nodeAddress).toBe('192.0.2.10');
  });

  it('whether it measures pods', async () =>
    expect((await inspect({ registration: { listAPIService: list() } })).metrics).toBe(false));

  it('only what this user may look at', async () => {
    const forbidden = refuse({ code: 403 });
    const facts = await inspect({
      core: { listNode: forbidden, listNamespacedSecret: forbidden, listNamespacedService: forbidden },
      storage: { listStorageClass: forbidden },
      networking: { listIngressClass: forbidden },
    });
    expect(Object.keys(facts).sort()).toEqual(['claims', 'metrics', 'version']);
  });
});

describe('a cluster that cannot be asked is named, with what to do:', () => {
  const subject = 'the cluster of context "shop-local" (https://127.0.0.1:6443)';

  it('it is not there', async () =>
    expect(inspect({ version: { getCode: refuse({ code: 'ECONNREFUSED' }) } })).rejects.toThrow(
      `${subject} does not answer (ECONNREFUSED). Start it, or point the stack at another`,
    ));

  it.each(['v1.29.14-eks-1', 'v1.9.0', '0.31.0'])('is not deployed to where it runs %s', (gitVersion) =>
    expect(inspect({ version: { getCode: () => Promise.resolve({ gitVersion }) } })).rejects.toThrow(
      `the cluster of context "shop-local" (https://127.0.0.1:6443) runs Kubernetes ${gitVersion}; 1.30 or later is needed`,
    ),
  );

  it.each(['v1.30.0', 'v1.34.2+k3s1', '2.0.0', 'unknown'])('is deployed to where it runs %s', async (gitVersion) =>
    expect(await inspect({ version: { getCode: () => Promise.resolve({ gitVersion }) } })).toMatchObject({
      version: gitVersion,
    }),
  );

  it('the program that gives tokens is not there', async () => {
    await expect(inspect({ version: { getCode: refuse({ code: 'ENOENT', syscall: 'spawn aws' }) } })).rejects.toThrow(
      `the kubeconfig of ${subject} gets its credentials from "aws", which is not on PATH. Install it.`,
    );
  });

  it('that program has no credentials, and says so after an empty line', async () => {
    const getCode = () => Promise.reject(new Error('\nUnable to locate credentials\nmore'));
    await expect(inspect({ version: { getCode } })).rejects.toThrow('(Unable to locate credentials)');
  });

  it('it does not answer in time', async () => {
    const getCode = () => Promise.reject(new Error('no answer within 5 s'));
    await expect(inspect({ version: { getCode } })).rejects.toThrow(
      `${subject} does not answer (no answer within 5 s)`,
    );
  });

  it('it does not know the user', async () =>
    expect(inspect({ version: { getCode: refuse({ code: 401 }) } })).rejects.toThrow(
      `${subject} rejected the kubeconfig's credentials (401). Renew them.`,
    ));

  it('it is gone half-way', async () =>
    expect(inspect({ core: { listNode: refuse({ code: 'ECONNRESET' }) } })).rejects.toThrow(
      'does not answer (ECONNRESET)',
    ));
});

describe('a namespace', () => {
  const check = (...items: unknown[]) =>
    checkNamespace({ listNamespace: list(...items) } as never, 'shop-dev', 'shop-dev-1');

  it('that nobody has yet can be taken', () => expect(check()).resolves.toBeUndefined());

  it('of this application can be gone on with', () =>
    expect(check({ metadata: { labels: { 'app.kubernetes.io/part-of': 'shop-dev-1' } } })).resolves.toBeUndefined());

  it('of the cluster itself is not handed over', async () =>
    expect(
      checkNamespace({ listNamespace: list({ metadata: {} }) } as never, 'kube-system', 'shop-dev-1'),
    ).rejects.toThrow('namespace "kube-system" is the cluster\'s own. Choose another'));

  it('that is being deleted takes nothing new', () =>
    expect(
      check({
        metadata: { deletionTimestamp: new Date(), labels: { 'app.kubernetes.io/part-of': 'shop-dev-1' } },
      }),
    ).rejects.toThrow('namespace "shop-dev" is being deleted'));

  it('of others cannot: `destroy` would delete what they have in it', async () => {
    await expect(check({ metadata: { labels: { 'app.kubernetes.io/part-of': 'other' } } })).rejects.toThrow(
      'namespace "shop-dev" exists and belongs to "other". Choose another with',
    );
    await expect(check({ metadata: { labels: {} } })).rejects.toThrow(
      'kubectl --context CONTEXT label namespace shop-dev app.kubernetes.io/part-of=shop-dev-1 --overwrite',
    );
  });
});
