// What answers from outside on Docker and Kubernetes: the gateway, and nothing else.
import { hasUnknownLabels, labelsOf } from '../metadata';
import { resourceRule, shown, type Finding, type Resource } from '../rule';
import { GATEWAY_LABEL } from '../settings';
import type { Value } from '../value';
import { containersOf, DOCKER_CONTAINER, DOCKER_SERVICE } from '../workloads';

/** Whether a resource is labelled as the gateway, or may be. */
export function isGateway(resource: Resource, label: string): boolean {
  const [name = '', value = ''] = label.split('=');
  const found = labelsOf(resource).get(name);
  return found === undefined ? hasUnknownLabels(resource) : found.isUnknown || found.string === value;
}

const gatewayRemedy = (label: string) => `Route to it through the gateway; if it is the gateway, label it \`${label}\``;

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** Ports that a container publishes at an address of the machine's networks. */
function publishedPorts({ type, props }: Resource): Finding[] {
  if (type === DOCKER_SERVICE) {
    return props
      .at('endpointSpec.ports')
      .items()
      .map((port) => ({
        path: port.path,
        problem: 'a published port of a Swarm service is open on all addresses of the nodes',
      }));
  }
  if (type !== DOCKER_CONTAINER) return [];
  return props
    .get('ports')
    .items()
    .flatMap((port) => {
      const ip = port.get('ip');
      if (ip.isUnknown || LOOPBACK.test(ip.string ?? '')) return [];
      const found = ip.string ? `${shown(ip)} is not allowed` : 'is not set, which means all addresses';
      return [{ path: ip.path, problem: `${found}; must be "127.0.0.1"` }];
    });
}

const INTERNAL = [
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', 'internal'],
  ['service.beta.kubernetes.io/aws-load-balancer-internal', 'true'],
  ['networking.gke.io/load-balancer-type', 'Internal'],
  ['service.beta.kubernetes.io/azure-load-balancer-internal', 'true'],
] as const;

const ENTRY =
  /^kubernetes:((networking\.k8s\.io|extensions)\/v\w+:Ingress|gateway\.networking\.k8s\.io\/v\w+:Gateway)$/;

function publicOnKubernetes(resource: Resource): Finding[] {
  const { type, props } = resource;
  if (ENTRY.test(type)) return [{ path: 'spec', problem: 'exposes services outside the cluster' }];
  const hostPorts = containersOf(resource)
    .flatMap(({ at }) =>
      at
        .get('ports')
        .items()
        .map((port) => port.get('hostPort')),
    )
    .filter((port) => port.isSet);
  if (hostPorts.length > 0)
    return hostPorts.map((port) => ({ path: port.path, problem: `${shown(port)} is open on the node` }));
  if (type !== 'kubernetes:core/v1:Service') return [];
  const kind = props.at('spec.type');
  const annotations = props.at('metadata.annotations');
  const isInternal =
    annotations.isUnknown ||
    INTERNAL.some(([name, value]) => annotations.get(name).isUnknown || annotations.get(name).string === value);
  const isPublic = kind.string === 'NodePort' || (kind.string === 'LoadBalancer' && !isInternal);
  const addresses = props.at('spec.externalIPs');
  const wrong = (value: Value, wanted: string): Finding => ({
    path: value.path,
    problem: `${shown(value)} is not allowed; must be ${wanted}`,
  });
  return [
    ...(isPublic ? [wrong(kind, '"ClusterIP"')] : []),
    ...(addresses.items().length > 0 ? [wrong(addresses, 'empty')] : []),
  ];
}

export const onlyGatewayIsPublic = resourceRule<{ gatewayLabel: string }>({
  name: 'only-gateway-is-public',
  level: 'mandatory',
  description: 'On Docker and Kubernetes, only the gateway is reachable from outside.',
  remedy: gatewayRemedy(GATEWAY_LABEL.default),
  settings: { gatewayLabel: GATEWAY_LABEL },
  check: (resource, { gatewayLabel }) =>
    isGateway(resource, gatewayLabel)
      ? []
      : [...publishedPorts(resource), ...publicOnKubernetes(resource)].map((finding) => ({
          ...finding,
          remedy: gatewayRemedy(gatewayLabel),
        })),
});
