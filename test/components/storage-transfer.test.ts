import * as pulumi from '@pulumi/pulumi';
import { StorageTransfer } from '../../components/storage-transfer';
import { deploy } from '../support/deployment';

class Failure extends Error {
  constructor(
    message: string,
    readonly from: unknown,
  ) {
    super(message);
  }
}

/** A transfer from what has so many replicas. */
function fakeTransfer(replicas: Record<string, number>, unstartable = false) {
  const calls: string[] = [];
  const transfer = new StorageTransfer({
    release: () => {
      calls.push('release');
      return Promise.resolve(new Map(Object.entries(replicas)));
    },
    restore: (stopped) => {
      calls.push(`restore ${[...stopped].map(([name, n]) => `${name} ${n}`).join()}`);
      return unstartable ? Promise.reject(new Error('no room')) : Promise.resolve();
    },
    failure: (message, cause) => new Failure(message, cause),
  });
  return { calls, transfer };
}

async function released(replicas: Record<string, number>, unstartable?: boolean) {
  const { calls, transfer } = fakeTransfer(replicas, unstartable);
  const { result, runHook } = await deploy(() => transfer.hooks('r'));
  await runHook('r-handed-over');
  return { calls, transfer, result, runHook };
}

const FAILED = new Error('service new failed to start');

let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue()));
afterEach(() => jest.restoreAllMocks());

it('is released before what will have it is created or updated', async () => {
  const { calls, result } = await released({ old: 1 });
  expect(result.beforeCreate).toHaveLength(1);
  expect(result.beforeUpdate).toEqual(result.beforeCreate);
  expect(calls).toEqual(['release']);
});

it('goes back where what should have it fails, with an error of the target', async () => {
  const { calls, transfer } = await released({ old: 1, older: 2 });
  const error = (await transfer.back(FAILED)) as Failure;
  expect(error.from).toBe(FAILED);
  expect(error.message).toBe('service new failed to start\nwhat had the storage before was started again: old, older');
  expect(calls).toEqual(['release', 'restore old 1,older 2']);
});

it('goes back where what comes after the release fails', async () => {
  const { calls, transfer } = await released({ old: 1 });
  await expect(transfer.guarded(() => Promise.reject(new Error('volume is in use')))).rejects.toThrow(
    'volume is in use\nwhat had the storage before was started again: old',
  );
  expect(calls).toEqual(['release', 'restore old 1']);
});

it('stays where what comes after the release works', async () => {
  const { calls, transfer } = await released({ old: 1 });
  await expect(transfer.guarded(() => Promise.resolve(5))).resolves.toBe(5);
  expect(calls).toEqual(['release']);
});

it('goes back where the provider refuses what should have it, and the user is told', async () => {
  const { calls, result, runHook } = await released({ old: 1 });
  expect(result.onError).toHaveLength(1);
  await expect(runHook('r-refused', { errors: ['no such image\nat all', 'before'] })).resolves.toBe(false);
  expect(calls).toEqual(['release', 'restore old 1']);
  expect(warn.mock.calls).toEqual([['what had the storage before was started again: old']]);
});

it('is not given back, and nothing said, where nothing had it', async () => {
  const { calls, transfer, runHook } = await released({});
  await expect(runHook('r-refused', { errors: ['refused'] })).resolves.toBe(false);
  await expect(transfer.back(FAILED)).resolves.toBe(FAILED);
  expect(calls).toEqual(['release']);
  expect(warn).not.toHaveBeenCalled();
});

it('needs no hooks where nothing can have it', async () => {
  const transfer = new StorageTransfer();
  expect(transfer.hooks('r')).toEqual({});
  await expect(transfer.guarded(() => Promise.reject(FAILED))).rejects.toBe(FAILED);
});

it('and cannot go back is told with both causes', async () => {
  const { transfer } = await released({ old: 1 }, true);
  await expect(transfer.back(FAILED)).resolves.toMatchObject({
    message:
      'service new failed to start\nwhat had the storage before could not be started again (old): Error: no room',
  });
});
