import * as pulumi from '@pulumi/pulumi';
import { refusedHooks, withStorageReturned } from '../storage';
import { DeploymentError } from './convergence';
import type { Engine } from './engine';

/** Time that a replica which was stopped has to come up again, beside what its definition allows a new one. */
const AGAIN_MS = 60_000;

/**
 * Storage goes from the services that have it to the one that will: two at once would write to one volume. Those end before
 * the other one starts, and start again where it fails.
 */
export class StorageTransfer {
  /** What this deployment has stopped, with the number of its replicas. */
  private stopped: ReadonlyMap<string, number> = new Map();

  /**
   * @param service the one that will have the storage.
   * @param former services that have it, and will not.
   */
  constructor(
    private readonly service: string,
    private readonly former: readonly string[],
    private readonly engine: Pick<Engine, 'stop' | 'start'>,
    /** Milliseconds that a replica has to come up. */
    private readonly startup: number,
  ) {}

  /** What is done before the service is created or updated, and where the engine refuses that. */
  hooks(name: string): pulumi.ResourceHookBinding {
    if (this.former.length === 0) return {};
    const stop = new pulumi.ResourceHook(`${name}-handed-over`, async () => {
      this.stopped = await this.engine.stop(this.former);
    });
    return {
      beforeCreate: [stop],
      beforeUpdate: [stop],
      ...refusedHooks(name, (error) => this.back(error)),
    };
  }

  /** Does what comes between the two; where it fails, the storage goes back. */
  async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw await this.back(error);
    }
  }

  /**
   * Gives the storage back to those that had it, after the service has failed.
   *
   * @returns the error, with what was done.
   */
  async back(error: unknown): Promise<unknown> {
    if (this.stopped.size === 0) return error;
    const message = await withStorageReturned(error, this.stopped, async () => {
      await this.engine.stop([this.service]);
      await this.engine.start(this.stopped, this.startup + AGAIN_MS);
    });
    return new DeploymentError(message, error instanceof DeploymentError && error.rolledBack);
  }
}
