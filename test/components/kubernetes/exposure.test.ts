import * as pulumi from '@pulumi/pulumi';
import {
  gatewayServiceArgs,
  ingressArgs,
  isHttps,
  publicPorts,
  publicUrl,
  type Exposure,
  type GatewayTls,
  type IngressExposure,
} from '../../../components/kubernetes/exposure';
import { valueOf } from '../../support/deployment';

const context = { namespace: 'shop-dev', partOf: 'shop-dev-1' };
const tls: GatewayTls = { secret: 'shop-tls' };
interface Service {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: Record<string, unknown> & { ports: Record<string, unknown>[] };
}
const service = (exposure: Exposure, withTls?: GatewayTls) =>
  gatewayServiceArgs(exposure, withTls, context) as unknown as Service;
const ports = (exposure: Exposure, withTls?: GatewayTls) =>
  service(exposure, withTls).spec.ports.map(({ port, targetPort }) => [
    port,
    targetPort,
    publicPorts(exposure, withTls).find(({ target }) => target === targetPort)!.number,
  ]);

describe("the address of a client is the client's", () => {
  it('behind a load balancer, which knows the nodes that have a pod of the gateway', () =>
    expect(service({ kind: 'LoadBalancer' }).spec).toMatchObject({ externalTrafficPolicy: 'Local' }));

  it('at a port of the nodes only where it is asked for: a node without a pod of the gateway would not answer', () => {
    expect(service({ kind: 'NodePort' }).spec).toMatchObject({ externalTrafficPolicy: 'Cluster' });
    expect(service({ kind: 'NodePort', externalTrafficPolicy: 'Local' }).spec).toMatchObject({
      externalTrafficPolicy: 'Local',
    });
  });

  it('as the controller says behind an ingress', () =>
    expect(service({ kind: 'Ingress', className: 'x' }).spec).not.toHaveProperty('externalTrafficPolicy'));
});

it.each<Exposure>([{ kind: 'LoadBalancer' }, { kind: 'NodePort' }])(
  'when TLS comes, old pods of %j keep answering at the port that they had',
  (exposure) => {
    const [old] = publicPorts(exposure, undefined);
    const kept = publicPorts(exposure, tls).find(({ target }) => target === old!.target);
    expect(kept).toBeDefined();
    if (exposure.kind === 'LoadBalancer') expect(kept!.port).toBe(old!.port);
  },
);

describe('a load balancer', () => {
  const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' };

  it('is what the annotations and the class ask for, and is waited for', () => {
    const found = service({
      kind: 'LoadBalancer',
      annotations,
      loadBalancerClass: 'nlb',
      sourceRanges: ['192.0.2.0/24'],
    });
    expect(found.metadata).toMatchObject({ name: 'gateway', annotations });
    expect(found.metadata.annotations).not.toHaveProperty('pulumi.com/skipAwait');
    expect(found.spec).toMatchObject({
      type: 'LoadBalancer',
      loadBalancerClass: 'nlb',
      loadBalancerSourceRanges: ['192.0.2.0/24'],
      selector: { 'app.kubernetes.io/name': 'gateway' },
    });
  });

  it('speaks plain HTTP without a certificate', () =>
    expect(ports({ kind: 'LoadBalancer' })).toEqual([[80, 'http', 8080]]));

  it('with a certificate of its own hands on what it has decrypted, and sends people who come by http to https', () =>
    expect(ports({ kind: 'LoadBalancer', endsTls: true })).toEqual([
      [443, 'https', 8080],
      [80, 'http', 8081],
    ]));

  it('without one lets the gateway decrypt', () =>
    expect(ports({ kind: 'LoadBalancer' }, tls)).toEqual([
      [443, 'https', 8443],
      [80, 'http', 8081],
    ]));
});

describe('a port of the nodes', () => {
  it('is fixed, or chosen by the cluster', () => {
    expect(service({ kind: 'NodePort', port: 30080 }).spec).toMatchObject({
      type: 'NodePort',
      ports: [{ nodePort: 30080 }],
    });
    expect(service({ kind: 'NodePort' }).spec.ports[0]).not.toHaveProperty('nodePort');
  });

  it('leads to the gateway, over TLS where it has a certificate', () => {
    expect(ports({ kind: 'NodePort' })).toEqual([[80, 'public', 8080]]);
    expect(ports({ kind: 'NodePort' }, tls)).toEqual([[443, 'public', 8443]]);
  });
});

describe('an ingress', () => {
  const exposure: IngressExposure = {
    kind: 'Ingress',
    className: 'traefik',
    host: 'shop.example.com',
    tlsSecret: 'shop-tls',
  };

  it('hands everything on to the gateway, which decides', () =>
    expect(ingressArgs(exposure, context).spec).toEqual({
      ingressClassName: 'traefik',
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'gateway', port: { name: 'http' } } } },
            ],
          },
        },
      ],
      tls: [{ secretName: 'shop-tls', hosts: ['shop.example.com'] }],
    }));

  it('is for any host, and without TLS, unless told otherwise', () => {
    const { rules, ...spec } = ingressArgs({ kind: 'Ingress', className: 'traefik' }, context).spec as {
      rules: object[];
    };
    expect(rules[0]).not.toHaveProperty('host');
    expect(spec).not.toHaveProperty('tls');
  });

  it('keeps the gateway inside the cluster', () => expect(service(exposure).spec).toMatchObject({ type: 'ClusterIP' }));
});

describe('the address of the application', () => {
  const lb = {
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
    spec: { ports: [{ nodePort: 30123 }] },
  };
  const url = (exposure: Exposure, withTls?: GatewayTls, { spec, status }: { spec: unknown; status: unknown } = lb) =>
    valueOf(
      publicUrl(exposure, withTls, { spec: pulumi.output(spec), status: pulumi.output(status) } as never, '192.0.2.10'),
    );

  it.each<[Exposure, GatewayTls | undefined, string]>([
    [{ kind: 'LoadBalancer' }, undefined, 'http://lb.example.com'],
    [{ kind: 'LoadBalancer', endsTls: true }, undefined, 'https://lb.example.com'],
    [{ kind: 'LoadBalancer', host: 'shop.example.com' }, tls, 'https://shop.example.com'],
    [{ kind: 'NodePort' }, undefined, 'http://192.0.2.10:30123'],
    [{ kind: 'NodePort', host: '127.0.0.1' }, tls, 'https://127.0.0.1:30123'],
    [{ kind: 'Ingress', className: 'x', host: 'shop.example.com' }, undefined, 'http://shop.example.com'],
    [{ kind: 'Ingress', className: 'x', tlsSecret: 't' }, undefined, 'https://192.0.2.10'],
  ])('of %j with %j is %s', async (exposure, withTls, expected) => expect(await url(exposure, withTls)).toBe(expected));

  it('of a load balancer may be a number', async () =>
    expect(
      await url({ kind: 'LoadBalancer' }, undefined, {
        ...lb,
        status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
      }),
    ).toBe('http://192.0.2.1'));

  it('of a load balancer that has none yet is no error', async () => {
    for (const status of [undefined, {}, { loadBalancer: {} }]) {
      expect(await url({ kind: 'LoadBalancer' }, undefined, { ...lb, status })).toBe('http://unknown');
    }
  });
});

it('an ingress ends TLS itself, whatever the gateway has', () => {
  expect(isHttps({ kind: 'Ingress', className: 'x' }, tls)).toBe(false);
  expect(isHttps({ kind: 'Ingress', className: 'x', tlsSecret: 't' }, undefined)).toBe(true);
});
