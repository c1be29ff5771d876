import { formatProblem } from '../../components/validation';
import { exposureOf, type ExposureConfig } from '../../stacks/exposure';
import { problemsOf } from '../support/definitions';

const config = (more: Partial<ExposureConfig>): ExposureConfig => ({
  exposure: 'NodePort',
  loadBalancerAnnotations: {},
  ...more,
});

it.each<[Partial<ExposureConfig>, ReturnType<typeof exposureOf>]>([
  [{}, { exposure: { kind: 'NodePort' } }],
  [
    { nodePort: 30080, host: '127.0.0.1', tlsSecret: 'shop-tls' },
    { exposure: { kind: 'NodePort', port: 30080, host: '127.0.0.1' }, tls: { secret: 'shop-tls' } },
  ],
  [{ externalTrafficPolicy: 'Local' }, { exposure: { kind: 'NodePort', externalTrafficPolicy: 'Local' } }],
  [
    { exposure: 'LoadBalancer', externalTrafficPolicy: 'Cluster' },
    { exposure: { kind: 'LoadBalancer', annotations: {}, externalTrafficPolicy: 'Cluster' } },
  ],
  [
    { exposure: 'LoadBalancer', loadBalancerClass: 'nlb', loadBalancerAnnotations: { a: 'b' } },
    { exposure: { kind: 'LoadBalancer', loadBalancerClass: 'nlb', annotations: { a: 'b' } } },
  ],
  [
    { exposure: 'Ingress', ingressClass: 'traefik', host: 'shop.example.com', tlsSecret: 'shop-tls' },
    { exposure: { kind: 'Ingress', className: 'traefik', host: 'shop.example.com', tlsSecret: 'shop-tls' } },
  ],
])('%j is %j', (more, expected) => expect(exposureOf(config(more))).toEqual(expected));

it('a certificate of ACM ends TLS at the load balancer of AWS', () =>
  expect(exposureOf(config({ exposure: 'LoadBalancer', certificate: 'arn:aws:acm:x' })).exposure).toEqual({
    kind: 'LoadBalancer',
    endsTls: true,
    annotations: {
      'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': 'arn:aws:acm:x',
      'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '443',
      'service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    },
  }));

describe('a key that does nothing is an error:', () => {
  it.each<[Partial<ExposureConfig>, string]>([
    [{ ingressClass: 'x' }, 'ingressClass: "x" is not allowed; has no effect with exposure "NodePort"'],
    [
      { exposure: 'Ingress', ingressClass: 'x', nodePort: 30080 },
      'nodePort: 30080 is not allowed; has no effect with exposure "Ingress"',
    ],
    [
      { loadBalancerAnnotations: { a: 'b' } },
      'loadBalancerAnnotations: {"a":"b"} is not allowed; has no effect with exposure "NodePort"',
    ],
    [{ certificate: 'arn' }, 'certificate: "arn" is not allowed; has no effect with exposure "NodePort"'],
    [
      { exposure: 'LoadBalancer', certificate: 'arn', tlsSecret: 'shop-tls' },
      'tlsSecret: "shop-tls" is not allowed; ends TLS at the gateway, which the certificate ends before it (give one of them)',
    ],
    [{ exposure: 'Ingress' }, 'ingressClass: is missing; exposure "Ingress" needs the class of a controller'],
  ])('%j', (more, message) => expect(problemsOf(() => exposureOf(config(more))).map(formatProblem)).toEqual([message]));
});
