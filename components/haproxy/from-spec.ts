import type { GatewaySpec } from '../gateway-spec';
import type { MicroserviceSpec } from '../microservice-spec';
import { TRAFFIC_DEFAULTS } from '../traffic';
import type { Backend, ProxySpec } from './proxy-spec';

/** A request that is answered at the very end of its `timeout` still has to be sent back. */
const DRAIN_MARGIN = 5_000;

/** A microservice as a group of replicas; only where they are found differs from one target to another. */
export function backendOf(service: MicroserviceSpec, where: Pick<Backend, 'dnsName' | 'slots'>): Backend {
  return {
    name: service.name,
    mode: service.protocol,
    ...where,
    port: service.port!,
    ...(service.ready ? { check: service.ready } : {}),
    timeout: service.timeout,
    idleTimeout: service.idleTimeout,
    maxConnections: service.maxConnections,
  };
}

type Traffic = Pick<ProxySpec, 'maxConnections' | 'maxHeaderSize' | 'maxHeaders' | 'drain'>;

/** What a load balancer passes on. */
export function balancerTraffic(service: MicroserviceSpec): Traffic {
  const { maxConnections, maxHeaderSize, maxHeaders, timeout } = service;
  return { maxConnections, maxHeaderSize, maxHeaders, drain: Math.max(TRAFFIC_DEFAULTS.drain, timeout + DRAIN_MARGIN) };
}

/** What a gateway passes on: as much as any service that it routes to. */
export function gatewayTraffic({ maxConnections, drain }: GatewaySpec, routed: readonly MicroserviceSpec[]): Traffic {
  const most = (value: (service: MicroserviceSpec) => number) => Math.max(...routed.map(value));
  return {
    maxConnections,
    maxHeaderSize: most((service) => service.maxHeaderSize),
    maxHeaders: most((service) => service.maxHeaders),
    drain: Math.max(drain, most(({ timeout }) => timeout) + DRAIN_MARGIN),
  };
}
