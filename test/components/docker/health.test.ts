import fc from 'fast-check';
import { healthcheck, jobCommand, jobHealthcheck, PROBE, PROBE_FOLDER } from '../../../components/docker/health';
import { parseDuration } from '../../../components/quantity';
import { messagesOf, serviceSpec, withService } from '../../support/definitions';

const MARKER = '/run/probe/state/passed';
const tests = (args: Parameters<typeof serviceSpec>[0]) => healthcheck(serviceSpec(args))!.tests;

describe("a container's health check", () => {
  it('is the probe with ready and alive, the longer time-out, and the timing of alive', () => {
    const spec = serviceSpec({
      port: 8080,
      alive: { http: { path: '/healthz' }, interval: '5s', timeout: '3s', failures: 4 },
      ready: { http: { path: '/readyz', port: 81 }, interval: '1s', timeout: '1s', failures: 9 },
      startup: '90s',
    });
    expect(healthcheck(spec)).toEqual({
      tests: ['CMD', PROBE, 'check', MARKER, '3000', 'ready', 'http', '81', '/readyz', '--', 'alive', 'http', '8080', '/healthz', '--'],
      interval: '5s',
      timeout: '3.5s',
      retries: 4,
      startPeriod: '1m30s',
    });
  });

  it('by default connects to the port', () => expect(tests({ port: 9 })).toEqual(['CMD', PROBE, 'check', MARKER, '2000', 'ready', 'tcp', '9', '--', 'alive', 'tcp', '9', '--']));

  it('takes the time-out of ready where that is longer', () => expect(tests({ port: 9, ready: { tcp: {}, timeout: '30s' } })![4]).toBe('30000'));

  it('of a worker without checks is none', () => expect(healthcheck(serviceSpec())).toBeUndefined());

  it('of a worker with only `ready` says that there is nothing to be alive by', () =>
    expect(tests({ ready: { exec: ['ready?'] } })).toEqual(['CMD', PROBE, 'check', MARKER, '1000', 'ready', 'exec', 'ready?', '--', 'alive', 'none', '--']));

  it('runs commands without a shell, each word as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (command) => {
        fc.pre(!command.includes('--'));
        const words = tests({ port: 9, alive: { exec: command } }) as string[];
        expect(words[0]).toBe('CMD');
        expect(words.slice(words.indexOf('alive'))).toEqual(['alive', 'exec', ...command, '--']);
      }),
    );
  });

  it('gives a hanging probe more time than the check has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 50_000 }), (timeout) => {
        const spec = serviceSpec({ port: 9, alive: { tcp: {}, timeout: `${timeout}ms` } });
        expect(parseDuration(healthcheck(spec)!.timeout as string)).toBe(Math.max(timeout, spec.ready!.timeout) + 500);
      }),
    );
  });
});

it('the word that ends a check for the probe is refused in a command, or does not end it', () => {
  const exec = ['sh', '--', 'x'];
  if (messagesOf(withService({ alive: { exec } })).length === 1) return;
  expect(tests({ port: 9, alive: { exec } })!.filter((word) => word === '--')).toHaveLength(2);
});

describe('a job', () => {
  it('is healthy once it has ended well, and has its time to do so', () =>
    expect(jobHealthcheck(300_000)).toEqual({ tests: ['CMD', PROBE, 'done', MARKER], interval: '1s', timeout: '2s', retries: 1, startPeriod: '5m' }));

  it('runs its command under the probe', () => expect(jobCommand(['migrate', '--all', 'a b'])).toEqual([PROBE, 'job', MARKER, 'migrate', '--all', 'a b']));

  it('has its marker where the probe may write', () => expect(MARKER.startsWith(`${PROBE_FOLDER}/`)).toBe(true));
});
