import type Docker from 'dockerode';
import { removeUnusedFolders } from '../../../components/docker/unused-folders';

const [A, B] = ['shop-dev-api-0a1b2c-0-1', 'shop-dev-api-0a1b2c-1-12'];

/** @param others volumes that are no folders of the application. */
function engine(answers: Record<string, number | undefined>, others: { Name: string; Options?: object | null }[] = []) {
  const removed: string[] = [];
  let filters: unknown;
  const docker = {
    listVolumes: (options: { filters: string }) => {
      filters = JSON.parse(options.filters);
      const folders = Object.keys(answers).map((Name) => ({ Name, Options: { type: 'tmpfs' } }));
      return Promise.resolve({ Volumes: [...folders, ...others] });
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
  const { docker, removed, filters } = engine({ [A]: undefined, [B]: undefined }, [
    { Name: 'shop-dev-api-data', Options: null },
    { Name: 'shop-dev-api-lb-proxy' },
    // Named by a person, and with something in it.
    { Name: 'shop-dev-api-0a1b2c-0-2', Options: {} },
    { Name: 'other-shop-dev-api-0a1b2c-0-1', Options: { type: 'tmpfs' } },
  ]);
  await removeUnusedFolders(docker, 'shop-dev');
  expect(removed).toEqual([A, B]);
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
