import type { CheckSpec } from '../check';
import { backendOf } from '../haproxy/from-spec';
import type { Backend, BackendCheck } from '../haproxy/proxy-spec';
import type { MicroserviceSpec } from '../microservice-spec';
import { PORT_NAME, replicasService } from './service';

/** Where a proxy looks for replicas. */
export interface Discovery {
  namespace: string;
  clusterDomain: string;
}

/** Most replicas that one name of the cluster's DNS can list, with room for those that an update adds. */
export const MAX_PROXIED_REPLICAS = 480;
const SLOTS = [32, 64, 128, 256, 512] as const;

/** Bytes of a DNS answer that proxies accept; see `resolversSection`. */
const DNS_ANSWER = 8_192;
/** Header, question and the options of an answer. */
const DNS_OVERHEAD = 350;
/** What an SRV record and the address record of its target have beside the target's name. */
const DNS_RECORDS = 34;
/** The cluster's DNS names a pod by its address. */
const LONGEST_POD_NAME = '255-255-255-255.'.length;

/** Places for replicas, in steps: another number of replicas should not be another configuration. */
export function slots(replicas: number): number {
  return SLOTS.find((size) => size >= replicas + 2) ?? SLOTS[SLOTS.length - 1]!;
}

/**
 * A microservice as a proxy in the cluster sees it. The rules outlive an update of the replicas, and must hold for old and
 * new ones alike:
 *
 * - The port comes from SRV records, in which every pod has its own. A name that lists more pods than an answer has room for
 *   gives addresses only, and the port is in the rules.
 * - Whether a replica is ready, DNS says. The proxy's own check finds a replica that does not answer, and one that answers
 *   with 5xx, seconds earlier than DNS does. A 404 of a path that another version knows says nothing.
 * - A check that the other version has on another port would be refused there. So the proxy asks the port that it sends
 *   requests to, and takes any answer. The same for gRPC, whose check names a service that the other version may not have.
 */
export function replicasBackend(service: MicroserviceSpec, discovery: Discovery): Backend {
  // Whole, since HAProxy knows no search path.
  const name = `${replicasService(service.name)}.${discovery.namespace}.svc.${discovery.clusterDomain}`;
  const backend = backendOf(service, {
    dnsName: service.replicas.max + 2 <= srvCapacity(name) ? `_${PORT_NAME}._tcp.${name}` : name,
    slots: slots(service.replicas.max),
  });
  return { ...backend, ...(service.ready ? { check: proxyCheck(service.ready, service) } : {}) };
}

/** Most replicas that one answer with SRV records has room for. */
export function srvCapacity(name: string): number {
  return Math.floor((DNS_ANSWER - DNS_OVERHEAD) / (DNS_RECORDS + LONGEST_POD_NAME + name.length + 2));
}

function proxyCheck(check: CheckSpec, { port, protocol }: MicroserviceSpec): BackendCheck {
  const { action } = check;
  const connects: BackendCheck = { ...check, action: { kind: 'tcp', port: port! } };
  switch (action.kind) {
    case 'http':
      if (protocol !== 'http') return connects;
      if (action.port === port) return { ...check, accepts: 'working' };
      return { ...check, action: { ...action, path: '*', port: port! }, method: 'OPTIONS', accepts: 'any' };
    case 'grpc':
      return protocol === 'grpc' ? { ...check, action: { ...action, port: port! }, accepts: 'any' } : connects;
    default:
      return connects;
  }
}
