import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRouted, type ApplicationSpec, type JobSpec } from '../application-spec';
import { nextAttempt, nextAttemptOf } from '../attempt';
import { allHooks } from '../hook-bindings';
import { GATEWAY, type GatewaySpec } from '../gateway-spec';
import { RULES } from '../haproxy/rules';
import type { MicroserviceSpec } from '../microservice-spec';
import type { ApplicationScope, MemberOptions, MicroserviceOptions } from '../platform';
import { ownReplicas, Rollouts } from '../rollouts';
import { dataName, formerOwner, type StorageSpec } from '../storage';
import type { Transform } from '../transform';
import type { WorkloadSpec } from '../workload';
import {
  callHooks,
  handOverHooks,
  keepingHooks,
  Progress,
  proxyHooks,
  rolloutHooks,
  storageHooks,
  type ServiceRollout,
} from './hooks';
import { labels, type ComponentKind } from './identity';
import { leftoverHooks } from './leftover-hooks';
import type { NamedKind } from './leftovers';
import { DockerPlan, proxyRules, type NetworkPlan, type ProxyPlan } from './plan';
import type { DockerPlatformArgs } from './platform';
import { proxyConfigArgs, proxyContainerArgs, type ProxyContext } from './proxy';
import { configFile, secretFile } from './files';
import { jobArgs, microserviceArgs, type ConfigFile, type ServiceContext } from './service';
import { Transitions } from './transition';

type StoredSpec = WorkloadSpec & { storage?: StorageSpec };

const PROXY_DEADLINE = 60_000;
const MARGIN = 60_000;

/** The path of the probe for a processor; the same bytes as its source gives (see probe/build.sh). */
export function probePath(architecture: 'amd64' | 'arm64'): string {
  return join(__dirname, 'probe', `probe-linux-${architecture}`);
}

/** Creates the children of an application's members on a Docker engine. */
export class DockerApplication implements ApplicationScope {
  private readonly plan: DockerPlan;
  private readonly networks = new Map<string, docker.Network>();
  /** Of those that may reach the internet. */
  private readonly internet = new Map<string, docker.Network>();
  private readonly probe: ConfigFile;
  private readonly rules: ConfigFile;
  private readonly transitions: Transitions;
  private readonly progress: Progress;
  private readonly rollouts = new Rollouts();
  private readonly services: docker.Service[] = [];
  private readonly proxies: { plan: ProxyPlan; networks: string[] }[] = [];

  constructor(
    private readonly args: DockerPlatformArgs,
    private readonly spec: ApplicationSpec,
    parent: pulumi.Resource,
  ) {
    this.plan = new DockerPlan(spec, args.identity, args.addressRange, args.addresses, args.deployed);
    this.transitions = new Transitions(args.engine);
    this.progress = new Progress(
      [...spec.services, ...spec.jobs.filter(({ run }) => run)]
        .map(({ name }) => name)
        .filter((name) => !this.isDeployed(name)),
    );
    this.probe = this.file(`${spec.name}-probe`, ['probe'], readFileSync(probePath(args.architecture)), parent);
    this.rules = this.file(`${spec.name}-rules`, ['rules'], RULES, parent);
    for (const [kind, members] of [
      ['microservice', spec.services],
      ['job', spec.jobs],
    ] as const) {
      for (const member of members) {
        const { name } = member;
        this.networks.set(
          name,
          this.overlay(`${spec.name}-${name}-network`, name, kind, this.plan.network(name), parent),
        );
        const internet = this.plan.internetNetwork(member);
        if (internet)
          this.internet.set(name, this.overlay(`${spec.name}-${name}-internet`, name, kind, internet, parent));
      }
    }
  }

  isDeployed(member: string): boolean {
    return member === GATEWAY ? this.args.deployed.has(this.plan.gatewayService) : this.plan.isDeployed(member);
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
      fronts: this.deployedOf(this.plan.fronts(spec)),
    });
    const balancer = this.plan.loadBalancer(spec);
    if (balancer) {
      const own = this.networks.get(spec.name)!;
      this.proxy(
        `${name}-lb`,
        spec.name,
        'load-balancer',
        balancer,
        { resource: own, name: this.plan.network(spec.name).name },
        spec.transform,
        parent,
        // New replicas are judged by their own rules only; at first there are no others, and waiting costs time.
        this.args.deployed.has(balancer.configService) ? { dependsOn: [service], after: [ownReplicas(spec.name)] } : {},
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

  gateway(spec: GatewaySpec, name: string, { parent, dependsOn, after }: MemberOptions): pulumi.Output<string> {
    const network = this.plan.publicNetwork();
    const resource = new docker.Network(
      `${name}-network`,
      {
        name: network.name,
        driver: 'bridge',
        ipamConfigs: [{ subnet: network.subnet, gateway: network.gateway }],
        labels: labels(this.plan.prefix, 'gateway', 'gateway'),
      },
      { parent, deleteBeforeReplace: true, hooks: this.leftover(`${name}-network`, 'network', network.name) },
    );
    const published = this.plan.published(spec);
    const container = this.proxy(
      name,
      'gateway',
      'gateway',
      this.plan.gateway(spec),
      { resource, name: network.name, address: network.address },
      spec.transform,
      parent,
      { dependsOn, after },
      published,
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
    const proxies = this.proxies.filter(({ plan }) => deployed.has(plan.configService));
    return pulumi.all(this.services.map(({ name }) => name)).apply(async (names) => {
      // A deployment that failed leaves everything as it is.
      await this.rollouts.all();
      const removed = [...deployed.keys()].filter((name) => !names.includes(name));
      // They go on calling others until they have finished.
      if (removed.length > 0) await engine.stop(removed);
      await this.transitions.end(proxies.map(({ plan }) => plan));
      await Promise.all(proxies.map(({ plan, networks }) => engine.detachOthers(plan.container, networks)));
      if (released.length > 0) await engine.unused(released);
      if (deployed.size > 0) await engine.removeUnusedFolders(this.plan.prefix);
    });
  }

  private proxy(
    name: string,
    member: string,
    kind: ProxyContext['kind'],
    plan: ProxyPlan,
    home: { resource: docker.Network; name: string; address?: string },
    transform: Transform,
    parent: pulumi.Resource,
    { dependsOn = [], after = [] }: Partial<Pick<MemberOptions, 'dependsOn' | 'after'>>,
    published?: ProxyContext['published'],
  ): docker.Container {
    const networks = [home.name, ...plan.attachments.map(({ network }) => network)];
    this.proxies.push({ plan, networks });
    const rules = proxyRules(plan.proxy, transform);
    const configuration = this.file(`${name}-configuration`, [member, 'proxy'], rules, parent);
    const volume = new docker.Volume(
      `${name}-volume`,
      { name: plan.volume, labels: labels(this.plan.prefix, member, kind) },
      { parent, deleteBeforeReplace: true },
    );
    const context: ProxyContext = {
      prefix: this.plan.prefix,
      name: member,
      kind,
      containerName: plan.container,
      image: this.args.proxyImage,
      volume: plan.volume,
      network: home.resource.name,
      memory: plan.memory,
      ...(home.address === undefined ? {} : { address: home.address }),
      ...(published ? { published } : {}),
    };
    const args = proxyContainerArgs(context);
    const container = new docker.Container(`${name}-container`, transform.docker?.proxyContainer?.(args) ?? args, {
      parent,
      deleteBeforeReplace: true,
      // It is removed before the networks it was attached to while it ran.
      dependsOn: [volume, ...this.networks.values()],
      hooks: this.leftover(`${name}-container`, 'container', plan.container),
    });
    const { work, waits } = proxyHooks(
      name,
      { ...plan, rules, prefix: this.plan.prefix },
      this.transitions,
      this.args.engine,
      PROXY_DEADLINE,
    );
    const service: docker.Service = new docker.Service(
      `${name}-config`,
      proxyConfigArgs({
        ...context,
        serviceName: plan.configService,
        probe: this.probe,
        rules: this.rules,
        configuration,
        containerId: container.id,
        attempt: this.proxyAttempt(plan),
      }),
      {
        parent,
        deleteBeforeReplace: true,
        dependsOn,
        hooks: allHooks(
          this.rollouts.after(`${name}-config`, after),
          this.leftover(`${name}-config`, 'service', plan.configService),
          work,
          this.rollouts.deferred(
            [member],
            () => service,
            () => waits,
          ),
        ),
      },
    );
    this.services.push(service);
    return container;
  }

  private service(
    spec: StoredSpec,
    name: string,
    args: docker.ServiceArgs,
    options: Pick<ServiceRollout, 'deadline' | 'awaited' | 'patience' | 'fronts'> & MemberOptions,
  ): docker.Service {
    const { parent, dependsOn, after, ...waiting } = options;
    const { engine, proxyImage: image } = this.args;
    const { transitions, progress } = this;
    const resourceName = `${name}-service`;
    const volume = this.plan.dataVolume(dataName(spec));
    const rollout = {
      ...waiting,
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
        this.rollouts.after(resourceName, after),
        this.leftover(resourceName, 'service', rollout.service),
        handOverHooks(resourceName, this.formerServices(spec), engine),
        spec.storage ? storageHooks(resourceName, { volume, user: spec.user, image }, engine) : {},
        callHooks(resourceName, this.deployedOf(this.plan.callees(spec)), transitions, engine),
        this.rollouts.deferred(
          [spec.name, ownReplicas(spec.name)],
          () => service,
          () =>
            allHooks(
              // Before those that wait for the engine.
              keepingHooks(resourceName, rollout.service, engine),
              rolloutHooks(resourceName, rollout, progress, transitions, engine),
            ),
        ),
      ),
    });
    this.services.push(service);
    return service;
  }

  private deployedOf<T extends { configService: string }>(proxies: readonly T[]): T[] {
    return proxies.filter(({ configService }) => this.args.deployed.has(configService));
  }

  /** Services that write to the data of another, whose name was theirs. */
  private formerServices(spec: StoredSpec): string[] {
    const { services, jobs } = this.spec;
    const former = formerOwner(spec, (member) => [...services, ...jobs].some(({ name }) => name === member));
    return former === undefined ? [] : this.plan.servicesOf(former);
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
      networkIds: [this.networks, this.internet].flatMap((networks) => networks.get(spec.name)?.id ?? []),
      probe: this.probe,
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

  private overlay(
    name: string,
    member: string,
    kind: ComponentKind,
    { name: fullName, internal, subnet, ipRange, gateway }: NetworkPlan,
    parent: pulumi.Resource,
  ): docker.Network {
    return new docker.Network(
      name,
      {
        name: fullName,
        driver: 'overlay',
        attachable: true,
        internal,
        ipamConfigs: [{ subnet, ipRange, gateway }],
        labels: labels(this.plan.prefix, member, kind),
      },
      { parent, deleteBeforeReplace: true, hooks: this.leftover(name, 'network', fullName) },
    );
  }

  private file(name: string, parts: string[], content: string | Buffer, parent: pulumi.Resource): ConfigFile {
    return configFile(this.plan.prefix, name, parts, content, {
      parent,
      hooks: (resource, object) => this.leftover(resource, 'config', object),
    });
  }

  /** For each object with a name that is not Pulumi's choice, but volumes: to create one that exists does nothing. */
  private leftover(resource: string, kind: NamedKind, name: string): pulumi.ResourceHookBinding {
    return leftoverHooks(resource, { kind, name }, this.plan.prefix, this.args.engine);
  }

  /**
   * Another attempt also where the proxy is not attached to all of its networks: an update that was cancelled while it joined
   * them has recorded it as created.
   */
  private proxyAttempt({ container, configService, attachments }: ProxyPlan): number {
    const deployed = this.args.deployed.get(configService);
    const attached = this.args.addresses.attached.get(container);
    const detached = attached !== undefined && !attachments.every(({ network }) => attached.has(network));
    return nextAttempt(deployed, detached || deployed?.stopped === true);
  }
}
