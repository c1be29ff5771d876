import * as pulumi from '@pulumi/pulumi';
import { StorageTransfer } from '../storage-transfer';
import type { Cluster, GoodVersion, RolloutTimes, RolloutWait } from './cluster';

/** A new version may stumble on its way up before anything depends on it; one that replaces another may not. */
const RESTARTS_OF_A_FIRST_START = 2;

/**
 * Waits for a Deployment in the cluster's place: the provider waits for a fixed time, however long ago a rollout has
 * failed. An update that fails is taken back before the deployment ends.
 *
 * @param times with `onReady`, which is called at a first rollout only: one that replaces something may be rolled back until it has ended.
 * @param least replicas that run at least, where an autoscaler decides their number.
 * @param transfer of the storage that it has.
 */
export function rolloutHooks(
  name: string,
  namespace: string,
  deployment: string,
  cluster: Cluster,
  { onReady, ...times }: RolloutTimes & Pick<RolloutWait, 'onReady'>,
  {
    least,
    transfer = new StorageTransfer(),
  }: { least?: number | undefined; transfer?: StorageTransfer | undefined } = {},
): pulumi.ResourceHookBinding {
  let good: GoodVersion | undefined;
  const rolledOut = (more: Pick<RolloutWait, 'restarts' | 'onReady'>, ...versions: [GoodVersion?]) =>
    transfer.guarded(() => cluster.rolledOut(namespace, deployment, { ...times, ...more }, ...versions));
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
    await rolledOut({ onReady, restarts: RESTARTS_OF_A_FIRST_START });
  });
  const updated = new pulumi.ResourceHook(`${name}-updated`, () =>
    rolledOut({ restarts: good ? 0 : RESTARTS_OF_A_FIRST_START }, good),
  );
  return { beforeUpdate: [remember], afterCreate: [created], afterUpdate: [updated] };
}

/**
 * Opens the ports of what a workload calls before it is created or updated: its next version asks there, while the Services
 * themselves change after the replicas behind them, or not at all where those fail.
 */
export function callHooks(
  name: string,
  namespace: string,
  callees: readonly { name: string; port: number }[],
  cluster: Cluster,
): pulumi.ResourceHookBinding {
  if (callees.length === 0) return {};
  const open = new pulumi.ResourceHook(`${name}-opened`, async () => {
    for (const callee of callees) await cluster.openPort(namespace, callee.name, callee.port);
  });
  return { beforeCreate: [open], beforeUpdate: [open] };
}

/** Waits until a Job has ended well. */
export function jobHooks(
  name: string,
  namespace: string,
  cluster: Cluster,
  deadline: number,
  transfer = new StorageTransfer(),
): pulumi.ResourceHookBinding {
  const completed = new pulumi.ResourceHook(`${name}-completed`, async ({ newOutputs }) => {
    const { metadata } = newOutputs as { metadata: { name: string } };
    await transfer.guarded(() => cluster.completed(namespace, metadata.name, deadline));
  });
  return { afterCreate: [completed], afterUpdate: [completed] };
}
