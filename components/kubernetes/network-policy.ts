import type { networking, types } from '@pulumi/kubernetes';
import { callersOf, isRouted, type ApplicationSpec } from '../application-spec';
import { GATEWAY } from '../gateway-spec';
import type { MicroserviceSpec } from '../microservice-spec';
import type { WorkloadSpec } from '../workload';
import { labels, selector, type ComponentKind } from './labels';
import { serviceProxy, type ObjectContext } from './service';

type Peer = types.input.networking.v1.NetworkPolicyPeer;
type Port = types.input.networking.v1.NetworkPolicyPort;
type Ingress = types.input.networking.v1.NetworkPolicyIngressRule;
type Egress = types.input.networking.v1.NetworkPolicyEgressRule;

export interface PolicyContext extends ObjectContext {
  /** Addresses where the cluster's DNS answers, beside its pods: CIDRs. */
  dns: readonly string[];
  /** CIDRs from which the gateway is connected to; anywhere by default. */
  gatewayFrom?: readonly string[];
  /** Microservices whose callers are connected to a proxy; see `KubernetesPlatformArgs.serviceProxies`. */
  proxied?: readonly string[];
  /** What members may connect to outside the application, by member. */
  reaches?: Readonly<Record<string, readonly Reach[]>>;
}

/** A port of a block of addresses. */
export interface Reach {
  cidr: string;
  except?: readonly string[];
  /** Of TCP. */
  port: number;
}

/**
 * Addresses that only a node should talk to. Credentials of the machine are among what answers there.
 */
const LINK_LOCAL = { ipv4: '169.254.0.0/16', ipv6: 'fe80::/10' };

/** With a dot, which no name of a member has. */
const DEFAULT_DENY = 'all.default-deny';

/** Nothing may connect, in or out, unless another policy says so: also a pod that nobody here has made. */
export function defaultDenyArgs({ namespace, partOf }: ObjectContext): networking.v1.NetworkPolicyArgs {
  return {
    metadata: { name: DEFAULT_DENY, namespace, labels: labels(partOf, DEFAULT_DENY, 'application') },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}

/** The connections of one workload, exactly as `calls`, `internet` and the routes declare them. */
export function workloadPolicyArgs(
  spec: WorkloadSpec & Partial<Pick<MicroserviceSpec, 'port' | 'transform'>>,
  kind: 'microservice' | 'job',
  application: ApplicationSpec,
  context: PolicyContext,
): networking.v1.NetworkPolicyArgs {
  const callers = isProxied(spec.name, context)
    ? [podPeer(context.partOf, serviceProxy(spec.name))]
    : callerPeers(spec.name, application, context);
  const ingress: Ingress[] = [];
  if (spec.port !== undefined && callers.length > 0) ingress.push({ from: callers, ports: tcp(spec.port) });
  if (spec.port !== undefined && isRouted(application, spec.name)) {
    ingress.push({ from: [podPeer(context.partOf, GATEWAY)], ports: tcp(spec.port) });
  }
  const egress = [
    ...edges(spec.calls, application, context, (name) => (isProxied(name, context) ? serviceProxy(name) : name)),
    ...(spec.internet ? [internet()] : []),
    ...(context.reaches?.[spec.name] ?? []).map(reach),
  ];
  const args = policy(spec.name, kind, ingress, withDns(egress, context), context);
  return spec.transform?.kubernetes?.networkPolicy?.(args) ?? args;
}

/** The connections of the proxy of a microservice: in from those that call it, out to its replicas. */
export function serviceProxyPolicyArgs(
  { name, port }: Pick<MicroserviceSpec, 'name' | 'port'>,
  application: ApplicationSpec,
  context: PolicyContext,
): networking.v1.NetworkPolicyArgs {
  const ingress = { from: callerPeers(name, application, context), ports: tcp(port!) };
  const egress = withDns(edges([name], application, context), context);
  return policy(serviceProxy(name), 'load-balancer', [ingress], egress, context);
}

/** The gateway's connections: in from what is in front of it, out to the replicas that routes lead to. */
export function gatewayPolicyArgs(
  ports: readonly number[],
  application: ApplicationSpec,
  context: PolicyContext,
): networking.v1.NetworkPolicyArgs {
  const routed = application.services.map(({ name }) => name).filter((name) => isRouted(application, name));
  const egress = edges(routed, application, context);
  const from = (context.gatewayFrom ?? []).map((cidr) => ({ ipBlock: { cidr } }));
  const ingress = { ...(from.length > 0 ? { from } : {}), ports: tcp(...ports) };
  return policy(GATEWAY, 'gateway', [ingress], withDns(egress, context), context);
}

function isProxied(name: string, { proxied = [] }: PolicyContext): boolean {
  return proxied.includes(name);
}

function callerPeers(name: string, application: ApplicationSpec, { partOf }: ObjectContext): Peer[] {
  return callersOf(application, name).map((caller) => podPeer(partOf, caller.name));
}

function edges(
  callees: readonly string[],
  { services }: ApplicationSpec,
  { partOf }: ObjectContext,
  podsOf = (callee: string) => callee,
): Egress[] {
  return [...callees].sort().map((name) => ({
    to: [podPeer(partOf, podsOf(name))],
    ports: tcp(services.find((service) => service.name === name)!.port!),
  }));
}

/** Allow DNS lookups for pods with egress rules. */
function withDns(egress: Egress[], { dns }: PolicyContext): Egress[] {
  if (egress.length === 0) return [];
  const peers: Peer[] = [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
    ...dns.map((cidr) => ({ ipBlock: { cidr } })),
  ];
  const ports: Port[] = ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol }));
  return [{ to: peers, ports }, ...egress];
}

function reach({ cidr, except, port }: Reach): Egress {
  return { to: [{ ipBlock: { cidr, ...(except ? { except: [...except] } : {}) } }], ports: tcp(port) };
}

function internet(): Egress {
  return {
    to: [
      { ipBlock: { cidr: '0.0.0.0/0', except: [LINK_LOCAL.ipv4] } },
      { ipBlock: { cidr: '::/0', except: [LINK_LOCAL.ipv6] } },
    ],
  };
}

function policy(
  name: string,
  kind: ComponentKind,
  ingress: Ingress[],
  egress: Egress[],
  { namespace, partOf }: ObjectContext,
): networking.v1.NetworkPolicyArgs {
  return {
    metadata: { name, namespace, labels: labels(partOf, name, kind) },
    spec: {
      podSelector: { matchLabels: selector(partOf, name) },
      policyTypes: ['Ingress', 'Egress'],
      ...(ingress.length > 0 ? { ingress } : {}),
      ...(egress.length > 0 ? { egress } : {}),
    },
  };
}

function podPeer(partOf: string, name: string): Peer {
  return { podSelector: { matchLabels: selector(partOf, name) } };
}

function tcp(...ports: number[]): Port[] {
  return ports.map((port) => ({ port, protocol: 'TCP' }));
}
