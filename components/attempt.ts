/** What a target knows of a service of ours before a deployment. */
export interface DeployedAttempt {
  /** The attempt that it runs. */
  attempt: number;
  /** The last update was rolled back, or the service has never run: the next deployment has to try again. */
  failed: boolean;
  /** When that was, in seconds. */
  failedAt: number;
  /** It has no replica by number: a deployment that was interrupted after it had stopped the service leaves it so. */
  stopped?: boolean;
}

/**
 * The attempt that a deployment makes: another one where the same arguments have to be a change to the provider, which knows
 * only what it has written itself.
 *
 * @param incomplete what runs is less than what was deployed.
 */
export function nextAttempt(deployed: DeployedAttempt | undefined, incomplete = deployed?.stopped === true): number {
  if (!deployed) return 0;
  if (deployed.failed) return deployed.failedAt;
  return incomplete ? deployed.attempt + 1 : deployed.attempt;
}

/** The same for a microservice or job: one that is to have no replica is not stopped. */
export function nextAttemptOf(
  spec: { name: string; replicas?: { min: number } },
  deployed: DeployedAttempt | undefined,
): number {
  return nextAttempt(deployed, deployed?.stopped === true && spec.replicas?.min !== 0);
}
