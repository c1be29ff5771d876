import fc from 'fast-check';
import { healthcheck, jobCommand, jobHealthcheck, PROBE, PROBE_FOLDER } from '../../../components/docker/health';
import { parseDuration } from '../../../components/quantity';
import { serviceSpec } from '../../support/definitions';

const MARKER = '/run/probe/state/passed';
const HEADERS = ['Host', 'localhost', 'User-Agent', 'probe', 'Accept', '*/*'];
const tests = (args: Parameters<typeof serviceSpec>[0]) => healthcheck(serviceSpec(args))!.tests as string[];

/** Reads the sections as the probe does: a name, the number of words, the words. */
function sections(words: string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (let at = 5; at < words.length;) {
    const count = Number(words[at + 1]);
    found[words[at]!] = words.slice(at + 2, at + 2 + count);
    at += 2 + count;
  }
  return found;
}

describe("a container's health check", () => {
  it('is the probe with ready and alive, the longer time-out, and the timing of alive', () => {
    const spec = serviceSpec({
      port: 8080,
      alive: { http: { path: '/healthz' }, interval: '5s', timeout: '3s', failures: 4 },
      ready: { http: { path: '/readyz', port: 81 }, interval: '1s', timeout: '1s', failures: 9 },
      startup: '90s',
    });
    expect(healthcheck(spec)).toEqual({
      tests: [
        ...['CMD', PROBE, 'check', MARKER, '3000'],
        ...['kill', '1', '4'],
        ...['ready', '9', 'http', '81', '/readyz', ...HEADERS],
        ...['alive', '9', 'http', '8080', '/healthz', ...HEADERS],
      ],
      interval: '5s',
      timeout: '4.5s',
      retries: 4,
      startPeriod: '1m30s',
    });
  });

  it('by default connects to the port', () =>
    expect(sections(tests({ port: 9 }))).toEqual({ kill: ['3'], ready: ['tcp', '9'], alive: ['tcp', '9'] }));

  it('sends the headers of a check after its path, and the name of a gRPC service', () =>
    expect(
      sections(
        tests({
          port: 9,
          ready: { http: { path: '/a?b=c', headers: { host: 'shop.example', 'X-A': 'a b' } } },
          alive: { grpc: {} },
        }),
      ),
    ).toEqual({
      kill: ['3'],
      ready: ['http', '9', '/a?b=c', 'Host', 'shop.example', ...HEADERS.slice(2), 'X-A', 'a b'],
      alive: ['grpc', '9', ''],
    }));

  it('kills a replica after as many failures as `alive` allows, and has the time to', () => {
    const check = healthcheck(serviceSpec({ port: 9, alive: { tcp: {}, failures: 7 } }))!;
    expect(sections(check.tests as string[])['kill']).toEqual(['7']);
    expect([check.retries, check.timeout]).toEqual([7, '3.5s']);
  });

  it('leaves what writes to storage its grace period', () => {
    const check = healthcheck(serviceSpec({ port: 9, storage: { path: '/data', size: '1Gi' } }))!;
    expect(sections(check.tests as string[])).not.toHaveProperty('kill');
    expect(check.timeout).toBe('2.5s');
  });

  it('takes the time-out of ready where that is longer', () =>
    expect(tests({ port: 9, ready: { tcp: {}, timeout: '30s' } })[4]).toBe('30000'));

  it('of a worker without checks is none', () => expect(healthcheck(serviceSpec())).toBeUndefined());

  it('of a worker with only `ready` says that there is nothing to be alive by', () =>
    expect(sections(tests({ ready: { exec: ['ready?'] } }))).toEqual({ ready: ['exec', 'ready?'], alive: ['none'] }));

  it('runs commands of any words without a shell, each word as it is', () => {
    const command = fc.array(fc.oneof(fc.string(), fc.constantFrom('--', 'alive', 'ready', '2')), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(command, command, (ready, alive) => {
        fc.pre(ready[0] !== '' && alive[0] !== '');
        const words = tests({ port: 9, ready: { exec: ready }, alive: { exec: alive } });
        expect(words[0]).toBe('CMD');
        expect(sections(words)).toEqual({ kill: ['3'], ready: ['exec', ...ready], alive: ['exec', ...alive] });
      }),
    );
  });

  it('gives a hanging probe more time than the check has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 50_000 }), (timeout) => {
        const spec = serviceSpec({ port: 9, alive: { tcp: {}, timeout: `${timeout}ms` } });
        expect(parseDuration(healthcheck(spec)!.timeout as string)).toBe(
          Math.max(timeout, spec.ready!.timeout) + 1_500,
        );
      }),
    );
  });
});

describe('a job', () => {
  it('is healthy once it has ended well, and has its time to do so', () =>
    expect(jobHealthcheck(300_000)).toEqual({
      tests: ['CMD', PROBE, 'done', MARKER],
      interval: '1s',
      timeout: '2s',
      retries: 1,
      startPeriod: '5m',
    }));

  it('runs its command under the probe', () =>
    expect(jobCommand(['migrate', '--all', 'a b'])).toEqual([PROBE, 'job', MARKER, 'migrate', '--all', 'a b']));

  it('has its marker where the probe may write', () => expect(MARKER.startsWith(`${PROBE_FOLDER}/`)).toBe(true));
});
