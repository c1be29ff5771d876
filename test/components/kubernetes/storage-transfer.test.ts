import { DeploymentError, type ClaimTransfer } from '../../../components/kubernetes/cluster';
import { storageTransfer } from '../../../components/kubernetes/storage-transfer';
import { deploy } from '../../support/deployment';

const CLAIM: ClaimTransfer = { namespace: 'n', claim: 'db-data', owner: 'new', sharing: [], deadline: 1 };
const TIMES = { startup: 1, placement: 2, deadline: 3 };

it('returns the claim to those that it was released from', async () => {
  const calls: unknown[] = [];
  const stopped = new Map([['db', 1]]);
  const cluster = {
    releaseClaim: (...args: unknown[]) => {
      calls.push(args);
      return Promise.resolve(stopped);
    },
    returnClaim: (...args: unknown[]) => {
      calls.push(args);
      return Promise.resolve();
    },
  };
  const transfer = storageTransfer(CLAIM, cluster, TIMES);
  const { runHook } = await deploy(() => transfer.hooks('r'));
  await runHook('r-handed-over');
  await expect(transfer.back(new Error('failed'))).resolves.toBeInstanceOf(DeploymentError);
  expect(calls).toEqual([[CLAIM], [CLAIM, stopped, TIMES]]);
});
