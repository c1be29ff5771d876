import * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { haproxyConfiguration, type ProxySpec } from '../haproxy/configuration';
import { nextAttempt, nextAttemptOf } from '../attempt';
import { allHooks } from '../hook-bindings';
import { shortened, shortHash } from '../identity';
import type { JobSpec } from '../application-spec';
import type { MicroserviceSpec } from '../microservice-spec';
import type { Rollouts } from '../rollouts';
import { secretData, settledInputs } from '../secret-value';
import { dataName, type StorageSpec } from '../storage';
import type { StorageTransfer } from '../storage-transfer';
import type { Transform } from '../transform';
import type { WorkloadSpec } from '../workload';
import { claimArgs, claimName } from './claim';
import type { RolloutTimes } from './cluster';
import type { DeploymentContext } from './deployment';
import { disruptionBudgetArgs } from './disruption-budget';
import { callHooks, rolloutHooks } from './hooks';
import { labels, type ComponentKind } from './labels';
import { MAX_NAME, objectNamePart } from './names';
import type { KubernetesPlatformArgs } from './platform';
import type { SecretFile } from './pod';
import { configurationArgs, configurationFiles, PROXY_STARTUP, proxyRolloutTime, type ProxyContext } from './proxy';
import type { ObjectContext } from './service';
import { serviceAccountArgs } from './service-account';
import { placementOf } from './times';

/** Time for what is not the rollout itself, in milliseconds. */
export const MARGIN = 60_000;
/** Pods of each proxy. */
const PROXY_REPLICAS = 2;

/** Which proxy it is: the resource's name, that of its pods, and how long they go on when they leave. */
interface ProxyPlace {
  name: string;
  member: string;
  kind: ComponentKind;
  /** Seconds. */
  drain: number;
  replicas?: number | undefined;
}

/** When a Deployment comes, beside what it depends on. */
interface Turn {
  parent: pulumi.Resource;
  dependsOn: pulumi.Resource[];
  /** What must have been rolled out before. */
  after: readonly string[];
  /** Names under which others come after it. */
  members: readonly string[];
}

/** Creates what every workload of an application consists of: Deployments, and what their pods need. */
export class Workloads {
  readonly placement: number;

  constructor(
    private readonly args: KubernetesPlatformArgs,
    /** Name of the namespace; that of `context` is known once it is there. */
    readonly namespace: string,
    readonly context: ObjectContext,
    private readonly rollouts: Rollouts,
  ) {
    this.placement = placementOf(args);
  }

  /**
   * @param least replicas that run at least, where an autoscaler decides their number.
   * @param transfer of its storage.
   * @param callees what it calls, and the ports that it asks at.
   */
  deployment(
    name: string,
    deployment: string,
    args: kubernetes.apps.v1.DeploymentArgs,
    { parent, dependsOn, after, members }: Turn,
    times: RolloutTimes,
    {
      least,
      transfer,
      callees = [],
    }: {
      least?: number | undefined;
      transfer?: StorageTransfer | undefined;
      callees?: readonly { name: string; port: number }[];
    } = {},
  ): kubernetes.apps.v1.Deployment {
    const { cluster } = this.args;
    const resource = `${name}-deployment`;
    const created: kubernetes.apps.v1.Deployment = new kubernetes.apps.v1.Deployment(resource, args, {
      parent,
      dependsOn,
      hooks: allHooks(
        this.rollouts.after(resource, after),
        callHooks(resource, this.namespace, callees, cluster),
        this.rollouts.deferred(
          members,
          () => created,
          (onReady) =>
            rolloutHooks(resource, this.namespace, deployment, cluster, { ...times, onReady }, { least, transfer }),
        ),
        // What has the storage serves until everything else is ready.
        transfer?.hooks(resource) ?? {},
      ),
    });
    return created;
  }

  claim(
    name: string,
    spec: { name: string; storage?: StorageSpec },
    kind: 'microservice' | 'job',
    size: number,
    parent: pulumi.Resource,
  ): pulumi.Output<string> {
    const { facts, storageClass } = this.args;
    const data = dataName(spec);
    const found = facts?.claims?.get(claimName(data));
    // To name the class that the cluster has chosen is no change to the claim, but would be one to the provider, which replaces
    // the claim and all that mounts it.
    const named = found?.choseClass === false ? undefined : storageClass;
    const args = claimArgs(data, kind, size, named, this.context);
    // Data outlives `destroy`; deleting it takes a decision of its own.
    const options = { parent, retainOnDelete: true };
    return new kubernetes.core.v1.PersistentVolumeClaim(`${name}-data`, args, options).metadata.name;
  }

  disruptionBudget(name: string, member: string, kind: ComponentKind, parent: pulumi.Resource): void {
    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      disruptionBudgetArgs(member, kind, this.context),
      { parent },
    );
  }

  /** What HAProxy's pods need, with the rules as an object of their own. */
  proxyContext(
    { name, member, kind, drain, replicas = PROXY_REPLICAS }: ProxyPlace,
    proxy: ProxySpec,
    transform: Transform,
    parent: pulumi.Resource,
  ): ProxyContext {
    const rendered = haproxyConfiguration(proxy);
    const text = transform.proxy?.(rendered) ?? rendered;
    // Another content is another resource, not a replacement: a deployment that fails half-way must leave the rules that
    // the old pods need, and what is to be replaced would be deleted before anything else the next time.
    const configuration = new kubernetes.core.v1.ConfigMap(
      `${name}-configuration-${shortHash(JSON.stringify(configurationFiles(text)), 10)}`,
      configurationArgs(text, { name: member, kind }, this.context),
      { parent },
    );
    return {
      ...this.podContext(member, name, kind, parent),
      attempt: nextAttempt(this.args.deployed.get(member)),
      image: this.args.proxyImage,
      replicas,
      proxy,
      configuration: configuration.metadata.name,
      drain,
    };
  }

  proxyTimes({ replicas }: ProxyContext): RolloutTimes {
    const deadline = MARGIN + this.placement + proxyRolloutTime(replicas);
    return { startup: PROXY_STARTUP, placement: this.placement, deadline };
  }

  deploymentContext(
    spec: MicroserviceSpec | JobSpec,
    name: string,
    kind: ComponentKind,
    parent: pulumi.Resource,
  ): DeploymentContext {
    return {
      ...this.podContext(spec.name, name, kind, parent),
      attempt: nextAttemptOf(spec, this.args.deployed.get(spec.name)),
      secrets: Object.entries(spec.secrets)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([fileName, secret]) => this.secretFile(name, spec.name, fileName, secret, parent)),
    };
  }

  /** What every pod needs. */
  private podContext(
    member: string,
    name: string,
    kind: ComponentKind,
    parent: pulumi.Resource,
  ): Omit<DeploymentContext, 'attempt' | 'claim' | 'secrets'> {
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      serviceAccountArgs(member, kind, { ...this.context, pullSecrets: this.args.pullSecrets }),
      { parent },
    );
    return {
      namespace: this.context.namespace,
      partOf: this.context.partOf,
      serviceAccount: account.metadata.name,
      helperImage: this.args.proxyImage,
      architecture: this.args.architecture,
      placement: this.placement,
    };
  }

  /** Another version is another resource, for the same reason as with the gateway's rules. */
  private secretFile(
    name: string,
    member: string,
    fileName: string,
    spec: WorkloadSpec['secrets'][string],
    parent: pulumi.Resource,
  ): SecretFile {
    const readable = objectNamePart(fileName);
    const secret = new kubernetes.core.v1.Secret(
      shortened(`${name}-secret-${readable}${spec.version === undefined ? '' : `-${spec.version}`}`, MAX_NAME),
      {
        metadata: { namespace: this.context.namespace, labels: labels(this.context.partOf, member, 'secret') },
        immutable: true,
        type: 'Opaque',
        data: { [fileName]: secretData(spec) },
      },
      { parent, ignoreChanges: settledInputs(spec) },
    );
    return { name: secret.metadata.name, fileName };
  }
}
