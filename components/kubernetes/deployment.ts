import type { apps, types } from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { MicroserviceSpec } from '../microservice-spec';
import { ANNOTATION, labels, NOT_AWAITED, OWNED, selector, type ComponentKind } from './labels';
import { podSpec, storageParts, type PodContext } from './pod';
import { probes } from './probes';
import { wholeSeconds } from './quantities';
import { PULL } from './rollout';
import { PORT_NAME } from './service';

/** What a Deployment needs of what was created before it. */
export interface DeploymentContext extends Omit<PodContext, 'selector'> {
  namespace: pulumi.Input<string>;
  partOf: string;
  /** Claim of the storage. */
  claim?: pulumi.Input<string>;
  /** Counter of attempts; see ANNOTATION. */
  attempt: number;
  /** Time that a pod may wait for a place, in milliseconds. */
  placement: number;
}

/**
 * Time in seconds from the decision that a pod leaves until nobody sends it a new request: answers of the cluster's
 * DNS are up to 5 s old, the gateway asks it once a second and drops what is gone after another, and there is room for
 * a slow moment.
 */
export const DRAIN = 10;

/** Old versions that are kept to go back to by hand. */
export const HISTORY = 5;

/** Renders a microservice's replicas. */
export function deploymentArgs(spec: MicroserviceSpec, context: DeploymentContext): apps.v1.DeploymentArgs {
  const matchLabels = selector(context.partOf, spec.name);
  const args: apps.v1.DeploymentArgs = {
    metadata: deploymentMetadata(spec.name, 'microservice', context),
    spec: {
      // With a range the autoscaler decides, and would be overruled by each deployment.
      ...(spec.replicas.cpu === undefined ? { replicas: spec.replicas.min } : {}),
      selector: { matchLabels },
      strategy: strategy(spec.storage !== undefined),
      ...rolloutTimes(spec, context.placement),
      revisionHistoryLimit: HISTORY,
      template: {
        metadata: templateMetadata(spec.name, 'microservice', context),
        spec: podSpec(
          spec,
          { ...context, selector: matchLabels },
          {
            restartPolicy: 'Always',
            movable: spec.storage === undefined,
            // With storage no other replica can take over: waiting would only lengthen the gap.
            drain: spec.storage || spec.port === undefined ? 0 : DRAIN,
            container: {
              ...(spec.port === undefined
                ? {}
                : { ports: [{ name: PORT_NAME, containerPort: spec.port, protocol: 'TCP' }] }),
              ...probes(spec),
            },
            ...storageParts(spec.storage, context.claim),
          },
        ),
      },
    },
  };
  return spec.transform.kubernetes?.deployment?.(args) ?? args;
}

/** Metadata of a Deployment that a hook waits for. */
export function deploymentMetadata(
  name: string,
  kind: ComponentKind,
  { namespace, partOf, attempt }: Pick<DeploymentContext, 'namespace' | 'partOf' | 'attempt'>,
): types.input.meta.v1.ObjectMeta {
  return {
    name,
    namespace,
    labels: labels(partOf, name, kind),
    annotations: { ...OWNED, ...NOT_AWAITED, ...attemptAnnotation(attempt) },
  };
}

/** Metadata of a pod: another attempt is another pod, even of the same definition. */
export function templateMetadata(
  name: string,
  kind: ComponentKind,
  { partOf, attempt }: Pick<DeploymentContext, 'partOf' | 'attempt'>,
  more: Readonly<Record<string, string>> = {},
): types.input.meta.v1.ObjectMeta {
  const annotations = { ...attemptAnnotation(attempt), ...more };
  return { labels: labels(partOf, name, kind), ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
}

export function attemptAnnotation(attempt: number): Record<string, string> {
  return attempt === 0 ? {} : { [ANNOTATION.attempt]: String(attempt) };
}

/** One new replica at a time before an old one goes; two must never write to one storage. */
export function strategy(storage: boolean): types.input.apps.v1.DeploymentStrategy {
  return storage ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
}

/** How long a replica must stay healthy, and how long a rollout may stand still. */
export function rolloutTimes(
  { startup, monitor }: Pick<MicroserviceSpec, 'startup' | 'monitor'>,
  placement: number,
): { minReadySeconds: number; progressDeadlineSeconds: number } {
  const minReadySeconds = wholeSeconds(monitor);
  return { minReadySeconds, progressDeadlineSeconds: minReadySeconds + wholeSeconds(startup + PULL + placement) };
}
