import type { ClaimTransfer } from '../../../components/kubernetes/cluster';
import { StorageTransfer } from '../../../components/kubernetes/storage-transfer';
import { deploy } from '../../support/deployment';

const CLAIM: ClaimTransfer = { namespace: 'n', claim: 'db-data', owner: 'new', sharing: [], deadline: 1 };
const WAIT = { startup: 1, placement: 2, deadline: 3 };
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
  );
  const { runHook } = await deploy(() => transfer.hooks('r'));
  await runHook('r-storage');
  return { returned, message: ((await transfer.back(FAILED, WAIT)) as Error).message };
}

it('goes back where the Deployment fails', async () => {
  const { returned, message } = await released({ db: 1 });
  expect(returned).toEqual([[CLAIM, new Map([['db', 1]]), WAIT]]);
  expect(message).toBe('service new failed to start\nwhat had the storage before was started again: db');
});

it('stays where nothing had it', async () => {
  const { returned, message } = await released({});
  expect(returned).toEqual([]);
  expect(message).toBe('service new failed to start');
});

it('and cannot go back is told with both causes', async () =>
  expect((await released({ db: 1 }, true)).message).toBe(
    'service new failed to start\nwhat had the storage before could not be started again (db): Error: no room',
  ));
