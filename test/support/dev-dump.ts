import { NO_ADDRESSES } from '../../components/docker/addresses';
import type { Engine } from '../../components/docker/engine';
import { readConfig, type ConfigOf } from '../../infra/config';
import { deployShop } from '../../stacks/docker';
import { deploy } from './deployment';
import { dump, goldenFile, INSTALLATION, PROJECT, stackConfig } from './dump';

export const GOLDEN = goldenFile('dev');

/** An engine where all goes well. */
export const devEngine: Engine = {
  deployed: () => Promise.resolve(new Map()),
  converged: () => Promise.resolve(),
  taskIds: () => Promise.resolve(new Set()),
  rulesApplied: () => Promise.resolve(),
  attach: () => Promise.resolve(),
  detachOthers: () => Promise.resolve(),
  exists: () => Promise.resolve(false),
  run: () => Promise.resolve(''),
  stop: () => Promise.resolve(new Map()),
  start: () => Promise.resolve(),
  taskTemplate: () => Promise.resolve({}),
  keepReplicas: () => Promise.resolve(false),
  addresses: () => Promise.resolve(NO_ADDRESSES),
  unused: () => Promise.resolve(),
  removeUnusedFolders: () => Promise.resolve(),
  ownVolume: () => Promise.resolve(),
  witness: () => Promise.resolve({ report: () => undefined, end: () => undefined }),
  removeLeftover: () => Promise.resolve(false),
};

/** Everything that the stack `dev` asks Pulumi for. */
export async function devDump(): Promise<string> {
  return dump((await devDeployment()).registrations);
}

/** The registrations themselves, with the passwords in them. */
export function devDeployment(more: Partial<Parameters<typeof deployShop>[2]> = {}) {
  return deploy(
    () =>
      deployShop(
        readConfig(PROJECT, stackConfig('dev')) as ConfigOf<'docker'>,
        { project: PROJECT, stack: 'dev' },
        {
          engine: devEngine,
          engineInfo: { OSType: 'linux', Architecture: 'x86_64', NCPU: 8, MemTotal: 16 * 2 ** 30 },
          deployed: new Map(),
          addresses: NO_ADDRESSES,
          installation: INSTALLATION,
          imagePrefix: '',
          ...more,
        },
      ),
    { project: PROJECT, stack: 'dev' },
  );
}
