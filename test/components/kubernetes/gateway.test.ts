import { applicationSpec } from '../../../components/application-spec';
import type { Exposure, GatewayTls } from '../../../components/kubernetes/exposure';
import {
  gatewayDeploymentArgs,
  gatewayPorts,
  gatewayProxy,
  type GatewayContext,
} from '../../../components/kubernetes/gateway';
import { haproxyConfiguration } from '../../../components/haproxy/configuration';
import { IMAGE } from '../../support/definitions';

const NODE_PORT: Exposure = { kind: 'NodePort' };
const tls: GatewayTls = { secret: 'shop-tls' };
const application = applicationSpec('shop', {
  services: {
    api: { image: IMAGE, port: 9000, ready: { http: { path: '/readyz' } }, timeout: '7s', replicas: 3 },
    inner: { image: IMAGE, port: 8080 },
  },
  gateway: { routes: [{ path: '/api', to: 'api' }] },
});
const proxy = (exposure: Exposure = NODE_PORT, withTls?: GatewayTls) =>
  gatewayProxy(application.gateway!, application, {
    namespace: 'shop-dev',
    clusterDomain: 'cluster.local',
    exposure,
    tls: withTls,
  });
const context: GatewayContext = {
  namespace: 'shop-dev',
  partOf: 'shop-dev-1',
  serviceAccount: 'gateway',
  helperImage: 'haproxy:3.0',
  architecture: 'amd64',
  attempt: 0,
  placement: 30_000,
  image: 'shop/gateway@sha256:1',
  replicas: 2,
  exposure: NODE_PORT,
  proxy: proxy(),
  configuration: 'rules-1',
  drain: 10,
};
interface Rendered {
  metadata: { name: string };
  spec: Record<string, unknown> & {
    template: {
      metadata: { annotations?: object };
      spec: Record<string, unknown> & { containers: Record<string, unknown>[]; volumes: unknown[] };
    };
  };
}
const deployment = (extra: Partial<GatewayContext> = {}) =>
  gatewayDeploymentArgs(application.gateway!, { ...context, ...extra }) as unknown as Rendered;
const container = (extra: Partial<GatewayContext> = {}) => deployment(extra).spec.template.spec.containers[0]!;

describe('the rules of the gateway', () => {
  it('are those of every target, over the names that list the replicas', () => {
    expect(proxy().listeners[0]).toMatchObject({ routes: application.gateway!.routes, mode: 'http' });
    expect(proxy().backends).toEqual([
      {
        name: 'api',
        mode: 'http',
        dnsName: '_main._tcp.api-replicas.shop-dev.svc.cluster.local',
        port: 9000,
        slots: 32,
        check: { ...application.services[0]!.ready, accepts: 'working' },
        timeout: 7_000,
        idleTimeout: 300_000,
        maxConnections: 8_192,
      },
    ]);
  });

  it('ask the DNS that the cluster gives to pods', () =>
    expect(haproxyConfiguration(proxy())).toContain('parse-resolv-conf'));

  it.each<[Exposure, GatewayTls | undefined, string | undefined]>([
    [NODE_PORT, undefined, 'http'],
    [NODE_PORT, tls, 'https'],
    [{ kind: 'LoadBalancer' }, undefined, 'http'],
    [{ kind: 'LoadBalancer', endsTls: true }, undefined, 'https'],
    [{ kind: 'Ingress', className: 'x', tlsSecret: 'x' }, undefined, 'https'],
  ])('tell services what a request came by: %j with %j is %s', (exposure, withTls, scheme) =>
    expect(proxy(exposure, withTls).listeners[0]!.edge!.scheme).toBe(scheme),
  );

  it('believe what a client says of itself only where a controller stands in front', () => {
    expect(proxy().listeners[0]!.edge!.trustedProxies).toEqual([]);
    expect(proxy({ kind: 'Ingress', className: 'x' }).listeners[0]!.edge!.trustedProxies).toBe('any');
  });

  it('end TLS with the certificate of the Secret', () => {
    expect(proxy(NODE_PORT, tls).listeners[0]).toMatchObject({ bind: ['*:8443'], certificate: '/run/tls/gateway.pem' });
    expect(proxy().listeners[0]).not.toHaveProperty('certificate');
  });

  it('send people from http to https where a load balancer answers both', () => {
    expect(proxy({ kind: 'LoadBalancer', endsTls: true }).redirect).toBe('*:8081');
    expect(proxy({ kind: 'LoadBalancer' })).not.toHaveProperty('redirect');
    expect(proxy(NODE_PORT, tls)).not.toHaveProperty('redirect');
  });
});

it('only what people use can be connected to, not the health check', () => {
  expect(gatewayPorts(proxy())).toEqual([8080]);
  expect(gatewayPorts(proxy({ kind: 'LoadBalancer' }, tls))).toEqual([8443, 8081]);
});

describe("the gateway's pods", () => {
  it('run HAProxy with the rules, which stops by itself when it has finished', () => {
    expect(container()).toMatchObject({
      image: 'shop/gateway@sha256:1',
      command: ['haproxy', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
      lifecycle: { preStop: { sleep: { seconds: 10 } } },
    });
    expect(deployment().spec.template.spec['terminationGracePeriodSeconds']).toBe(10 + 300 + 5);
    expect(deployment().spec.template.spec.volumes).toContainEqual({
      name: 'configuration',
      configMap: { name: 'rules-1', defaultMode: 0o444 },
    });
  });

  it('are confined like every pod', () => {
    expect(deployment().spec.template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  it('get certificate and key as HAProxy looks for them', () =>
    expect(deployment({ tls }).spec.template.spec.volumes).toContainEqual({
      name: 'tls',
      secret: {
        secretName: 'shop-tls',
        defaultMode: 0o400,
        items: [
          { key: 'tls.crt', path: 'gateway.pem' },
          { key: 'tls.key', path: 'gateway.pem.key' },
        ],
      },
    }));

  it('are other pods when the certificate is another, where that is known', () => {
    const { annotations } = deployment({ tls, certificate: 'f1' }).spec.template.metadata;
    expect(annotations).toMatchObject({ 'components.shop/certificate': 'f1' });
    expect(JSON.stringify(deployment({ tls }))).not.toContain('components.shop/certificate');
  });

  it('name the ports they listen on', () => {
    const names = (extra: Partial<GatewayContext>) =>
      (container(extra)['ports'] as { name: string }[]).map(({ name }) => name);
    expect(names({})).toEqual(['public', 'health']);
    expect(names({ exposure: { kind: 'LoadBalancer' }, tls })).toEqual(['https', 'http', 'health']);
  });
});
