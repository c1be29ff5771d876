import { StorageTransfer } from '../storage-transfer';
import { DeploymentError, type ClaimTransfer, type Cluster, type RolloutTimes } from './cluster';

/**
 * Storage that goes to the owner of a claim from the Deployments that mount it.
 *
 * @param times what those have to start again.
 */
export function storageTransfer(
  claim: ClaimTransfer,
  cluster: Pick<Cluster, 'releaseClaim' | 'returnClaim'>,
  times: RolloutTimes,
): StorageTransfer {
  return new StorageTransfer({
    release: () => cluster.releaseClaim(claim),
    restore: (stopped) => cluster.returnClaim(claim, stopped, times),
    failure: (message) => new DeploymentError(message),
  });
}
