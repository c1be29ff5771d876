import * as pulumi from '@pulumi/pulumi';
import type { StorageTransfer } from '../storage-transfer';
import { DeploymentError } from './convergence';
import type { Attachment, Engine } from './engine';
import type { Witness } from './witness';
import type { CalleeProxy, FrontProxy, Transitions } from './transition';

/** Proxies ask DNS for replicas twice a second. */
const DISCOVERY_MS = 1_000;

/** A service that Pulumi's provider deploys, and what is waited for. */
export interface ServiceRollout {
  /** Name of the service. */
  service: string;
  /** Name of the microservice or job. */
  member: string;
  /** The engine has a service of the member: this one, or one that this one takes over from. */
  replaces: boolean;
  /** Milliseconds that it has. */
  deadline: number;
  /** Something is called over its proxies as soon as this is up: something that starts after it, or a client. */
  awaited: boolean;
  /** Members that it calls and starts without. */
  unawaited: readonly string[];
  /** Milliseconds for which it may fail to start while one of those is on its way up. */
  patience: number;
  /** Proxies that pass requests on to it now. */
  fronts: readonly FrontProxy[];
  /** Of its storage, from services that have it now. */
  transfer: StorageTransfer;
}

/**
 * The provider takes an update for done as soon as enough replicas run, also while the engine still watches it and may
 * roll it back. These hooks wait for the engine's own verdict, so that `up` succeeds only with the change in force.
 *
 * Proxies in front of a microservice know its replicas before and after an update, until the update has ended or was
 * rolled back.
 */
export function rolloutHooks(
  name: string,
  rollout: ServiceRollout,
  progress: Progress,
  transitions: Transitions,
  engine: Engine,
): pulumi.ResourceHookBinding {
  const { service, member, deadline, fronts, transfer } = rollout;
  let witness: Witness | undefined;
  const watch = new pulumi.ResourceHook(`${name}-witnessed`, async () => {
    witness = await engine.witness(service);
  });
  const updated = new pulumi.ResourceHook(`${name}-updated`, async () => {
    try {
      await engine.converged(service, { deadline, witness });
    } catch (error) {
      // What is not rolled back has replicas of both.
      if (error instanceof DeploymentError && error.rolledBack) {
        await transitions
          .withdraw(member, fronts)
          .catch((second: unknown) => pulumi.log.warn(`${service}: ${String(second)}`));
      }
      throw await transfer.back(error);
    } finally {
      witness?.end();
    }
  });
  const created = new pulumi.ResourceHook(`${name}-created`, async () => {
    const end = Date.now() + rollout.patience;
    const excused = () => Date.now() < end && rollout.unawaited.some((callee) => progress.isStarting(callee));
    try {
      await engine.converged(service, { deadline, created: true, excused });
    } catch (error) {
      throw await transfer.back(withOrderHint(error, rollout.unawaited));
    } finally {
      progress.started(member);
    }
    // By then its proxies have seen the replicas.
    if (rollout.awaited) await new Promise((resolve) => setTimeout(resolve, DISCOVERY_MS));
  });
  if (fronts.length === 0) return { beforeUpdate: [watch], afterCreate: [created], afterUpdate: [updated] };
  const begin = new pulumi.ResourceHook(`${name}-announced`, () => transitions.begin(member, fronts));
  return {
    ...(rollout.replaces ? { beforeCreate: [begin] } : {}),
    beforeUpdate: [watch, begin],
    afterCreate: [created],
    afterUpdate: [updated],
  };
}

/** Members that this deployment creates, and that are on their way up. */
export class Progress {
  private readonly starting: Set<string>;

  constructor(created: Iterable<string>) {
    this.starting = new Set(created);
  }

  isStarting(member: string): boolean {
    return this.starting.has(member);
  }

  started(member: string): void {
    this.starting.delete(member);
  }
}

/** A replica may need to start what it does not wait for. */
function withOrderHint(error: unknown, unawaited: readonly string[]): unknown {
  if (!(error instanceof DeploymentError) || unawaited.length === 0) return error;
  const names = unawaited.join(', ');
  return new DeploymentError(
    `${error.message}\nIt calls ${names} but does not wait for it. If it cannot start without ${names}, add ${names} to its \`after\``,
    error.rolledBack,
  );
}

/** What the engine says of a container that does not run, or is being removed. */
const GONE = /no such container|is not running|marked for removal|is dead/i;

function isGone(error: unknown): boolean {
  return error instanceof Error && GONE.test(error.message);
}

/**
 * Opens the ways of a workload to what it calls before it is created or updated: proxies of microservices that are deployed
 * join its network and listen there, although their own rules come later.
 */
export function callHooks(
  name: string,
  callees: readonly CalleeProxy[],
  transitions: Transitions,
  engine: Engine,
): pulumi.ResourceHookBinding {
  if (callees.length === 0) return {};
  const open = new pulumi.ResourceHook(`${name}-opened`, async () => {
    for (const callee of callees) {
      try {
        await engine.attach(callee.container, [callee.attachment]);
      } catch (error) {
        // One that is not there, or about to be created anew, gets all its ways with its own rules.
        if (isGone(error)) continue;
        throw error;
      }
      await transitions.open(callee, [callee.address]);
    }
  });
  return { beforeCreate: [open], beforeUpdate: [open] };
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
  { image, ...storage }: { prefix: string; volume: string; user: string; image: pulumi.Input<string> },
  transfer: StorageTransfer,
  engine: Engine,
): pulumi.ResourceHookBinding {
  const known = pulumi.output(image);
  const own = new pulumi.ResourceHook(`${name}-storage`, () =>
    transfer.guarded(async () =>
      engine.ownVolume({ ...storage, image: await new Promise<string>((resolve) => void known.apply(resolve)) }),
    ),
  );
  return { beforeCreate: [own], beforeUpdate: [own] };
}

/**
 * Has a proxy join networks before its rules name the addresses. It leaves none here: what called over one may be there
 * until the end of the deployment, so the proxy goes on listening there. A container that is attached while it runs need
 * not be replaced.
 *
 * @returns what must be done before the service counts as created or updated, and what is waited for after that.
 */
export function proxyHooks(
  name: string,
  proxy: {
    /** Of the application. */
    prefix: string;
    container: string;
    configService: string;
    rules: string;
    attachments: readonly Attachment[];
  },
  transitions: Transitions,
  engine: Engine,
  deadline: number,
): { work: pulumi.ResourceHookBinding; waits: pulumi.ResourceHookBinding } {
  const { prefix, container, configService, attachments } = proxy;
  let before: ReadonlySet<string> = new Set();
  // The engine attaches one container to one network after another, and rules that are new are not used before all is done.
  let joined: Promise<void> | undefined;
  const begin = new pulumi.ResourceHook(`${name}-joining`, () => {
    joined = engine.attach(container, attachments);
    // Thrown where it is waited for, which a failed creation never comes to.
    joined.catch(() => undefined);
  });
  const join = new pulumi.ResourceHook(`${name}-join`, () => engine.attach(container, attachments));
  const keep = new pulumi.ResourceHook(`${name}-kept`, async () => {
    before = await engine.taskIds(configService);
    await transitions.keep(proxy);
  });
  // An update that is interrupted meanwhile must not leave a service that the next one has nothing to do with.
  const done = new pulumi.ResourceHook(`${name}-joined`, async () => {
    try {
      await joined;
    } catch (error) {
      // It is recorded as created all the same. The next deployment misses it, and begins again.
      await engine.removeLeftover(prefix, { kind: 'service', name: configService });
      throw error;
    }
  });
  const created = new pulumi.ResourceHook(`${name}-created`, () =>
    engine.rulesApplied(configService, before, { deadline, created: true }),
  );
  const updated = new pulumi.ResourceHook(`${name}-applied`, () =>
    engine.rulesApplied(configService, before, { deadline }),
  );
  return {
    work: { beforeCreate: [begin], beforeUpdate: [join, keep], afterCreate: [done] },
    waits: { afterCreate: [created], afterUpdate: [updated] },
  };
}
