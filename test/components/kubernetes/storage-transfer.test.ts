import * as pulumi from '@pulumi/pulumi';
import type { ClaimTransfer } from '../../../components/kubernetes/cluster';
import { StorageTransfer } from '../../../components/kubernetes/storage-transfer';
import { deploy } from '../../support/deployment';

const CLAIM: ClaimTransfer = { namespace: 'n', claim: 'db-data', owner: 'new', sharing: [], deadline: 1 };
const TIMES = { startup: 1, placement: 2, deadline: 3 };
const FAILED = new Error('service new failed to start');

async function released(stopped: Record<string, number>, fails = false) {
  const returned: unknown[] = [];
  const transfer = new StorageTransfer(
    {
      releaseClaim: () => Promise.resolve(new Map(Object.entries(stopped))),
      returnClaim: (...args) => {
        returned.push(args);
        return fails ? Promise.reject(new Error('no room')) : Promise.resolve();
      },
    },
    CLAIM,
    TIMES,
  );
  const { runHook } = await deploy(() => transfer.hooks('r'));
  await runHook('r-storage');
  return { returned, transfer, runHook };
}

it('goes back where the Deployment fails', async () => {
  const { returned, transfer } = await released({ db: 1 });
  const { message } = (await transfer.back(FAILED)) as Error;
  expect(returned).toEqual([[CLAIM, new Map([['db', 1]]), TIMES]]);
  expect(message).toBe('service new failed to start\nwhat had the storage before was started again: db');
});

it('stays where nothing had it', async () => {
  const { returned, transfer } = await released({});
  const { message } = (await transfer.back(FAILED)) as Error;
  expect(returned).toEqual([]);
  expect(message).toBe('service new failed to start');
});

it('and cannot go back is told with both causes', async () => {
  const { transfer } = await released({ db: 1 }, true);
  expect(((await transfer.back(FAILED)) as Error).message).toBe(
    'service new failed to start\nwhat had the storage before could not be started again (db): Error: no room',
  );
});

it('goes back where the API server refuses the Deployment', async () => {
  const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
  const { returned, runHook } = await released({ db: 1 });
  await expect(runHook('r-refused', { errors: ['is forbidden'] })).resolves.toBe(false);
  expect(returned).toEqual([[CLAIM, new Map([['db', 1]]), TIMES]]);
  expect(warn.mock.calls).toEqual([['what had the storage before was started again: db']]);
  warn.mockRestore();
});
