import { DRAIN } from './deployment';
import type { KubernetesPlatformArgs } from './platform';

/** A node that is made on demand takes its minutes; in a cluster of fixed size, waiting makes no room. */
const PLACEMENT = { fixed: 30_000, onDemand: 300_000 };
/** A network load balancer of AWS goes on sending connections for about a minute. */
const LOAD_BALANCER_DRAIN = 60;

/** Time that a pod may wait for a place, in milliseconds. */
export function placementOf({ nodesOnDemand }: Pick<KubernetesPlatformArgs, 'nodesOnDemand'>): number {
  return nodesOnDemand === true ? PLACEMENT.onDemand : PLACEMENT.fixed;
}

/** Time in seconds until whoever is in front of the gateway sends a pod that leaves no new request. */
export function gatewayDrain({
  gatewayDrain,
  exposure,
}: Pick<KubernetesPlatformArgs, 'gatewayDrain' | 'exposure'>): number {
  return gatewayDrain ?? (exposure.kind === 'LoadBalancer' ? LOAD_BALANCER_DRAIN : DRAIN);
}
