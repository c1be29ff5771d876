import type Docker from 'dockerode';
import { removeUnusedFolders } from '../../../components/docker/unused-folders';

function engine(answers: Record<string, number | undefined>) {
  const removed: string[] = [];
  let filters: unknown;
  const docker = {
    listVolumes: (options: { filters: string }) => {
      filters = JSON.parse(options.filters);
      return Promise.resolve({ Volumes: Object.keys(answers).map((Name) => ({ Name })) });
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
  const { docker, removed, filters } = engine({ a: undefined, b: undefined });
  await removeUnusedFolders(docker, 'shop-dev');
  expect(removed).toEqual(['a', 'b']);
  expect(filters()).toEqual({
    dangling: ['true'],
    label: ['app.kubernetes.io/part-of=shop-dev', 'app.kubernetes.io/component=writable-folder'],
  });
});

it.each([404, 409])('goes on when one is gone or taken meanwhile (%i)', async (code) => {
  const { docker, removed } = engine({ a: code, b: undefined });
  await removeUnusedFolders(docker, 'shop-dev');
  expect(removed).toEqual(['b']);
});

it('fails when the engine does', async () => {
  await expect(removeUnusedFolders(engine({ a: 500 }).docker, 'shop-dev')).rejects.toThrow('engine');
});

it('an engine without volumes answers null', async () => {
  const docker = { listVolumes: () => Promise.resolve({ Volumes: null }) } as unknown as Docker;
  await expect(removeUnusedFolders(docker, 'shop-dev')).resolves.toBeUndefined();
});
