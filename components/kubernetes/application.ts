import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { isRouted, type ApplicationSpec, type JobSpec } from '../application-spec';
import { GATEWAY, type GatewaySpec } from '../gateway-spec';
import type { ProxySpec } from '../haproxy/configuration';
import { allHooks } from '../hook-bindings';
import { namePrefix, shortened } from '../identity';
import type { MicroserviceSpec } from '../microservice-spec';
import type { ApplicationScope, MemberOptions } from '../platform';
import { ownReplicas, Rollouts } from '../rollouts';
import { dataName, type StorageSpec } from '../storage';
import { StorageTransfer } from '../storage-transfer';
import type { WorkloadSpec } from '../workload';
import { autoscalerArgs } from './autoscaler';
import { claimName } from './claim';
import type { RolloutTimes } from './cluster';
import { deploymentArgs, DRAIN } from './deployment';
import { gatewayServiceArgs, ingressArgs, publicUrl } from './exposure';
import { gatewayDeploymentArgs, gatewayPorts, gatewayProxy } from './gateway';
import { callHooks, jobHooks } from './hooks';
import { jobArgs } from './job';
import { MAX_JOB_NAME } from './names';
import { namespaceArgs, namespaceName } from './namespace';
import type { PolicyContext } from './network-policy';
import type { KubernetesPlatformArgs } from './platform';
import { createPolicies } from './policies';
import type { Discovery } from './replicas';
import { replicasServiceArgs, serviceArgs, serviceProxy } from './service';
import { serviceProxyDeploymentArgs, serviceProxyRules } from './service-proxy';
import { storageTransfer } from './storage-transfer';
import { gatewayDrain } from './times';
import { MARGIN, Workloads } from './workloads';

/** Time that what has had a job's storage before has to start again, in milliseconds. */
const AGAIN: RolloutTimes = { startup: 60_000, placement: 60_000, deadline: 120_000 };
const NAMESPACE_TYPE = 'kubernetes:core/v1:Namespace';

/** Creates the children of an application's members in a cluster. */
export class KubernetesApplication implements ApplicationScope {
  private readonly discovery: Discovery;
  private readonly context: PolicyContext;
  private readonly workloads: Workloads;
  private readonly rollouts = new Rollouts();
  /** Resources whose rollouts decide whether the deployment has succeeded. */
  private readonly deployments: pulumi.CustomResource[] = [];
  /** The gateway's rules. */
  private readonly rules: ProxySpec | undefined;
  /** What must be there before the first pod: its namespace, and who may connect to whom. */
  private readonly ground: pulumi.Resource[];

  constructor(
    private readonly args: KubernetesPlatformArgs,
    private readonly spec: ApplicationSpec,
    parent: pulumi.Resource,
  ) {
    if (!parent.getProvider(NAMESPACE_TYPE)) {
      throw new pulumi.RunError(
        `application ${JSON.stringify(spec.name)} on Kubernetes needs a provider of its own: the one that Pulumi takes by ` +
          'default deploys to whatever cluster somebody has chosen last. Give it with the option `providers: [provider]`',
      );
    }
    const partOf = namePrefix(args.identity, spec.name);
    const name = args.namespace ?? namespaceName(args.identity, spec.name);
    this.discovery = { namespace: name, clusterDomain: args.clusterDomain ?? 'cluster.local' };
    const namespace = new kubernetes.core.v1.Namespace(
      `${spec.name}-namespace`,
      namespaceArgs(name, partOf, args.namespaceLabels ?? {}),
      // Claims live in it and would go with it: those of today's definition, and those that an earlier one has left.
      { parent, retainOnDelete: true },
    );
    this.context = {
      namespace: namespace.metadata.name,
      partOf,
      dns: args.dns ?? [],
      gatewayFrom: args.gatewayFrom ?? [],
      proxied: args.serviceProxies ?? [],
      reaches: args.reaches ?? {},
    };
    this.workloads = new Workloads(args, name, this.context, this.rollouts);
    const { exposure, tls } = args;
    this.rules = spec.gateway && gatewayProxy(spec.gateway, spec, { ...this.discovery, exposure, tls });
    this.ground = [
      namespace,
      ...createPolicies(spec, this.rules ? gatewayPorts(this.rules) : [], this.context, parent),
    ];
  }

  isDeployed(member: string): boolean {
    return this.args.deployed.has(member);
  }

  /** What a workload calls of what the cluster has already. */
  private deployedCallees({ calls }: WorkloadSpec): { name: string; port: number }[] {
    return this.spec.services.flatMap(({ name, port }) =>
      port !== undefined && calls.includes(name) && this.isDeployed(name) ? [{ name, port }] : [],
    );
  }

  private transfer(
    spec: WorkloadSpec & { storage?: StorageSpec },
    deadline: number,
    times: RolloutTimes,
  ): StorageTransfer {
    if (!spec.storage) return new StorageTransfer();
    // A transformation may have them mount any claim.
    const sharing = this.spec.services.filter(({ transform }) => transform.kubernetes?.deployment);
    return storageTransfer(
      {
        namespace: this.discovery.namespace,
        claim: claimName(dataName(spec)),
        owner: spec.name,
        sharing: sharing.map(({ name }) => name).filter((name) => name !== spec.name),
        deadline,
      },
      this.args.cluster,
      times,
    );
  }

  microservice(spec: MicroserviceSpec, name: string, { parent, dependsOn, after }: MemberOptions): void {
    const { port, storage, replicas } = spec;
    const context = this.workloads.deploymentContext(spec, name, 'microservice', parent);
    if (storage) context.claim = this.workloads.claim(name, spec, 'microservice', storage.size, parent);
    const rounds = replicas.max + 1;
    const times = {
      startup: spec.startup,
      placement: this.workloads.placement,
      deadline: MARGIN + this.workloads.placement + rounds * (spec.startup + spec.monitor),
    };
    const least = replicas.cpu === undefined ? undefined : replicas.min;
    const args = deploymentArgs(spec, context);
    const members = [spec.name, ownReplicas(spec.name)];
    const turn = { parent, dependsOn: [...dependsOn, ...this.ground], after, members };
    const deployment = this.workloads.deployment(name, spec.name, args, turn, times, {
      least,
      transfer: this.transfer(spec, times.deadline, times),
      callees: this.deployedCallees(spec),
    });
    this.deployments.push(deployment);
    if (replicas.cpu !== undefined) {
      new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        autoscalerArgs(spec, replicas.cpu, this.context),
        {
          parent,
          dependsOn: [deployment],
          hooks: this.rollouts.after(`${name}-autoscaler`, [ownReplicas(spec.name)]),
        },
      );
    }
    // With one replica it could only keep nodes from being drained.
    if (replicas.max > 1) this.workloads.disruptionBudget(name, spec.name, 'microservice', parent);
    if (port !== undefined) this.entrance(spec, port, name, deployment, parent);
  }

  /**
   * What is in front of the replicas of a microservice. It changes after they did: a rollout that fails leaves it to those
   * that stay. At first there are none, and callers that look for its name should find one.
   */
  private entrance(
    spec: MicroserviceSpec,
    port: number,
    name: string,
    deployment: pulumi.Resource,
    parent: pulumi.Resource,
  ): void {
    const { Service } = kubernetes.core.v1;
    const proxied = this.context.proxied?.includes(spec.name) === true;
    const isDeployed = this.isDeployed(spec.name);
    const dependsOn: pulumi.Resource[] = isDeployed ? [deployment] : [];
    const after = isDeployed ? [ownReplicas(spec.name)] : [];
    const options = (resource: string) => ({
      parent,
      dependsOn: [...dependsOn],
      hooks: this.rollouts.after(resource, [...after]),
    });
    if (proxied || isRouted(this.spec, spec.name)) {
      const resource = `${name}-replicas`;
      const replicas = new Service(resource, replicasServiceArgs(spec, port, this.context), options(resource));
      if (isDeployed) dependsOn.push(replicas);
    }
    if (proxied) {
      const proxy = this.serviceProxy(spec, name, dependsOn, after, parent);
      if (isDeployed) {
        dependsOn.push(proxy);
        after.push(serviceProxy(spec.name));
      }
    }
    const args = serviceArgs(spec, port, this.context, proxied ? serviceProxy(spec.name) : spec.name);
    new Service(`${name}-service`, args, options(`${name}-service`));
  }

  private serviceProxy(
    spec: MicroserviceSpec,
    service: string,
    dependsOn: pulumi.Resource[],
    after: readonly string[],
    parent: pulumi.Resource,
  ): pulumi.Resource {
    const [name, member, kind] = [`${service}-proxy`, serviceProxy(spec.name), 'load-balancer'] as const;
    const context = this.workloads.proxyContext(
      { name, member, kind, drain: DRAIN },
      serviceProxyRules(spec, this.discovery),
      spec.transform,
      parent,
    );
    const args = serviceProxyDeploymentArgs(spec, context);
    const turn = { parent, dependsOn: [...dependsOn, ...this.ground], after: [...after], members: [spec.name, member] };
    const deployment = this.workloads.deployment(name, member, args, turn, this.workloads.proxyTimes(context));
    this.deployments.push(deployment);
    this.workloads.disruptionBudget(name, member, kind, parent);
    return deployment;
  }

  job(spec: JobSpec, name: string, { parent, dependsOn, after }: MemberOptions): void {
    const context = this.workloads.deploymentContext(spec, name, 'job', parent);
    if (spec.storage) context.claim = this.workloads.claim(name, spec, 'job', spec.storage.size, parent);
    if (!spec.run) return;
    const resource = shortened(`${name}-job`, MAX_JOB_NAME);
    const deadline = MARGIN + this.workloads.placement + spec.timeout;
    const transfer = this.transfer(spec, deadline, AGAIN);
    const job: kubernetes.batch.v1.Job = new kubernetes.batch.v1.Job(resource, jobArgs(spec, context), {
      parent,
      dependsOn: [...dependsOn, ...this.ground],
      hooks: allHooks(
        this.rollouts.after(`${name}-job`, after),
        callHooks(`${name}-job`, this.discovery.namespace, this.deployedCallees(spec), this.args.cluster),
        this.rollouts.deferred(
          [spec.name],
          () => job,
          () => jobHooks(`${name}-job`, this.discovery.namespace, this.args.cluster, deadline, transfer),
        ),
        transfer.hooks(`${name}-job`),
      ),
    });
    this.deployments.push(job);
  }

  gateway(spec: GatewaySpec, name: string, { parent, dependsOn, after }: MemberOptions): pulumi.Output<string> {
    const { deployed, exposure, tls, facts } = this.args;
    const context = this.workloads.proxyContext(
      { name, member: GATEWAY, kind: 'gateway', drain: gatewayDrain(this.args), replicas: this.args.gatewayReplicas },
      this.rules!,
      spec.transform,
      parent,
    );
    const args = gatewayDeploymentArgs(spec, {
      ...context,
      exposure,
      ...(tls ? { tls, certificate: facts?.tlsSecrets?.get(tls.secret)?.fingerprint } : {}),
    });
    const turn = { parent, dependsOn: [...dependsOn, ...this.ground], after, members: [GATEWAY] };
    const deployment = this.workloads.deployment(name, GATEWAY, args, turn, this.workloads.proxyTimes(context));
    this.deployments.push(deployment);
    const isDeployed = deployed.has(GATEWAY);
    const service = new kubernetes.core.v1.Service(
      `${name}-service`,
      this.transformed(spec, gatewayServiceArgs(exposure, tls, this.context)),
      // Later it changes after its pods; a load balancer that readiness waits for must be there before the first ones.
      {
        parent,
        dependsOn: isDeployed ? [deployment] : [],
        hooks: this.rollouts.after(`${name}-service`, isDeployed ? [GATEWAY] : []),
      },
    );
    if (exposure.kind === 'Ingress') {
      new kubernetes.networking.v1.Ingress(`${name}-ingress`, ingressArgs(exposure, this.context), { parent });
    }
    this.workloads.disruptionBudget(name, GATEWAY, 'gateway', parent);
    return publicUrl(exposure, tls, service, facts?.nodeAddress);
  }

  /** After this, Pulumi deletes what is no longer defined; where a rollout failed, everything is left as it is. */
  complete(): pulumi.Output<unknown> | undefined {
    if (pulumi.runtime.isDryRun()) return undefined;
    return pulumi.all(this.deployments.map(({ id }) => id)).apply(() => this.rollouts.all());
  }

  private transformed(spec: GatewaySpec, args: kubernetes.core.v1.ServiceArgs): kubernetes.core.v1.ServiceArgs {
    return spec.transform.kubernetes?.service?.(args) ?? args;
  }
}
