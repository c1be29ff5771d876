import { gatewaySpec, type Route } from '../../components/gateway-spec';
import type { ProxyContext } from '../../components/kubernetes/proxy';
import { haproxyConfiguration, type Backend, type ProxySpec } from '../../components/haproxy/configuration';

export const backend: Backend = {
  name: 'api',
  mode: 'http',
  dnsName: 'tasks.shop-dev-api',
  port: 8080,
  slots: 32,
  timeout: 30_000,
  idleTimeout: 300_000,
  maxConnections: 8_192,
};
export const check = (action: NonNullable<Backend['check']>['action'], timing = {}) => ({
  action,
  interval: 1_000,
  timeout: 1_000,
  failures: 2,
  ...timing,
});
export const httpCheck = check({ kind: 'http', path: '/readyz', port: 8080 });

export function proxy(change: Partial<ProxySpec> = {}): ProxySpec {
  return {
    listeners: [{ name: 'api', bind: ['10.70.0.5:8080'], mode: 'http', backend: 'api' }],
    backends: [{ ...backend, check: httpCheck }],
    stateFolder: '/tmp',
    rulesFile: '/tmp/rules.lua',
    nameserver: '127.0.0.11:53',
    dnsInterval: 500,
    maxConnections: 1_000,
    maxHeaderSize: 32_768,
    maxHeaders: 200,
    drain: 300_000,
    threads: 1,
    ...change,
  };
}
export const withBackend = (change: Partial<Backend>) => proxy({ backends: [{ ...backend, ...change }] });
export function withRoutes(routes: Route[]): ProxySpec {
  const backends = [...new Set(routes.map(({ to }) => to))].map((name) => ({ ...backend, name }));
  return proxy({
    listeners: [
      {
        name: 'public',
        bind: ['10.70.0.2:8080'],
        mode: 'http',
        routes: gatewaySpec({ routes: routes }).routes,
        edge: { scheme: 'http', trustedProxies: [] },
      },
    ],
    backends,
  });
}

/** The lines of one section, without their indentation. */
export function section(spec: ProxySpec, head: string): string[] {
  const found = haproxyConfiguration(spec)
    .split(/\n(?=\S)/)
    .find((part) => part.split('\n')[0] === head);
  return (
    found
      ?.split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter(Boolean) ?? []
  );
}

export const discovery = { namespace: 'shop-dev', clusterDomain: 'cluster.local' };

/** Where a service's proxy runs on Kubernetes. */
export const kubernetesProxy = (rules: ProxySpec): ProxyContext => ({
  namespace: 'shop-dev',
  partOf: 'shop-dev-1',
  serviceAccount: 'api-proxy',
  helperImage: 'haproxy:3.0',
  architecture: 'amd64',
  attempt: 0,
  placement: 30_000,
  image: 'shop/gateway@sha256:1',
  replicas: 2,
  proxy: rules,
  configuration: 'rules-1',
  drain: 10,
});
