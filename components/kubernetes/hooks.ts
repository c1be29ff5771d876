import * as pulumi from '@pulumi/pulumi';
import type { Cluster, GoodVersion, RolloutWait } from './cluster';

/** A new version may stumble on its way up before anything depends on it; one that replaces another may not. */
const RESTARTS_OF_A_FIRST_START = 2;

/**
 * Waits for a Deployment in the cluster's place: the provider waits for a fixed time, however long ago a rollout has
 * failed. An update that fails is taken back before the deployment ends.
 *
 * @param wait its `onReady` is called at a first rollout only: one that replaces something may be rolled back until it has ended.
 * @param least replicas that run at least, where an autoscaler decides their number.
 */
export function rolloutHooks(
  name: string,
  namespace: string,
  deployment: string,
  cluster: Cluster,
  { onReady, ...wait }: Omit<RolloutWait, 'restarts'>,
  least?: number,
): pulumi.ResourceHookBinding {
  let good: GoodVersion | undefined;
  const remember = new pulumi.ResourceHook(`${name}-before`, async () => {
    good = await cluster.lastGood(namespace, deployment);
    if (least === undefined) {
      await cluster.takeOver(namespace, deployment);
    } else {
      await cluster.handOver(namespace, deployment, least);
      delete good?.spec.replicas;
    }
  });
  const created = new pulumi.ResourceHook(`${name}-created`, async () => {
    if (least !== undefined) await cluster.handOver(namespace, deployment, least);
    await cluster.rolledOut(namespace, deployment, { ...wait, onReady, restarts: RESTARTS_OF_A_FIRST_START });
  });
  const updated = new pulumi.ResourceHook(`${name}-updated`, () =>
    cluster.rolledOut(namespace, deployment, { ...wait, restarts: good ? 0 : RESTARTS_OF_A_FIRST_START }, good),
  );
  return { beforeUpdate: [remember], afterCreate: [created], afterUpdate: [updated] };
}

/** Ends what had the claim of a Deployment before, under the name that its microservice had then. */
export function handOverHooks(
  name: string,
  namespace: string,
  former: string | undefined,
  cluster: Cluster,
  deadline: number,
): pulumi.ResourceHookBinding {
  if (former === undefined) return {};
  const stop = new pulumi.ResourceHook(`${name}-handed-over`, () => cluster.stop(namespace, former, deadline));
  return { beforeCreate: [stop] };
}

/** Waits until a Job has ended well. */
export function jobHooks(
  name: string,
  namespace: string,
  cluster: Cluster,
  deadline: number,
): pulumi.ResourceHookBinding {
  const completed = new pulumi.ResourceHook(`${name}-completed`, ({ newOutputs }) => {
    const { metadata } = newOutputs as { metadata: { name: string } };
    return cluster.completed(namespace, metadata.name, deadline);
  });
  return { afterCreate: [completed], afterUpdate: [completed] };
}
