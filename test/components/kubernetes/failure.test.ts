import { failureReport } from '../../../components/kubernetes/failure';
import { pod } from '../../support/fake-cluster';

/** An API with logs of the container that runs and of the one before it. */
function core({ now, before, events = [] }: { now?: string; before?: string; events?: [string, string, string?][] }) {
  const calls: unknown[] = [];
  return {
    calls,
    readNamespacedPodLog: ({ previous, ...request }: { previous: boolean }) => {
      calls.push({ previous, ...request });
      const text = previous ? before : now;
      return text === undefined ? Promise.reject(new Error('no such container')) : Promise.resolve(text);
    },
    listNamespacedEvent: (request: object) => {
      calls.push(request);
      return Promise.resolve({
        items: events.map(([reason, message, at]) => ({ reason, message, lastTimestamp: new Date(at ?? 0) })),
      });
    },
  };
}
const report = (api: ReturnType<typeof core>, of = pod({ restarts: 1 })) =>
  failureReport(api as never, 'shop-dev', { message: 'it ended', pod: of });

describe('what is said of a failure', () => {
  it('is its reason alone where no replica is to blame', async () =>
    expect(await failureReport(core({}) as never, 'shop-dev', { message: 'exceeded quota' })).toBe('exceeded quota'));

  it('has the last log lines of the run that ended', async () => {
    const api = core({ now: 'starting', before: 'connecting\n\nboom: no database\n' });
    expect(await report(api)).toBe('it ended\nits last log lines:\n  connecting\n  boom: no database');
    expect(api.calls).toContainEqual({
      namespace: 'shop-dev',
      name: 'api-pod-1',
      container: 'api',
      tailLines: 15,
      previous: true,
    });
  });

  it('has those of the run that goes on, where the other said nothing or there was none', async () => {
    expect(await report(core({ now: 'starting' }))).toContain('  starting');
    expect(await report(core({ now: 'starting', before: '\n' }))).toContain('  starting');
    expect(await report(core({ now: 'starting', before: 'never' }), pod())).toContain('  starting');
  });

  it('has those of the run that goes on, where the kubelet has just removed the container of the other and says so in its log', async () => {
    const before = 'unable to retrieve container logs for containerd://1af04c82bb05903d';
    expect(await report(core({ now: 'boom: no database', before }))).toBe(
      'it ended\nits last log lines:\n  boom: no database',
    );
    expect(await report(core({ now: before, before }))).toBe('it ended');
  });

  it('has those of what must end before the replica starts, where that fails', async () => {
    const failed = pod();
    const state = { waiting: { reason: 'CrashLoopBackOff' } };
    failed.status!.initContainerStatuses = [
      { name: 'api-secrets', image: 'x', imageID: '', ready: false, restartCount: 1, state },
    ];
    const api = core({ before: 'cp: no such file' });
    expect(await report(api, failed)).toContain('  cp: no such file');
    expect(api.calls).toContainEqual(expect.objectContaining({ container: 'api-secrets', previous: true }));
  });

  it('has the last warnings of the cluster, each once, in their order', async () => {
    const events: [string, string, string][] = [
      ['Unhealthy', 'Readiness probe failed: 503', '2026-01-04'],
      ['Unhealthy', 'Readiness probe failed: 503', '2026-01-03'],
      ['FailedMount', 'secret "x" not found ', '2026-01-01'],
    ];
    const api = core({ events });
    expect(await report(api)).toBe(
      'it ended\n  FailedMount: secret "x" not found\n  Unhealthy: Readiness probe failed: 503',
    );
    expect(api.calls).toContainEqual({ namespace: 'shop-dev', fieldSelector: 'involvedObject.uid=pod-1,type=Warning' });
  });

  it('is no error of its own when the replica is gone or may not be looked at', async () => {
    const api = core({});
    api.listNamespacedEvent = () => Promise.reject(new Error('forbidden'));
    expect(await report(api)).toBe('it ended');
  });
});
