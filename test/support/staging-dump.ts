import type { Cluster } from '../../components/kubernetes/cluster';
import type { ClusterFacts } from '../../components/kubernetes/preflight';
import { readConfig, type ConfigOf } from '../../infra/config';
import { deployShop } from '../../stacks/kubernetes';
import { deploy } from './deployment';
import { dump, goldenFile, KEY, PROJECT, stackConfig } from './dump';
import { KUBERNETES } from './kubernetes-mocks';

export const STAGING_GOLDEN = goldenFile('staging');

const FACTS: ClusterFacts = {
  version: 'v1.34.2',
  nodes: [{ cpu: 4_000, memory: 16 * 2 ** 30, architecture: 'amd64' }],
  storageClasses: [{ name: 'local', isDefault: true, canGrow: false }],
  ingressClasses: [],
  claims: new Map(),
  tlsSecrets: [],
  metrics: true,
  nodeAddress: '192.0.2.10',
};

/** A cluster where all goes well. */
export const quietCluster: Cluster = {
  deployed: () => Promise.resolve(new Map()),
  lastGood: () => Promise.resolve(undefined),
  handOver: () => Promise.resolve(),
  takeOver: () => Promise.resolve(),
  rolledOut: () => Promise.resolve(),
  completed: () => Promise.resolve(),
};

/** An error as the engine hands it on. */
function refused(details: string): Error {
  return Object.assign(new Error(details), { details });
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
        { cluster: quietCluster, facts: FACTS, deployed: new Map(), key: KEY, imagePrefix: '' },
      ),
    {
      project: PROJECT,
      stack: 'staging',
      computed: KUBERNETES,
      calls: {
        'docker:index/getRegistryImage:getRegistryImage': ({ name }) => {
          if (!published) throw refused('got bad response from registry: 404 Not Found');
          return { name, sha256Digest: 'sha256:pushed' };
        },
      },
    },
  );
}
