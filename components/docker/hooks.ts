import * as pulumi from '@pulumi/pulumi';
import { DeploymentError, type Attachment, type Engine } from './engine';
import type { FrontProxy, Transitions } from './transition';

/** A load balancer asks DNS for replicas once a second. */
const DISCOVERY = 1_500;

/**
 * The provider takes an update for done as soon as enough replicas run, also while the engine still watches it and may
 * take it back. These hooks wait for the engine's own verdict, so that `up` succeeds only with the change in force.
 */
export function convergenceHooks(
  name: string,
  service: string,
  engine: Engine,
  deadline: number,
  failed: (error: unknown) => Promise<void> = () => Promise.resolve(),
): pulumi.ResourceHookBinding {
  const updated = new pulumi.ResourceHook(`${name}-updated`, async () => {
    try {
      await engine.converged(service, deadline);
    } catch (error) {
      await failed(error).catch((second: unknown) => pulumi.log.warn(`${service}: ${String(second)}`));
      throw error;
    }
  });
  const created = new pulumi.ResourceHook(`${name}-created`, async () => {
    await engine.converged(service, deadline);
    // What depends on it calls it at once; by then its load balancer has seen the replicas.
    await new Promise((resolve) => setTimeout(resolve, DISCOVERY));
  });
  return { afterCreate: [created], afterUpdate: [updated] };
}

/**
 * Has the proxies in front of a microservice know its replicas before and after an update, until the update has ended or
 * was rolled back.
 */
export function transitionHooks(
  name: string,
  rollout: { service: string; member: string; fronts: readonly FrontProxy[] },
  transitions: Transitions,
  engine: Engine,
  deadline: number,
): pulumi.ResourceHookBinding {
  const { service, member, fronts } = rollout;
  const begin = new pulumi.ResourceHook(`${name}-announced`, () => transitions.begin(member, fronts));
  const waiting = convergenceHooks(name, service, engine, deadline, async (error) => {
    // What is not rolled back has replicas of both.
    if (error instanceof DeploymentError && error.rolledBack) await transitions.withdraw(member, fronts);
  });
  return { ...waiting, beforeUpdate: [begin] };
}

/** Leaves replicas alone that an update need not replace: those that stay when their number changes. */
export function keepingHooks(name: string, service: string, engine: Engine): pulumi.ResourceHookBinding {
  let updated = false;
  let kept: Promise<unknown> | undefined;
  const watch = new pulumi.ResourceHook(`${name}-watched`, async () => {
    const before = await engine.taskTemplate(service);
    if (!before) return;
    updated = false;
    kept = engine.keepReplicas(service, before, () => updated);
    // Thrown where it is waited for, which a failed update never comes to.
    kept.catch(() => undefined);
  });
  const keep = new pulumi.ResourceHook(`${name}-kept`, async () => {
    updated = true;
    await kept;
  });
  return { beforeUpdate: [watch], afterUpdate: [keep] };
}

/** Gives the storage to the service's user before a replica needs it, also when that user changes. */
export function storageHooks(
  name: string,
  storage: { volume: string; user: string; image: pulumi.Input<string> },
  engine: Engine,
): pulumi.ResourceHookBinding {
  const image = pulumi.output(storage.image);
  const own = new pulumi.ResourceHook(`${name}-storage`, async () =>
    engine.ownVolume(storage.volume, storage.user, await new Promise<string>((resolve) => void image.apply(resolve))),
  );
  return { beforeCreate: [own], beforeUpdate: [own] };
}

/**
 * Brings a proxy's networks into line with its configuration: joins before the configuration names the addresses,
 * leaves after it no longer does. A container that is attached while it runs need not be replaced.
 */
export function proxyHooks(
  name: string,
  proxy: { container: string; ownNetworks: readonly string[]; attachments: readonly Attachment[]; service: string },
  engine: Engine,
  deadline: number,
): pulumi.ResourceHookBinding {
  const join = new pulumi.ResourceHook(`${name}-join`, () => engine.attach(proxy.container, proxy.attachments));
  const settle = new pulumi.ResourceHook(`${name}-applied`, async () => {
    await engine.converged(proxy.service, deadline);
    await engine.detachOthers(proxy.container, [
      ...proxy.ownNetworks,
      ...proxy.attachments.map(({ network }) => network),
    ]);
  });
  return { beforeCreate: [join], beforeUpdate: [join], afterCreate: [settle], afterUpdate: [settle] };
}

/** Hooks of several purposes, in this order at each moment. */
export function allHooks(...bindings: readonly pulumi.ResourceHookBinding[]): pulumi.ResourceHookBinding {
  const result: Record<string, pulumi.ResourceHook[]> = {};
  for (const binding of bindings) {
    for (const [moment, hooks] of Object.entries(binding) as [string, pulumi.ResourceHook[]][])
      result[moment] = [...(result[moment] ?? []), ...hooks];
  }
  return result;
}
