import * as pulumi from '@pulumi/pulumi';
import { refusedHooks, withStorageReturned } from '../storage';
import { DeploymentError, type ClaimTransfer, type Cluster, type RolloutTimes } from './cluster';

/**
 * Storage goes from the Deployments that have its claim to the one that will: two at once would write to one volume. Those
 * end before the other one starts, and start again where it fails.
 */
export class StorageTransfer {
  /** What this deployment has stopped, with the number of its replicas. */
  private stopped: ReadonlyMap<string, number> = new Map();

  constructor(
    private readonly cluster: Pick<Cluster, 'releaseClaim' | 'returnClaim'>,
    private readonly claim: ClaimTransfer,
    /** What those have to start again. */
    private readonly times: RolloutTimes,
  ) {}

  /** What is done before the Deployment is created or updated, and where the API server refuses that. */
  hooks(name: string): pulumi.ResourceHookBinding {
    const release = new pulumi.ResourceHook(`${name}-storage`, async () => {
      this.stopped = await this.cluster.releaseClaim(this.claim);
    });
    return {
      beforeCreate: [release],
      beforeUpdate: [release],
      ...refusedHooks(name, (error) => this.back(error)),
    };
  }

  /**
   * Gives the storage back to those that had it, after the Deployment has failed.
   *
   * @returns the error, with what was done.
   */
  async back(error: unknown): Promise<unknown> {
    if (this.stopped.size === 0) return error;
    return new DeploymentError(
      await withStorageReturned(error, this.stopped, () =>
        this.cluster.returnClaim(this.claim, this.stopped, this.times),
      ),
    );
  }
}
