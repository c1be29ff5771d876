import fc from 'fast-check';
import type { Check, MicroserviceArgs } from '../../../components';
import { probes } from '../../../components/kubernetes/probes';
import { serviceSpec } from '../../support/definitions';

interface Probe {
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
  terminationGracePeriodSeconds?: number;
}
const rendered = (args: Partial<MicroserviceArgs>) =>
  probes(serviceSpec({ port: 8080, ...args })) as Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', Probe>;

const HEADERS = [
  { name: 'Host', value: 'localhost' },
  { name: 'User-Agent', value: 'probe' },
  { name: 'Accept', value: '*/*' },
];

describe('the probes', () => {
  it('are these by default', () => {
    const check = { tcpSocket: { port: 8080 }, successThreshold: 1 };
    expect(rendered({})).toEqual({
      startupProbe: {
        ...check,
        periodSeconds: 1,
        timeoutSeconds: 2,
        failureThreshold: 60,
        terminationGracePeriodSeconds: 1,
      },
      livenessProbe: {
        ...check,
        periodSeconds: 3,
        timeoutSeconds: 2,
        failureThreshold: 3,
        terminationGracePeriodSeconds: 1,
      },
      readinessProbe: { ...check, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 },
    });
  });

  it('ask `alive` whether a replica is up and whether to restart it, and `ready` whether it gets requests', () => {
    const found = rendered({ alive: { http: { path: '/healthz' } }, ready: { http: { path: '/readyz', port: 9000 } } });
    const alive = { path: '/healthz', port: 8080, scheme: 'HTTP', httpHeaders: HEADERS };
    expect(found.startupProbe).toMatchObject({ httpGet: alive });
    expect(found.livenessProbe).toMatchObject({ httpGet: alive });
    expect(found.readinessProbe).toMatchObject({ httpGet: { path: '/readyz', port: 9000, scheme: 'HTTP' } });
  });

  it.each<[Check, object]>([
    [{ http: { path: '/x?y=z' } }, { httpGet: { path: '/x?y=z', port: 8080, scheme: 'HTTP', httpHeaders: HEADERS } }],
    [
      { http: { path: '/x', headers: { host: 'shop.example', 'X-A': 'a' } } },
      {
        httpGet: {
          httpHeaders: [{ name: 'Host', value: 'shop.example' }, ...HEADERS.slice(1), { name: 'X-A', value: 'a' }],
        },
      },
    ],
    [{ grpc: {} }, { grpc: { port: 8080, service: '' } }],
    [{ grpc: { service: 'shop.Orders', port: 99 } }, { grpc: { port: 99, service: 'shop.Orders' } }],
    [{ tcp: { port: 99 } }, { tcpSocket: { port: 99 } }],
    [{ exec: ['check', '$(HOME)'] }, { exec: { command: ['check', '$$(HOME)'] } }],
  ])('%j becomes %j', (alive, handler) => expect(rendered({ alive }).livenessProbe).toMatchObject(handler));

  it('give a new replica the whole of `startup`', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 600_000 }), (startup) => {
        const { periodSeconds, failureThreshold } = rendered({ startup: `${startup}ms` }).startupProbe;
        expect(periodSeconds * failureThreshold * 1_000).toBeGreaterThanOrEqual(startup);
        expect(periodSeconds * failureThreshold * 1_000).toBeLessThan(startup + 1_000);
      }),
    );
  });

  it('take times in whole seconds, never shorter than asked for', () =>
    expect(
      rendered({ ready: { tcp: {}, interval: '500ms', timeout: '1500ms', failures: 4 } }).readinessProbe,
    ).toMatchObject({ periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 4 }));

  it('give what writes to storage its stop grace, and do not hold up the restart of anything else', () => {
    const data = { storage: { path: '/data', size: '1Gi' }, stopGrace: '30s' } as const;
    expect(rendered(data).livenessProbe.terminationGracePeriodSeconds).toBe(30);
    expect(rendered({ stopGrace: '30s' }).livenessProbe.terminationGracePeriodSeconds).toBe(1);
  });

  it('are none for a worker without checks', () => expect(probes(serviceSpec())).toEqual({}));
});
