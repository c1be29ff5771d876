import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { isRouted, type ApplicationSpec, type JobSpec } from '../application-spec';
import { nextAttemptOf } from '../attempt';
import type { GatewaySpec } from '../gateway-spec';
import { allHooks } from '../hook-bindings';
import type { MicroserviceSpec } from '../microservice-spec';
import type { ApplicationScope, MemberOptions, MicroserviceOptions } from '../platform';
import { ownReplicas } from '../rollouts';
import { dataName, type StorageSpec } from '../storage';
import type { WorkloadSpec } from '../workload';
import { Deployment } from './deployment';
import { secretFile } from './files';
import { callHooks, keepingHooks, Progress, rolloutHooks, storageHooks, type ServiceRollout } from './hooks';
import { labels } from './identity';
import { Networks } from './networks';
import type { DockerPlan } from './plan';
import type { DockerPlatformArgs } from './platform';
import { Proxies } from './proxies';
import { jobArgs, microserviceArgs, type ServiceContext } from './service';
import { storageTransfer } from './storage-transfer';

type StoredSpec = WorkloadSpec & { storage?: StorageSpec };

const MARGIN = 60_000;

/** Creates the children of an application's members on a Docker engine. */
export class DockerApplication implements ApplicationScope {
  private readonly deployment: Deployment;
  private readonly plan: DockerPlan;
  private readonly networks: Networks;
  private readonly proxies: Proxies;
  private readonly progress: Progress;

  constructor(
    private readonly args: DockerPlatformArgs,
    private readonly spec: ApplicationSpec,
    parent: pulumi.Resource,
  ) {
    this.deployment = new Deployment(args, spec, parent);
    this.plan = this.deployment.plan;
    this.networks = new Networks(this.deployment, spec, parent);
    this.proxies = new Proxies(this.deployment, this.networks);
    this.progress = new Progress(
      [...spec.services, ...spec.jobs.filter(({ run }) => run)]
        .map(({ name }) => name)
        .filter((name) => !this.isDeployed(name)),
    );
  }

  isDeployed(member: string): boolean {
    return this.deployment.isDeployed(member);
  }

  microservice(spec: MicroserviceSpec, name: string, { parent, dependsOn, after, awaited }: MicroserviceOptions): void {
    const context = this.serviceContext(spec, name, parent);
    const rounds = spec.replicas.min + 1;
    const round = spec.startup + spec.monitor + spec.stopGrace;
    const deadline = MARGIN + 2 * rounds * round;
    const service = this.service(spec, name, microserviceArgs(spec, context), {
      parent,
      dependsOn: [...dependsOn, ...this.storage(spec, name, parent)],
      after,
      deadline,
      awaited: awaited || isRouted(this.spec, spec.name),
      patience: spec.startup,
      fronts: this.deployment.deployedOf(this.plan.fronts(spec)),
    });
    const balancer = this.plan.loadBalancer(spec);
    if (balancer) {
      this.proxies.add(
        `${name}-lb`,
        {
          member: spec.name,
          kind: 'load-balancer',
          plan: balancer,
          home: this.networks.of(spec.name),
          transform: spec.transform,
        },
        {
          parent,
          // New replicas are judged by their own rules only; at first there are no others, and waiting costs time.
          ...(this.args.deployed.has(balancer.configService)
            ? { dependsOn: [service], after: [ownReplicas(spec.name)] }
            : {}),
        },
      );
    }
  }

  job(spec: JobSpec, name: string, { parent, dependsOn, after }: MemberOptions): void {
    const context = this.serviceContext(spec, name, parent);
    const before = [...dependsOn, ...this.storage(spec, name, parent)];
    if (!spec.run) return;
    this.service(spec, name, jobArgs(spec, context), {
      parent,
      dependsOn: before,
      after,
      deadline: MARGIN + spec.timeout,
      // Nothing can connect to it.
      awaited: false,
      patience: spec.timeout,
      fronts: [],
    });
  }

  gateway(spec: GatewaySpec, name: string, options: MemberOptions): pulumi.Output<string> {
    const published = this.plan.published(spec);
    const container = this.proxies.add(
      name,
      {
        member: 'gateway',
        kind: 'gateway',
        plan: this.plan.gateway(spec),
        home: this.networks.public(`${name}-network`, options.parent),
        transform: spec.transform,
        published,
      },
      options,
    );
    return container.id.apply(() => `http://127.0.0.1:${published.external}`);
  }

  /**
   * What is left to do when every service is as it should be. After this, Pulumi deletes what is no longer defined: to stop
   * that from here works in every `up`, where a hook before the deletion would make `pulumi destroy` need the program.
   */
  complete(): pulumi.Output<unknown> | undefined {
    if (pulumi.runtime.isDryRun()) return undefined;
    const { addresses, deployed, engine } = this.args;
    const planned = this.plan.networkNames();
    const released = [...addresses.networks.keys()].filter((name) => !planned.includes(name));
    return pulumi.all(this.deployment.services.map(({ name }) => name)).apply(async (names) => {
      // A deployment that failed leaves everything as it is.
      await this.deployment.rollouts.all();
      const removed = [...deployed.keys()].filter((name) => !names.includes(name));
      // They go on calling others until they have finished.
      if (removed.length > 0) await engine.stop(removed);
      await this.proxies.settle();
      if (released.length > 0) await engine.unused(released);
      if (deployed.size > 0) await engine.removeUnusedFolders(this.plan.prefix);
    });
  }

  private service(
    spec: StoredSpec,
    name: string,
    args: docker.ServiceArgs,
    options: Pick<ServiceRollout, 'deadline' | 'awaited' | 'patience' | 'fronts'> & MemberOptions,
  ): docker.Service {
    const { parent, dependsOn, after, ...waiting } = options;
    const { engine, proxyImage: image } = this.args;
    const { progress } = this;
    const { rollouts, services, transitions } = this.deployment;
    const resourceName = `${name}-service`;
    const volume = this.plan.dataVolume(dataName(spec));
    const transfer = storageTransfer(args.name as string, this.formerServices(spec), engine, options.deadline);
    const rollout = {
      ...waiting,
      transfer,
      service: args.name as string,
      member: spec.name,
      replaces: this.isDeployed(spec.name),
      unawaited: spec.calls.filter((callee) => !spec.after.includes(callee)),
    };
    const service: docker.Service = new docker.Service(resourceName, args, {
      parent,
      dependsOn,
      // One that has got another name runs beside the one before until it has taken over.
      deleteBeforeReplace: !rollout.replaces || this.args.deployed.has(rollout.service),
      hooks: allHooks(
        rollouts.after(resourceName, after),
        this.deployment.leftover(resourceName, 'service', rollout.service),
        callHooks(resourceName, this.deployment.deployedOf(this.plan.callees(spec)), transitions, engine),
        rollouts.deferred(
          [spec.name, ownReplicas(spec.name)],
          () => service,
          () =>
            allHooks(
              // Before those that wait for the engine.
              keepingHooks(resourceName, rollout.service, engine),
              rolloutHooks(resourceName, rollout, progress, transitions, engine),
            ),
        ),
        // What has the storage serves until everything else is ready.
        transfer.hooks(resourceName),
        spec.storage
          ? storageHooks(resourceName, { prefix: this.plan.prefix, volume, user: spec.user, image }, transfer, engine)
          : {},
      ),
    });
    services.push(service);
    return service;
  }

  /** Services that have the data of a workload now, and will not be there after this deployment. */
  private formerServices(spec: StoredSpec): string[] {
    if (!spec.storage) return [];
    const volume = this.plan.dataVolume(dataName(spec));
    const { services, jobs } = this.spec;
    const stay = new Set([...services, ...jobs].map(({ name }) => this.plan.serviceName(name)));
    return [...this.args.deployed]
      .filter(([name, { volumes }]) => volumes.includes(volume) && !stay.has(name))
      .map(([name]) => name);
  }

  private storage(spec: StoredSpec, name: string, parent: pulumi.Resource): docker.Volume[] {
    if (!spec.storage) return [];
    return [
      new docker.Volume(
        `${name}-data`,
        { name: this.plan.dataVolume(dataName(spec)), labels: labels(this.plan.prefix, dataName(spec), 'data') },
        // Data outlives `destroy`; deleting it takes a decision of its own.
        { parent, retainOnDelete: true },
      ),
    ];
  }

  private serviceContext(spec: MicroserviceSpec | JobSpec, name: string, parent: pulumi.Resource): ServiceContext {
    return {
      prefix: this.plan.prefix,
      serviceName: this.plan.serviceName(spec.name),
      networkIds: this.networks.idsOf(spec.name),
      probe: this.deployment.probe,
      secrets: Object.entries(spec.secrets)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([fileName, secret]) =>
          secretFile(
            `${name}-secret-${fileName}`,
            fileName,
            secret,
            labels(this.plan.prefix, spec.name, 'secret'),
            parent,
          ),
        ),
      ...(spec.storage ? { volume: this.plan.dataVolume(dataName(spec)) } : {}),
      attempt: nextAttemptOf(spec, this.args.deployed.get(this.plan.serviceName(spec.name))),
    };
  }
}
