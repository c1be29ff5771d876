import fc from 'fast-check';
import { applicationSpec } from '../../../components/application-spec';
import { backendOf, balancerTraffic, gatewayTraffic } from '../../../components/haproxy/from-spec';
import { fileDescriptors, limitsOf, memoryOf } from '../../../components/haproxy/limits';
import type { MicroserviceArgs } from '../../../components/microservice-spec';
import { backend } from '../../support/proxies';

const specs = (services: Record<string, Partial<MicroserviceArgs>>) =>
  applicationSpec('shop', {
    services: Object.fromEntries(
      Object.entries(services).map(([name, args]) => [name, { image: 'x', port: 80, ...args }]),
    ),
    gateway: { routes: [{ to: Object.keys(services)[0]! }] },
  });

describe('what a microservice asks for becomes what a proxy does', () => {
  it('at defaults', () => {
    const [service] = specs({ api: {} }).services;
    expect(backendOf(service!, { dnsName: 'tasks.api', slots: 32 })).toEqual({
      name: 'api',
      mode: 'http',
      dnsName: 'tasks.api',
      slots: 32,
      port: 80,
      check: service!.ready,
      timeout: 30_000,
      idleTimeout: 300_000,
      maxConnections: 8_192,
    });
    expect(balancerTraffic(service!)).toEqual({
      maxConnections: 8_192,
      maxHeaderSize: 32_768,
      maxHeaders: 200,
      drain: 300_000,
    });
  });

  it('a connection that is passed through may be silent for longer', () => {
    const { services } = specs({ web: {}, db: { protocol: 'tcp' }, rpc: { protocol: 'grpc' } });
    expect(services.map(({ idleTimeout }) => idleTimeout)).toEqual([300_000, 3_600_000, 300_000]);
  });

  it('what runs over old rules has at least the time that an answer may take', () => {
    const [service] = specs({ api: { timeout: '10m' } }).services;
    expect(balancerTraffic(service!).drain).toBe(605_000);
  });

  it('a gateway passes on as much as any service that it routes to', () => {
    const { services, gateway } = specs({
      a: { timeout: '7m', maxHeaders: 100 },
      b: { maxHeaderSize: '64Ki', maxHeaders: 300 },
    });
    expect(gatewayTraffic({ ...gateway!, drain: 1_000 }, services)).toEqual({
      maxConnections: 8_192,
      maxHeaderSize: 65_536,
      maxHeaders: 300,
      drain: 425_000,
    });
  });
});

describe('limits', () => {
  const proxies = fc.record({
    maxConnections: fc.integer({ min: 100, max: 100_000 }),
    backends: fc.integer({ min: 1, max: 30 }).map((count) => Array.from({ length: count }, () => backend)),
  });

  it('leave room to answer 503, and for health checks, whatever is configured', () => {
    fc.assert(
      fc.property(proxies, (proxy) => {
        const limits = limitsOf(proxy);
        expect(limits.common).toBe(proxy.maxConnections);
        expect(limits.total).toBeGreaterThanOrEqual(limits.common);
        expect(limits.accepted).toBeGreaterThan(limits.total);
        expect(limits.process).toBeGreaterThan(limits.accepted);
        // The shares of all services together fit the reserve.
        expect(limits.share * proxy.backends.length).toBeLessThanOrEqual(limits.total - limits.common);
        if (proxy.backends.length > 1) expect(limits.share).toBeGreaterThan(0);
      }),
    );
  });

  it('of the default fit the 20,000 file descriptors that some engines give, with many services', () => {
    const backends = Array.from({ length: 20 }, () => backend);
    expect(fileDescriptors(limitsOf({ maxConnections: 8_192, backends }), backends)).toBeLessThan(20_000);
  });

  it('and memory grow together', () => {
    const memory = (maxConnections: number, size = 32_768) =>
      memoryOf(limitsOf({ maxConnections, backends: [backend] }), size);
    // Measured: a client that reads slowly holds two buffers.
    expect(memory(2_000) - memory(1_000)).toBe(1_000 * (2 * 40_960 + 262_144));
    expect(memory(1_000, 65_536)).toBeGreaterThan(memory(1_000));
  });
});
