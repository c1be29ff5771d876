import type Docker from 'dockerode';
import { removeUnusedFolders } from '../../../components/docker/unused-folders';

const [A, B] = ['shop-dev-api-000000-0-1', 'shop-dev-api-000000-0-2'] as const;

/** One volume keeps data, and has the name of a folder. */
const DATA = 'shop-dev-odd-0a1b2c-0-1';
const optionsOf = (name: string) => (name === DATA ? null : { type: 'tmpfs', device: 'tmpfs' });

function engine(answers: Record<string, number | undefined>) {
  const removed: string[] = [];
  let filters: unknown;
  const docker = {
    listVolumes: (options: { filters: string }) => {
      filters = JSON.parse(options.filters);
      return Promise.resolve({ Volumes: Object.keys(answers).map((Name) => ({ Name, Options: optionsOf(Name) })) });
    },
    getVolume: (name: string) => ({
      remove: () => {
        const statusCode = answers[name];
        if (statusCode !== undefined) return Promise.reject(Object.assign(new Error('engine'), { statusCode }));
        return Promise.resolve(void removed.push(name));
      },
    }),
  } as unknown as Docker;
  return { docker, removed, filters: () => filters };
}

it('removes volumes of writable folders that no container has, of this application alone', async () => {
  const folders = ['shop-dev-user-0a1b2c-0-1', 'shop-dev-user-0a1b2c-12-30'];
  const others = [DATA, 'my-shop-dev-user-0a1b2c-0-1', 'shop-dev-database-data', 'shop-dev-gateway-proxy', 'shop-dev-a-1-2-data'];
  const { docker, removed, filters } = engine(Object.fromEntries([...folders, ...others].map((one) => [one, undefined])));
  await removeUnusedFolders(docker, 'shop-dev');
  expect(removed).toEqual(folders);
  expect(filters()).toEqual({ dangling: ['true'], name: ['shop-dev-'] });
});

it.each([404, 409])('goes on when one is gone or taken meanwhile (%i)', async (code) => {
  const { docker, removed } = engine({ [A]: code, [B]: undefined });
  await removeUnusedFolders(docker, 'shop-dev');
  expect(removed).toEqual([B]);
});

it('fails when the engine does', async () => {
  await expect(removeUnusedFolders(engine({ [A]: 500 }).docker, 'shop-dev')).rejects.toThrow('engine');
});

it('an engine without volumes answers null', async () => {
  const docker = { listVolumes: () => Promise.resolve({ Volumes: null }) } as unknown as Docker;
  await expect(removeUnusedFolders(docker, 'shop-dev')).resolves.toBeUndefined();
});
