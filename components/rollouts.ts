import * as pulumi from '@pulumi/pulumi';

type Hook = pulumi.ResourceHook;
type Moment = 'afterCreate' | 'afterUpdate';
const MOMENTS: readonly Moment[] = ['afterCreate', 'afterUpdate'];

/** Names the replicas of a member without the proxies in front of them. */
export const ownReplicas = (member: string) => `${member}'s replicas`;

/** What comes after a member that was not deployed is not deployed either. */
export class NotDeployedError extends Error {}

/**
 * What a deployment waits for beside the steps of Pulumi's engine: that the target says that what it was told is in force.
 *
 * Hooks after a creation or an update are the place for that, but the engine holds the lock of the resource's state while one
 * runs (`CreateStep.Apply` in its step.go), and each time that it writes the state down it waits for all of these locks: while
 * one service comes up, nothing else would go on. So these hooks only begin the wait. Who comes after a member waits in a hook
 * before its own creation or update, where no lock is held.
 */
export class Rollouts {
  /** By member: what comes after it waits for these. */
  private readonly waits = new Map<string, Promise<void>[]>();
  private readonly verdicts: Promise<void>[] = [];
  private readonly failures = new Map<string, string>();

  /**
   * Bindings whose hooks after creation and update do not wait, and count for members from then on.
   *
   * @param binding hooks, told what to call where what comes after the members need not wait until they have ended.
   */
  deferred(
    members: readonly string[],
    resource: () => pulumi.Resource,
    binding: (onReady: () => void) => pulumi.ResourceHookBinding,
  ): pulumi.ResourceHookBinding {
    let onReady!: () => void;
    // A deployment creates or updates a resource once.
    const ready = new Promise<void>((resolve) => (onReady = resolve));
    const result = { ...binding(onReady) };
    // A hook may stand at both moments; its name may be used once.
    const begun = new Map<string, Hook>();
    for (const moment of MOMENTS) {
      const hooks = result[moment] as Hook[] | undefined;
      if (!hooks || hooks.length === 0) continue;
      const key = hooks.map(({ name }) => name).join();
      const hook =
        begun.get(key) ??
        new pulumi.ResourceHook(`${hooks[0]!.name}-begun`, (args) => {
          this.begin(members, resource, ready, async () => {
            for (const one of hooks) await one.callback(args);
          });
        });
      begun.set(key, hook);
      result[moment] = [hook];
    }
    return result;
  }

  /** Waits for members before a resource is created or updated. */
  after(name: string, members: readonly string[]): pulumi.ResourceHookBinding {
    if (members.length === 0) return {};
    const wait = new pulumi.ResourceHook(`${name}-in-turn`, () => this.of(members));
    return { beforeCreate: [wait], beforeUpdate: [wait] };
  }

  /**
   * Resolves once everything that was begun has come up. What has not is told as an error of its resource by then.
   *
   * @throws RunError, which fails the program: errors that are told do not.
   */
  async all(): Promise<void> {
    await this.settled();
    const failed = [...new Set(this.failures.values())].length;
    if (failed > 0)
      throw failure(
        `${failed === 1 ? '1 rollout' : `${failed} rollouts`} failed; resources that are no longer defined were not deleted. Fix the cause and run \`up\` again`,
      );
  }

  private async of(members: readonly string[]): Promise<void> {
    await Promise.all(members.flatMap((member) => this.waits.get(member) ?? []));
    const failed = members.filter((member) => this.failures.has(member));
    if (failed.length === 0) return;
    // The engine ends the program when this step fails, and then nobody would hear how the other rollouts end.
    await this.settled();
    throw new NotDeployedError(`not deployed, because these rollouts failed first: ${failed.join(', ')}`);
  }

  /** Resolves once nothing is waited for, whatever came of it. */
  private async settled(): Promise<void> {
    for (let known = -1; known < this.verdicts.length;) {
      known = this.verdicts.length;
      await Promise.all(this.verdicts);
    }
  }

  private begin(
    members: readonly string[],
    resource: () => pulumi.Resource,
    ready: Promise<void>,
    wait: () => Promise<void>,
  ): void {
    // The program ends when it asks nothing of the engine any more, and then nobody would hear of a failure.
    const done = pulumi.runtime.rpcKeepAlive();
    const verdict = wait()
      .catch(async (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        for (const member of members) this.failures.set(member, message);
        await pulumi.log.error(message, resource());
      })
      .finally(done);
    this.verdicts.push(verdict);
    const goesOn = Promise.race([ready, verdict]);
    for (const member of members) this.waits.set(member, [...(this.waits.get(member) ?? []), goesOn]);
  }
}

/** An error that ends the program with these words alone. Where it fails an output, the SDK would put its own before them. */
function failure(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  return Object.defineProperty(error, 'message', { get: () => message, set: () => undefined });
}
