import type { Cluster } from '../../components/kubernetes/cluster';
import type { ClusterFacts } from '../../components/kubernetes/preflight';
import { readConfig, type ConfigOf } from '../../infra/config';
import { deployShop, type KubernetesHost } from '../../stacks/kubernetes';
import { deploy, type Calls } from './deployment';
import { dump, goldenFile, INSTALLATION, PROJECT, stackConfig } from './dump';
import { KUBERNETES } from './kubernetes-mocks';

export const STAGING_GOLDEN = goldenFile('staging');

const FACTS: ClusterFacts = {
  version: 'v1.34.2',
  nodes: [{ cpu: 4_000, memory: 16 * 2 ** 30, ephemeralStorage: 100 * 2 ** 30, architecture: 'amd64' }],
  storageClasses: [{ name: 'local', isDefault: true, canGrow: false }],
  ingressClasses: [],
  claims: new Map(),
  tlsSecrets: new Map(),
  pullSecrets: [],
  metrics: true,
  nodeAddress: '192.0.2.10',
};

/** A cluster where all goes well. */
export const quietCluster: Cluster = {
  deployed: () => Promise.resolve(new Map()),
  lastGood: () => Promise.resolve(undefined),
  handOver: () => Promise.resolve(),
  takeOver: () => Promise.resolve(),
  openPort: () => Promise.resolve(),
  releaseClaim: () => Promise.resolve(new Map()),
  returnClaim: () => Promise.resolve(),
  rolledOut: () => Promise.resolve(),
  completed: () => Promise.resolve(),
};

/** A cluster that has nothing of the shop yet, and a machine with internet. */
export function quietHost(connection: KubernetesHost['connection'], facts = FACTS): KubernetesHost {
  return { connection, cluster: quietCluster, facts, deployed: new Map(), installation: INSTALLATION, imagePrefix: '' };
}

/** A registry that has everything, or nothing. */
export function registryWith(everything: boolean): Calls {
  return {
    'docker:index/getRegistryImage:getRegistryImage': ({ name }) => {
      const details = 'got bad response from registry: 404 Not Found';
      // As the engine hands it on.
      if (!everything) throw Object.assign(new Error(details), { details });
      return { name, sha256Digest: 'sha256:pushed' };
    },
  };
}

/** Everything that the stack `staging` asks Pulumi for. */
export async function stagingDump(): Promise<string> {
  return dump((await stagingDeployment()).registrations);
}

/** The registrations themselves, with the passwords in them. */
export function stagingDeployment({ published = false } = {}) {
  return deploy(
    () =>
      deployShop(
        readConfig(PROJECT, stackConfig('staging')) as ConfigOf<'kubernetes'>,
        { project: PROJECT, stack: 'staging' },
        quietHost({ kubeconfig: '.local/kubeconfig', context: 'shop-local' }),
      ),
    {
      project: PROJECT,
      stack: 'staging',
      computed: KUBERNETES,
      calls: registryWith(published),
    },
  );
}
