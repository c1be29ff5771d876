import type { MicroserviceArgs } from '../../../components';
import { haproxyConfiguration } from '../../../components/haproxy/configuration';
import { MAX_PROXIED_REPLICAS, replicasBackend, slots, srvCapacity } from '../../../components/kubernetes/replicas';
import { serviceProxyRules } from '../../../components/kubernetes/service-proxy';
import { serviceSpec } from '../../support/definitions';

const discovery = { namespace: 'shop-dev', clusterDomain: 'cluster.local' };
const NAME = 'api-replicas.shop-dev.svc.cluster.local';
const backend = (args: Partial<MicroserviceArgs>) => replicasBackend(serviceSpec({ port: 8080, ...args }), discovery);
const lines = (args: Partial<MicroserviceArgs>) =>
  haproxyConfiguration(serviceProxyRules(serviceSpec({ port: 8080, ...args }), discovery))
    .split('\n')
    .map((line) => line.trim());

describe('where replicas are found', () => {
  it('each has the port that DNS gives it: another port is no other rule', () => {
    expect(backend({}).dnsName).toBe(`_main._tcp.${NAME}`);
    const server = (port: number) => lines({ port }).find((line) => line.startsWith('server-template'));
    expect(server(8080)).toBe(server(9000));
    expect(server(8080)).not.toMatch(/8080| port /);
  });

  it('so many that their ports would not fit one answer of DNS have one port', () => {
    const most = srvCapacity(NAME) - 2;
    expect(backend({ replicas: most }).dnsName).toBe(`_main._tcp.${NAME}`);
    expect(backend({ replicas: most + 1 }).dnsName).toBe(NAME);
    expect(lines({ replicas: most + 1 }).find((line) => line.startsWith('server-template'))).toContain(`${NAME}:8080`);
  });

  it.each([
    // Measured with CoreDNS: 90 replicas with short addresses take 7,719 bytes, 100 are too many.
    ['m90-replicas.srvtest.svc.cluster.local', 80, 94],
    [`${'s'.repeat(63)}-replicas.${'n'.repeat(63)}.svc.cluster.local`, 30, 45],
  ])('as many as an answer with names like %s has room for', (name, least, most) => {
    expect(srvCapacity(name)).toBeGreaterThanOrEqual(least);
    expect(srvCapacity(name)).toBeLessThanOrEqual(most);
  });

  it('places come in large steps, so that another number of replicas is no other rule', () => {
    expect([0, 1, 2, 30].map(slots)).toEqual([32, 32, 32, 32]);
    expect([31, 62, 63, 126, 254, 255].map(slots)).toEqual([64, 64, 128, 128, 256, 512]);
    expect(slots(MAX_PROXIED_REPLICAS)).toBe(512);
  });
});

describe('the check of a proxy passes for replicas of another version', () => {
  const ready = (http: { path: string; port?: number }) => ({ ready: { http } });

  it('that does not know its path, but not for one that fails', () => {
    expect(lines(ready({ path: '/readyz' }))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('tcp-check send "GET /readyz HTTP/1.1'),
        expect.stringContaining("rstring '^HTTP/1\\.[01] [1-4][0-9][0-9]'"),
      ]),
    );
  });

  it('that has another port for checks: any answer at the port of requests is one', () => {
    const rules = lines(ready({ path: '/readyz', port: 9000 }));
    expect(rules).toEqual(
      expect.arrayContaining([
        expect.stringContaining('tcp-check send "OPTIONS * HTTP/1.1'),
        expect.stringContaining("rstring '^HTTP/1\\.[01] [1-5][0-9][0-9]'"),
      ]),
    );
    expect(rules.join()).not.toMatch(/9000|readyz/);
  });

  it.each<[string, Partial<MicroserviceArgs>]>([
    ['that are connected to', { ready: { tcp: { port: 9000 } } }],
    ['that run a command', { ready: { exec: ['true'] } }],
    ['that are asked by gRPC and speak something else', { ready: { grpc: { port: 9000 } } }],
    ['that speak something else', { protocol: 'tcp', ready: { http: { path: '/', port: 9000 } } }],
  ])('%s: the port of requests is connected to', (_, args) =>
    expect(backend(args).check).toMatchObject({ action: { kind: 'tcp', port: 8080 } }),
  );

  it('that has another name for the service that a check by gRPC asks for', () =>
    expect(backend({ protocol: 'grpc', ready: { grpc: { service: 'shop.Orders', port: 9000 } } }).check).toMatchObject({
      action: { kind: 'grpc', port: 8080 },
      accepts: 'any',
    }));

  it('none, where a service has none', () =>
    expect(
      replicasBackend({ ...serviceSpec({ port: 8080 }), ready: undefined } as never, discovery),
    ).not.toHaveProperty('check'));
});
