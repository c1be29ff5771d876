import { StorageTransfer } from '../storage-transfer';
import { DeploymentError } from './convergence';
import type { Engine } from './engine';

/** Time that a replica which was stopped has to come up again, beside what its definition allows a new one. */
const AGAIN_MS = 60_000;

/**
 * Storage that goes to a service.
 *
 * @param former services that have it, and will not.
 * @param startup milliseconds that a replica has to come up.
 */
export function storageTransfer(
  service: string,
  former: readonly string[],
  engine: Pick<Engine, 'stop' | 'start'>,
  startup: number,
): StorageTransfer {
  if (former.length === 0) return new StorageTransfer();
  return new StorageTransfer({
    release: () => engine.stop(former),
    restore: async (stopped) => {
      await engine.stop([service]);
      await engine.start(stopped, startup + AGAIN_MS);
    },
    failure: (message, cause) => new DeploymentError(message, cause instanceof DeploymentError && cause.rolledBack),
  });
}
