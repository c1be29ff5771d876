import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec, JobSpec } from '../application-spec';
import { GATEWAY, type GatewaySpec } from '../gateway-spec';
import { haproxyConfiguration } from '../haproxy/configuration';
import { namePrefix, shortHash } from '../identity';
import type { MicroserviceSpec } from '../microservice-spec';
import type { ApplicationScope, MemberOptions } from '../platform';
import type { StorageSpec } from '../storage';
import type { WorkloadSpec } from '../workload';
import { autoscalerArgs } from './autoscaler';
import { claimArgs } from './claim';
import type { RolloutWait } from './cluster';
import { deploymentArgs, type DeploymentContext } from './deployment';
import { disruptionBudgetArgs } from './disruption-budget';
import { gatewayServiceArgs, ingressArgs, publicUrl } from './exposure';
import { configurationArgs, gatewayDeploymentArgs, gatewayPorts, gatewayProxy } from './gateway';
import { jobHooks, rolloutHooks } from './hooks';
import { jobArgs } from './job';
import { labels, type ComponentKind } from './labels';
import { namespaceArgs, namespaceName } from './namespace';
import { defaultDenyArgs, gatewayPolicyArgs, isRouted, workloadPolicyArgs, type PolicyContext } from './network-policy';
import type { KubernetesPlatformArgs } from './platform';
import type { SecretFile } from './pod';
import { replicasServiceArgs, serviceArgs } from './service';
import { serviceAccountArgs } from './service-account';
import { gatewayDrain, placementOf } from './times';

const MARGIN = 60_000;
const NAMESPACE_TYPE = 'kubernetes:core/v1:Namespace';

/** Creates the children of an application's members in a cluster. */
export class KubernetesApplication implements ApplicationScope {
  private readonly partOf: string;
  private readonly namespace: string;
  private readonly context: PolicyContext;
  private readonly placement: number;
  /** What must be there before the first pod: its namespace, and that nothing may connect. */
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
    this.partOf = namePrefix(args.identity, spec.name);
    this.namespace = args.namespace ?? namespaceName(args.identity, spec.name);
    this.placement = placementOf(args);
    const namespace = new kubernetes.core.v1.Namespace(
      `${spec.name}-namespace`,
      namespaceArgs(this.namespace, this.partOf, args.namespaceLabels ?? {}),
      // Claims live in it, and would go with it.
      {
        ...this.options(parent),
        retainOnDelete: [...spec.services, ...spec.jobs].some(({ storage }) => storage !== undefined),
      },
    );
    this.context = {
      namespace: namespace.metadata.name,
      partOf: this.partOf,
      dns: args.dns ?? [],
      gatewayFrom: args.gatewayFrom ?? [],
      reaches: args.reaches ?? {},
    };
    const deny = new kubernetes.networking.v1.NetworkPolicy(
      `${spec.name}-default-deny`,
      defaultDenyArgs(this.context),
      this.options(parent),
    );
    this.ground = [namespace, deny];
  }

  microservice(spec: MicroserviceSpec, name: string, { parent, dependsOn }: MemberOptions): void {
    const options = this.options(parent);
    const { port, storage, replicas } = spec;
    const context = this.deploymentContext(spec, name, 'microservice', parent);
    const before: pulumi.Resource[] = [...dependsOn, ...this.ground];
    before.push(this.policy(name, workloadPolicyArgs(spec, 'microservice', this.spec, this.context), parent));
    if (storage) context.claim = this.claim(name, spec.name, 'microservice', storage, parent);
    if (port !== undefined) {
      new kubernetes.core.v1.Service(`${name}-service`, serviceArgs(spec, port, this.context), options);
      if (isRouted(this.spec, spec.name)) {
        new kubernetes.core.v1.Service(`${name}-replicas`, replicasServiceArgs(spec, port, this.context), options);
      }
    }
    const rounds = replicas.max + 1;
    const wait = {
      startup: spec.startup,
      placement: this.placement,
      deadline: MARGIN + this.placement + rounds * (spec.startup + spec.monitor),
    };
    const least = replicas.cpu === undefined ? undefined : replicas.min;
    const args = deploymentArgs(spec, context);
    const deployment = this.deployment(name, spec.name, args, parent, before, wait, least);
    if (replicas.cpu !== undefined) {
      new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        autoscalerArgs(spec, replicas.cpu, this.context),
        { ...options, dependsOn: [deployment] },
      );
    }
    // With one replica it could only keep nodes from being drained.
    if (replicas.max > 1) this.disruptionBudget(name, spec.name, 'microservice', parent);
  }

  job(spec: JobSpec, name: string, { parent, dependsOn }: MemberOptions): void {
    const context = this.deploymentContext(spec, name, 'job', parent);
    const policy = this.policy(name, workloadPolicyArgs(spec, 'job', this.spec, this.context), parent);
    if (spec.storage) context.claim = this.claim(name, spec.name, 'job', spec.storage, parent);
    if (!spec.run) return;
    new kubernetes.batch.v1.Job(`${name}-job`, jobArgs(spec, context), {
      ...this.options(parent),
      dependsOn: [...dependsOn, ...this.ground, policy],
      hooks: jobHooks(`${name}-job`, this.namespace, this.args.cluster, MARGIN + this.placement + spec.timeout),
    });
  }

  gateway(spec: GatewaySpec, name: string, { parent, dependsOn }: MemberOptions): pulumi.Output<string> {
    const options = this.options(parent);
    const { exposure, tls, facts } = this.args;
    const proxy = gatewayProxy(spec, this.spec, {
      namespace: this.namespace,
      clusterDomain: this.args.clusterDomain ?? 'cluster.local',
      exposure,
      tls,
    });
    const rendered = haproxyConfiguration(proxy);
    const text = spec.transform.proxy?.(rendered) ?? rendered;
    // Another content is another resource, not a replacement: a deployment that fails half-way must leave the rules that
    // the old pods need, and what is to be replaced would be deleted before anything else the next time.
    const configuration = new kubernetes.core.v1.ConfigMap(
      `${name}-configuration-${shortHash(text, 10)}`,
      configurationArgs(text, this.context),
      options,
    );
    const policy = this.policy(name, gatewayPolicyArgs(gatewayPorts(proxy), this.spec, this.context), parent);
    const service = new kubernetes.core.v1.Service(
      `${name}-service`,
      this.transformed(spec, gatewayServiceArgs(exposure, tls, this.context)),
      options,
    );
    if (exposure.kind === 'Ingress') {
      new kubernetes.networking.v1.Ingress(`${name}-ingress`, ingressArgs(exposure, this.context), options);
    }
    const replicas = this.args.gatewayReplicas ?? 2;
    const args = gatewayDeploymentArgs(spec, {
      ...this.deploymentContext(undefined, name, 'gateway', parent),
      image: this.args.proxyImage,
      replicas,
      exposure,
      ...(tls ? { tls, certificate: facts?.tlsSecrets?.get(tls.secret)?.fingerprint } : {}),
      proxy,
      configuration: configuration.metadata.name,
      drain: gatewayDrain(this.args),
    });
    this.deployment(name, GATEWAY, args, parent, [...dependsOn, ...this.ground, policy], {
      startup: 30_000,
      placement: this.placement,
      deadline: MARGIN + this.placement + (replicas + 1) * 35_000,
    });
    this.disruptionBudget(name, GATEWAY, 'gateway', parent);
    return publicUrl(exposure, tls, service, facts?.nodeAddress);
  }

  private transformed(spec: GatewaySpec, args: kubernetes.core.v1.ServiceArgs): kubernetes.core.v1.ServiceArgs {
    return spec.transform.kubernetes?.service?.(args) ?? args;
  }

  private deployment(
    name: string,
    deployment: string,
    args: kubernetes.apps.v1.DeploymentArgs,
    parent: pulumi.Resource,
    dependsOn: pulumi.Resource[],
    wait: Omit<RolloutWait, 'restarts'>,
    least?: number,
  ): kubernetes.apps.v1.Deployment {
    return new kubernetes.apps.v1.Deployment(`${name}-deployment`, args, {
      ...this.options(parent),
      dependsOn,
      hooks: rolloutHooks(`${name}-deployment`, this.namespace, deployment, this.args.cluster, wait, least),
    });
  }

  private claim(
    name: string,
    member: string,
    kind: 'microservice' | 'job',
    { size }: StorageSpec,
    parent: pulumi.Resource,
  ): pulumi.Output<string> {
    const args = claimArgs(member, kind, size, this.args.storageClass, this.context);
    // Data outlives `destroy`; deleting it takes a decision of its own.
    const options = { ...this.options(parent), retainOnDelete: true };
    return new kubernetes.core.v1.PersistentVolumeClaim(`${name}-data`, args, options).metadata.name;
  }

  private policy(name: string, args: kubernetes.networking.v1.NetworkPolicyArgs, parent: pulumi.Resource) {
    return new kubernetes.networking.v1.NetworkPolicy(`${name}-policy`, args, this.options(parent));
  }

  private disruptionBudget(
    name: string,
    member: string,
    kind: 'microservice' | 'gateway',
    parent: pulumi.Resource,
  ): void {
    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      disruptionBudgetArgs(member, kind, this.context),
      this.options(parent),
    );
  }

  /** What every pod needs; a gateway has no spec of a workload. */
  private deploymentContext(
    spec: WorkloadSpec | undefined,
    name: string,
    kind: ComponentKind,
    parent: pulumi.Resource,
  ): DeploymentContext {
    const member = spec?.name ?? GATEWAY;
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      serviceAccountArgs(member, kind, { ...this.context, pullSecrets: this.args.pullSecrets }),
      this.options(parent),
    );
    return {
      namespace: this.context.namespace,
      partOf: this.partOf,
      serviceAccount: account.metadata.name,
      secrets: Object.entries(spec?.secrets ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([fileName, secret]) => this.secretFile(name, member, fileName, secret, parent)),
      architecture: this.args.architecture,
      attempt: this.attempt(member),
      placement: this.placement,
    };
  }

  /** Another version is another resource, for the same reason as with the gateway's rules. */
  private secretFile(
    name: string,
    member: string,
    fileName: string,
    { value, version }: WorkloadSpec['secrets'][string],
    parent: pulumi.Resource,
  ): SecretFile {
    const data = pulumi.secret(pulumi.output(value).apply((text) => Buffer.from(text).toString('base64')));
    const secret = new kubernetes.core.v1.Secret(
      `${name}-secret-${fileName}${version === undefined ? '' : `-${version}`}`,
      {
        metadata: { namespace: this.context.namespace, labels: labels(this.partOf, member, 'secret') },
        immutable: true,
        type: 'Opaque',
        data: { [fileName]: data },
      },
      this.options(parent),
    );
    return { name: secret.metadata.name, fileName };
  }

  private attempt(member: string): number {
    const deployed = this.args.deployed.get(member);
    if (!deployed) return 0;
    return deployed.failed ? deployed.failedAt : deployed.attempt;
  }

  private options(parent: pulumi.Resource): pulumi.CustomResourceOptions {
    return { parent };
  }
}
