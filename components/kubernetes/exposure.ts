import type { core, networking, types } from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { GATEWAY } from '../gateway-spec';
import { labels, NOT_AWAITED, selector } from './labels';
import type { ObjectContext } from './service';

/** How the gateway is reached from outside the cluster. */
export type Exposure = LoadBalancerExposure | NodePortExposure | IngressExposure;

interface CommonExposure {
  /**
   * Host name at which people reach it, for the application's address.
   * @default - the load balancer's own name, or the address of a node
   */
  host?: string;
}

/** Which nodes answer, and what address of a client the gateway sees. */
type TrafficPolicy = 'Cluster' | 'Local';

/** A load balancer of the cloud in front of the gateway. */
export interface LoadBalancerExposure extends CommonExposure {
  kind: 'LoadBalancer';
  /** What tells the cloud which kind of load balancer to make; on EKS those of a network load balancer. */
  annotations?: Readonly<Record<string, string>>;
  /** @default - the cluster's own */
  loadBalancerClass?: string;
  /**
   * CIDRs from which it answers.
   * @default - any
   */
  sourceRanges?: readonly string[];
  /** The load balancer itself ends TLS, with a certificate that the annotations name. */
  endsTls?: boolean;
  /**
   * `Local`: nodes without a gateway pod get nothing, and the gateway sees the client's address. `Cluster`: any node passes
   * connections on, from its own address.
   * @default "Local"
   */
  externalTrafficPolicy?: TrafficPolicy;
}

/** A port of every node. */
export interface NodePortExposure extends CommonExposure {
  kind: 'NodePort';
  /** @default - the cluster chooses one */
  port?: number;
  /**
   * `Cluster`: every node answers, and the gateway sees the address of a node instead of the client's. `Local`: the gateway
   * sees the client's, but a node without a gateway pod does not answer.
   * @default "Cluster"
   */
  externalTrafficPolicy?: TrafficPolicy;
}

/** An Ingress controller that only forwards; the gateway's routes decide. */
export interface IngressExposure extends CommonExposure {
  kind: 'Ingress';
  className: string;
  annotations?: Readonly<Record<string, string>>;
  /** The controller ends TLS with this Secret of the namespace. */
  tlsSecret?: string;
}

/** Ports that the gateway's pods listen on, beside that of the health check. */
export const PORTS = { http: 8080, redirect: 8081, https: 8443 } as const;

/** TLS ends at the gateway itself. */
export interface GatewayTls {
  /** Secret of the namespace of type kubernetes.io/tls. */
  secret: string;
}

/** Whether people reach the application over https, whoever ends it. */
export function isHttps(exposure: Exposure, tls: GatewayTls | undefined): boolean {
  switch (exposure.kind) {
    case 'LoadBalancer':
      return tls !== undefined || exposure.endsTls === true;
    case 'NodePort':
      return tls !== undefined;
    case 'Ingress':
      return exposure.tlsSecret !== undefined;
  }
}

/** The gateway's Service, in front of its pods. */
export function gatewayServiceArgs(
  exposure: Exposure,
  tls: GatewayTls | undefined,
  { namespace, partOf }: ObjectContext,
): core.v1.ServiceArgs {
  const metadata = { name: GATEWAY, namespace, labels: labels(partOf, GATEWAY, 'gateway') };
  const common = { selector: selector(partOf, GATEWAY), ports: servicePorts(exposure, tls) };
  switch (exposure.kind) {
    case 'LoadBalancer':
      return {
        // The provider waits until it has an address.
        metadata: { ...metadata, annotations: { ...exposure.annotations } },
        spec: {
          type: 'LoadBalancer',
          externalTrafficPolicy: exposure.externalTrafficPolicy ?? 'Local',
          ...common,
          ...(exposure.loadBalancerClass === undefined ? {} : { loadBalancerClass: exposure.loadBalancerClass }),
          ...(exposure.sourceRanges === undefined ? {} : { loadBalancerSourceRanges: [...exposure.sourceRanges] }),
        },
      };
    case 'NodePort':
      return {
        metadata: { ...metadata, annotations: NOT_AWAITED },
        spec: { type: 'NodePort', externalTrafficPolicy: exposure.externalTrafficPolicy ?? 'Cluster', ...common },
      };
    case 'Ingress':
      return { metadata: { ...metadata, annotations: NOT_AWAITED }, spec: { type: 'ClusterIP', ...common } };
  }
}

/** A port of the gateway's Service, and what answers it in the pods. */
interface PublicPort {
  name: 'http' | 'https';
  /** Of the Service. */
  port: number;
  /**
   * Name of the pods' port. The Service changes while old pods still run, which stay if the new ones fail; so what it already
   * had keeps its name when TLS comes or goes.
   */
  target: 'public' | 'http' | 'https';
  /** Number of the pods' port. */
  number: number;
}

export function publicPorts(exposure: Exposure, tls: GatewayTls | undefined): PublicPort[] {
  const plain: PublicPort = { name: 'http', port: 80, target: 'http', number: PORTS.http };
  switch (exposure.kind) {
    case 'Ingress':
      return [plain];
    case 'NodePort':
      return tls
        ? [{ name: 'https', port: 443, target: 'public', number: PORTS.https }]
        : [{ ...plain, target: 'public' }];
    case 'LoadBalancer':
      if (!isHttps(exposure, tls)) return [plain];
      return [
        { name: 'https', port: 443, target: 'https', number: tls ? PORTS.https : PORTS.http },
        { ...plain, number: PORTS.redirect },
      ];
  }
}

function servicePorts(exposure: Exposure, tls: GatewayTls | undefined): types.input.core.v1.ServicePort[] {
  return publicPorts(exposure, tls).map(({ name, port, target }) => ({
    name,
    port,
    targetPort: target,
    protocol: 'TCP',
    ...(exposure.kind === 'Ingress' ? { appProtocol: 'http' } : {}),
    ...(exposure.kind === 'NodePort' && exposure.port !== undefined ? { nodePort: exposure.port } : {}),
  }));
}

/** An Ingress that hands everything on; which host and path lead where, the gateway knows. */
export function ingressArgs(
  exposure: IngressExposure,
  { namespace, partOf }: ObjectContext,
): networking.v1.IngressArgs {
  const http = {
    paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: GATEWAY, port: { name: 'http' } } } }],
  };
  return {
    metadata: {
      name: GATEWAY,
      namespace,
      labels: labels(partOf, GATEWAY, 'gateway'),
      // Not every controller says where it answers.
      annotations: { ...exposure.annotations, ...NOT_AWAITED },
    },
    spec: {
      ingressClassName: exposure.className,
      rules: [{ ...(exposure.host === undefined ? {} : { host: exposure.host }), http }],
      ...(exposure.tlsSecret === undefined
        ? {}
        : {
            tls: [
              { secretName: exposure.tlsSecret, ...(exposure.host === undefined ? {} : { hosts: [exposure.host] }) },
            ],
          }),
    },
  };
}

interface ServiceStatus {
  loadBalancer?: { ingress?: { hostname?: string; ip?: string }[] };
}

/** Where people reach the application. */
export function publicUrl(
  exposure: Exposure,
  tls: GatewayTls | undefined,
  service: Pick<core.v1.Service, 'id' | 'spec' | 'status'>,
  nodeAddress: string | undefined,
): pulumi.Output<string> {
  const scheme = isHttps(exposure, tls) ? 'https' : 'http';
  switch (exposure.kind) {
    case 'LoadBalancer':
      return service.status.apply((status) => {
        // More cautious than the provider's type.
        const ingress = (status as ServiceStatus | undefined)?.loadBalancer?.ingress?.[0];
        return `${scheme}://${exposure.host ?? ingress?.hostname ?? ingress?.ip ?? 'unknown'}`;
      });
    case 'NodePort':
      // With the id, so that a preview of a Service that is not there yet does not guess.
      return pulumi
        .all([service.spec, service.id])
        .apply(
          ([{ ports }]) =>
            `${scheme}://${exposure.host ?? nodeAddress ?? 'localhost'}:${ports[0]?.nodePort ?? exposure.port ?? 0}`,
        );
    case 'Ingress':
      return service.spec.apply(() => `${scheme}://${exposure.host ?? nodeAddress ?? 'localhost'}`);
  }
}
