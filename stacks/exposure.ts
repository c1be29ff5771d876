import type { Exposure, GatewayTls, LoadBalancerExposure } from '../components/kubernetes/exposure';
import { throwIfAny, type Problem } from '../components/validation';

/** The part of a stack's configuration that says how the application is reached. */
export interface ExposureConfig {
  exposure: Exposure['kind'];
  /** Port of the nodes. */
  nodePort?: number | undefined;
  /** Which nodes answer, and what address of a client the gateway sees. */
  externalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  ingressClass?: string | undefined;
  loadBalancerClass?: string | undefined;
  loadBalancerAnnotations: Record<string, string>;
  /** ARN of the certificate with which a network load balancer of AWS ends TLS. */
  certificate?: string | undefined;
  /** Secret with which the gateway, or the ingress controller, ends TLS. */
  tlsSecret?: string | undefined;
  host?: string | undefined;
}

/** TLS 1.2 and 1.3. The default would let TLS 1.0 in. */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

/** Which keys mean something for which exposure. */
const KEYS: Record<Exposure['kind'], readonly (keyof ExposureConfig)[]> = {
  LoadBalancer: [
    'externalTrafficPolicy',
    'loadBalancerClass',
    'loadBalancerAnnotations',
    'certificate',
    'tlsSecret',
    'host',
  ],
  NodePort: ['externalTrafficPolicy', 'nodePort', 'tlsSecret', 'host'],
  Ingress: ['ingressClass', 'tlsSecret', 'host'],
};

/**
 * How the application is reached.
 *
 * @throws InvalidArgumentsError for keys that the chosen exposure does not know, or lacks.
 */
export function exposureOf(config: ExposureConfig): { exposure: Exposure; tls?: GatewayTls } {
  const problems: Problem[] = [];
  for (const key of new Set(Object.values(KEYS).flat())) {
    const value = config[key];
    const unset = value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
    if (unset || KEYS[config.exposure].includes(key)) continue;
    problems.push({ path: key, value, allowed: `has no effect with exposure ${JSON.stringify(config.exposure)}` });
  }
  if (config.exposure === 'Ingress' && config.ingressClass === undefined) {
    problems.push({ path: 'ingressClass', allowed: 'is missing; exposure "Ingress" needs the class of a controller' });
  }
  if (config.certificate !== undefined && config.tlsSecret !== undefined) {
    problems.push({
      path: 'tlsSecret',
      value: config.tlsSecret,
      allowed: 'ends TLS at the gateway, which the certificate ends before it',
      fix: 'give one of them',
    });
  }
  throwIfAny("the stack's configuration", problems);
  const host = config.host === undefined ? {} : { host: config.host };
  const policy =
    config.externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy: config.externalTrafficPolicy };
  const tls = config.tlsSecret === undefined ? {} : { tls: { secret: config.tlsSecret } };
  switch (config.exposure) {
    case 'LoadBalancer':
      return { exposure: { ...loadBalancer(config, host), ...policy }, ...tls };
    case 'NodePort':
      return {
        exposure: {
          kind: 'NodePort',
          ...(config.nodePort === undefined ? {} : { port: config.nodePort }),
          ...policy,
          ...host,
        },
        ...tls,
      };
    case 'Ingress':
      return {
        exposure: {
          kind: 'Ingress',
          className: config.ingressClass!,
          ...(config.tlsSecret === undefined ? {} : { tlsSecret: config.tlsSecret }),
          ...host,
        },
      };
  }
}

function loadBalancer(
  { loadBalancerClass, loadBalancerAnnotations, certificate }: ExposureConfig,
  host: { host?: string },
): LoadBalancerExposure {
  return {
    kind: 'LoadBalancer',
    annotations: {
      ...loadBalancerAnnotations,
      ...(certificate === undefined
        ? {}
        : {
            'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': certificate,
            'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '443',
            'service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy': TLS_POLICY,
          }),
    },
    ...(certificate === undefined ? {} : { endsTls: true }),
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
    ...host,
  };
}
