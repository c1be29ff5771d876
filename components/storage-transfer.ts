import * as pulumi from '@pulumi/pulumi';

/** What has a storage now, and how it ends and starts on its target. */
export interface StorageHolders {
  /**
   * Ends them.
   *
   * @returns those that had replicas, with their number.
   */
  release(): Promise<ReadonlyMap<string, number>>;
  /** Ends what should have got the storage, and starts them again. */
  restore(stopped: ReadonlyMap<string, number>): Promise<void>;
  /** The target's error with another message than its cause has. */
  failure(message: string, cause: unknown): Error;
}

/**
 * Storage goes from the workloads that have it to the one that will: two at once would write to one volume. Those end
 * before the other one starts, and start again where it fails.
 */
export class StorageTransfer {
  /** What this deployment has stopped, with the number of its replicas. */
  private stopped: ReadonlyMap<string, number> = new Map();

  /** @param holders none where nothing can have the storage, or there is none. */
  constructor(private readonly holders?: StorageHolders) {}

  /**
   * What is done before the resource that will have the storage is created or updated, and where the provider itself
   * refuses that, which no hook after it sees.
   */
  hooks(name: string): pulumi.ResourceHookBinding {
    const { holders } = this;
    if (!holders) return {};
    const release = new pulumi.ResourceHook(`${name}-handed-over`, async () => {
      this.stopped = await holders.release();
    });
    const refused = new pulumi.ErrorHook(`${name}-refused`, async ({ errors: [newest = ''] }) => {
      const error = new Error(newest);
      const told = await this.back(error);
      if (told !== error) await pulumi.log.warn((told as Error).message.slice(newest.length + 1));
      // It is not tried again.
      return false;
    });
    return { beforeCreate: [release], beforeUpdate: [release], onError: [refused] };
  }

  /** Does what comes after the release; where it fails, the storage goes back. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.back(error);
    }
  }

  /**
   * Gives the storage back to those that had it, after what should have got it has failed.
   *
   * @returns the error, with what was done.
   */
  async back(error: unknown): Promise<unknown> {
    const { holders, stopped } = this;
    if (!holders || stopped.size === 0) return error;
    const names = [...stopped.keys()].join(', ');
    const message = error instanceof Error ? error.message : String(error);
    try {
      await holders.restore(stopped);
      return holders.failure(`${message}\nwhat had the storage before was started again: ${names}`, error);
    } catch (second) {
      return holders.failure(
        `${message}\nwhat had the storage before could not be started again (${names}): ${String(second)}`,
        error,
      );
    }
  }
}
