import { callersOf, type ApplicationSpec } from '../application-spec';
import { GATEWAY, type GatewaySpec } from '../gateway-spec';
import { haproxyConfiguration, type ProxySpec } from '../haproxy/configuration';
import { backendOf, balancerTraffic, gatewayTraffic } from '../haproxy/from-spec';
import { limitsOf, memoryOf } from '../haproxy/limits';
import { RULES_NAME } from '../haproxy/rules';
import { namePrefix } from '../identity';
import type { MicroserviceSpec } from '../microservice-spec';
import type { Identity } from '../platform';
import type { Transform } from '../transform';
import type { WorkloadSpec } from '../workload';
import { blockStart, NO_ADDRESSES, proxyAddresses, subnets, type DeployedAddresses, type Subnet } from './addresses';
import type { Attachment } from './engine';
import { defaultGatewayPort, objectName } from './identity';
import { PROXY_FOLDER } from './proxy-scripts';
import type { CalleeProxy, FrontProxy } from './transition';
import { serviceName, servicesOf, variantOf, type DeployedVariant } from './variants';

/** Replicas that a proxy can tell apart, with room for those that an update adds. */
export const SLOTS = 32;
export const MAX_DOCKER_REPLICAS = SLOTS - 2;
/** The network that the gateway publishes its port from. It cannot be a service's name. */
const PUBLIC = 'gateway';
const GATEWAY_PORT = 8080;
const ENGINE_DNS = '127.0.0.11:53';
/** A task leaves DNS some 1.4 s before it is told to stop: twice this must be less, or it would still get requests. */
const DNS_INTERVAL = 500;
/** Costs a tenth more a request than one thread, for handing work over; but one gets only one share of a machine that is busy. */
const THREADS = 2;

/** What stands for the network of a workload with a way to the internet; an underscore is in no workload's name. */
const wayOut = (name: string) => `${name}_internet`;

/** One network of an application. */
export interface NetworkPlan extends Subnet {
  name: string;
  /** No way out of the network. */
  internal: boolean;
}

/** One proxy: what it does and which networks it joins. */
export interface ProxyPlan {
  container: string;
  configService: string;
  volume: string;
  /** Most bytes of memory. */
  memory: number;
  proxy: ProxySpec;
  attachments: Attachment[];
}

/**
 * Names, addresses and proxies of an application on Docker, worked out from the spec alone.
 *
 * Each microservice has a network of its own with nothing on it but its replicas, and no way out; one that may reach the
 * internet has a second network for that, since a network in use cannot be changed. What crosses networks are proxies:
 * a microservice's load balancer joins its own network and each caller's, and listens on the callers' only; the gateway
 * joins the networks of what it routes to and listens on the public one only. So a connection is possible exactly where
 * it was declared, and a new caller or route changes no container.
 */
export class DockerPlan {
  readonly prefix: string;
  /** First address of the block that new networks get theirs from. */
  readonly start: number;
  private readonly subnets: Map<string, Subnet>;
  private readonly services: ReadonlyMap<string, string>;

  /** @param running services that the engine has of the application, by name. */
  constructor(
    readonly application: ApplicationSpec,
    identity: Identity,
    addressRange: string | undefined,
    private readonly deployed: DeployedAddresses = NO_ADDRESSES,
    private readonly running: ReadonlyMap<string, DeployedVariant> = new Map(),
  ) {
    this.prefix = namePrefix(identity, application.name);
    this.start = blockStart(this.prefix, addressRange);
    const keys = [
      PUBLIC,
      ...this.workloads().flatMap(({ name, internet }) => [name, ...(internet ? [wayOut(name)] : [])]),
    ];
    this.subnets = subnets(this.start, new Map(keys.map((key) => [key, this.networkName(key)])), deployed);
    const names = new Set(this.workloads().map(({ name }) => objectName(this.prefix, name)));
    this.services = new Map(
      application.services.map((spec) => [
        spec.name,
        serviceName({ name: spec.name, variant: variantOf(spec) }, this.prefix, running, names),
      ]),
    );
  }

  serviceName(name: string): string {
    return this.services.get(name) ?? objectName(this.prefix, name);
  }

  /** Whether the engine has a service of a microservice or job, under whatever name. */
  isDeployed(member: string): boolean {
    return this.servicesOf(member).length > 0;
  }

  /** Names of the services that the engine has of a microservice or job. */
  servicesOf(member: string): string[] {
    return servicesOf(member, objectName(this.prefix, member), this.running).map(([name]) => name);
  }

  /** The service that brings the gateway's rules into force. */
  get gatewayService(): string {
    return this.proxyNames(GATEWAY).configService;
  }

  dataVolume(name: string): string {
    return objectName(this.prefix, name, 'data');
  }

  network(name: string): NetworkPlan {
    return { ...this.subnets.get(name)!, name: this.networkName(name), internal: true };
  }

  /** The network over which a workload reaches the internet; nothing else is on it. `undefined` if it may not. */
  internetNetwork({ name, internet }: Pick<WorkloadSpec, 'name' | 'internet'>): NetworkPlan | undefined {
    return internet ? { ...this.network(wayOut(name)), internal: false } : undefined;
  }

  /** Names of all networks. */
  networkNames(): string[] {
    return [...this.subnets.keys()].map((key) => this.networkName(key));
  }

  /** The gateway's own network; not internal, since its port is published. */
  publicNetwork(): NetworkPlan & { address: string } {
    const network = this.network(PUBLIC);
    return { ...network, internal: false, address: network.reserved[0]! };
  }

  /** @returns `undefined` for a microservice that nobody calls: there is nothing to balance. */
  loadBalancer(spec: MicroserviceSpec): ProxyPlan | undefined {
    const callers = callersOf(this.application, spec.name);
    if (spec.port === undefined || callers.length === 0) return undefined;
    const attachments = callers.map((caller): Attachment & { address: string } => {
      const network = this.network(caller.name);
      const containers = new Map(caller.calls.map((callee) => [callee, this.proxyNames(callee, 'lb').container]));
      const address = proxyAddresses(network, containers, this.deployed.proxies.get(network.name)).get(spec.name)!;
      return { network: network.name, address, alias: spec.name };
    });
    const proxy = {
      ...this.proxyBase(),
      ...balancerTraffic(spec),
      listeners: [
        {
          name: spec.name,
          bind: attachments.map(({ address }) => `${address}:${spec.port}`),
          mode: spec.protocol === 'tcp' ? ('tcp' as const) : ('http' as const),
          backend: spec.name,
        },
      ],
      backends: [this.backend(spec)],
    };
    return { ...this.proxyNames(spec.name, 'lb'), attachments, memory: memory(proxy), proxy };
  }

  gateway(spec: GatewaySpec): ProxyPlan {
    const routed = this.application.services.filter(({ name }) => spec.routes.some(({ to }) => to === name));
    const proxy: ProxySpec = {
      ...this.proxyBase(),
      ...gatewayTraffic(spec, routed),
      listeners: [
        {
          name: 'public',
          bind: [`${this.publicNetwork().address}:${GATEWAY_PORT}`],
          mode: 'http',
          routes: spec.routes,
          edge: { scheme: 'http', trustedProxies: spec.trustedProxies },
        },
      ],
      backends: routed.map((service) => this.backend(service)),
    };
    return {
      ...this.proxyNames(GATEWAY),
      attachments: routed.map(({ name }) => ({ network: this.network(name).name })),
      memory: memory(proxy),
      proxy,
    };
  }

  /** Proxies that may pass requests on to a microservice now, whether they still will after this deployment or not. */
  fronts(spec: MicroserviceSpec): FrontProxy[] {
    if (spec.port === undefined) return [];
    const backends = [this.backend(spec)];
    const sections = haproxyConfiguration({ ...this.proxyBase(), ...balancerTraffic(spec), listeners: [], backends });
    const balancer = this.loadBalancer(spec);
    const { gateway } = this.application;
    return [
      {
        ...this.proxyNames(spec.name, 'lb'),
        rules: balancer ? proxyRules(balancer.proxy, spec.transform) : '',
        sections,
      },
      ...(gateway
        ? [
            {
              ...this.proxyNames(GATEWAY),
              rules: proxyRules(this.gateway(gateway).proxy, gateway.transform),
              sections,
            },
          ]
        : []),
    ];
  }

  /** Load balancers of what a workload calls, as they are on its network. */
  callees({ name, calls }: WorkloadSpec): CalleeProxy[] {
    const network = this.network(name).name;
    return this.application.services
      .filter((service) => calls.includes(service.name))
      .map((service) => {
        const { container, configService, attachments } = this.loadBalancer(service)!;
        const attachment = attachments.find((one) => one.network === network)!;
        const address = `${service.name} ${attachment.address}:${service.port}`;
        return { container, configService, attachment, address };
      });
  }

  published(spec: GatewaySpec): { internal: number; external: number } {
    return { internal: GATEWAY_PORT, external: spec.port ?? defaultGatewayPort(this.prefix) };
  }

  private networkName(key: string): string {
    return objectName(this.prefix, key);
  }

  private proxyNames(...parts: string[]): Pick<ProxyPlan, 'container' | 'configService' | 'volume'> {
    return {
      container: objectName(this.prefix, ...parts),
      configService: objectName(this.prefix, ...parts, 'config'),
      volume: objectName(this.prefix, ...parts, 'proxy'),
    };
  }

  private proxyBase(): Pick<ProxySpec, 'stateFolder' | 'rulesFile' | 'nameserver' | 'dnsInterval' | 'threads'> {
    return {
      stateFolder: PROXY_FOLDER,
      rulesFile: `${PROXY_FOLDER}/${RULES_NAME}`,
      nameserver: ENGINE_DNS,
      dnsInterval: DNS_INTERVAL,
      threads: THREADS,
    };
  }

  private backend(spec: MicroserviceSpec) {
    return backendOf(spec, { dnsName: `tasks.${this.serviceName(spec.name)}`, slots: SLOTS });
  }

  private workloads() {
    return [...this.application.services, ...this.application.jobs];
  }
}

/** A proxy's configuration, as the user wants it. */
export function proxyRules(proxy: ProxySpec, transform: Transform): string {
  const rendered = haproxyConfiguration(proxy);
  return transform.proxy?.(rendered) ?? rendered;
}

function memory(proxy: ProxySpec): number {
  return memoryOf(limitsOf(proxy), proxy.maxHeaderSize);
}
