import type { Cluster, GoodVersion } from '../../../components/kubernetes/cluster';
import { jobHooks, rolloutHooks } from '../../../components/kubernetes/hooks';
import { deploy } from '../../support/deployment';

const wait = { startup: 60_000, placement: 30_000, deadline: 300_000 };
const good = (): GoodVersion => ({ labels: {}, annotations: {}, spec: { replicas: 3, template: {} } });

/** A cluster that writes down what it is asked to do. */
function recorder({ known, failure }: { known?: GoodVersion; failure?: Error } = { known: good() }) {
  const calls: unknown[][] = [];
  const cluster = {
    lastGood: (...args: unknown[]) => (calls.push(['lastGood', ...args]), Promise.resolve(known)),
    handOver: (...args: unknown[]) => (calls.push(['handOver', ...args]), Promise.resolve()),
    takeOver: (...args: unknown[]) => (calls.push(['takeOver', ...args]), Promise.resolve()),
    rolledOut: (...args: unknown[]) => (
      calls.push(['rolledOut', ...args]),
      failure ? Promise.reject(failure) : Promise.resolve()
    ),
    completed: (...args: unknown[]) => (
      calls.push(['completed', ...args]),
      failure ? Promise.reject(failure) : Promise.resolve()
    ),
  } as unknown as Cluster;
  return { calls, cluster };
}
const hooks = (cluster: Cluster, least?: number) =>
  deploy(() => rolloutHooks('api', 'shop-dev', 'api', cluster, wait, { least }));

describe('a Deployment', () => {
  it('that is new is waited for, and may stumble on its first start', async () => {
    const { calls, cluster } = recorder();
    await (await hooks(cluster)).runHook('api-created');
    expect(calls).toEqual([['rolledOut', 'shop-dev', 'api', { ...wait, restarts: 2 }]]);
  });

  it('lets others go on when it is ready the first time only: an update may be rolled back until it has ended', async () => {
    const { calls, cluster } = recorder();
    const onReady = () => undefined;
    const { runHook } = await deploy(() => rolloutHooks('api', 'shop-dev', 'api', cluster, { ...wait, onReady }));
    await runHook('api-created');
    await runHook('api-updated');
    expect(calls.map((call) => (call[3] as { onReady?: unknown }).onReady)).toEqual([onReady, undefined]);
  });

  it('that is updated goes back to what it was before, at the first failure', async () => {
    const { calls, cluster } = recorder();
    const { runHook } = await hooks(cluster);
    await runHook('api-before');
    await runHook('api-updated');
    expect(calls).toEqual([
      ['lastGood', 'shop-dev', 'api'],
      ['takeOver', 'shop-dev', 'api'],
      ['rolledOut', 'shop-dev', 'api', { ...wait, restarts: 0 }, good()],
    ]);
  });

  it('whose number of replicas is the autoscaler’s is handed over before, and goes back without a number', async () => {
    const { calls, cluster } = recorder();
    const { runHook } = await hooks(cluster, 2);
    await runHook('api-before');
    await runHook('api-updated');
    expect(calls.map(([name]) => name)).toEqual(['lastGood', 'handOver', 'rolledOut']);
    expect(calls[1]).toEqual(['handOver', 'shop-dev', 'api', 2]);
    expect(calls[2]![4]).toEqual({ ...good(), spec: { template: {} } });
  });

  it('that is new starts with as many replicas as the autoscaler keeps at least', async () => {
    const { calls, cluster } = recorder();
    await (await hooks(cluster, 2)).runHook('api-created');
    expect(calls.map(([name]) => name)).toEqual(['handOver', 'rolledOut']);
  });

  it('that has never worked has nothing to go back to, and may stumble again', async () => {
    const { calls, cluster } = recorder({});
    const { runHook } = await hooks(cluster);
    await runHook('api-before');
    await runHook('api-updated');
    expect(calls.at(-1)).toEqual(['rolledOut', 'shop-dev', 'api', { ...wait, restarts: 2 }, undefined]);
  });

  it('that fails makes the deployment fail', async () => {
    const { runHook } = await hooks(recorder({ failure: new Error('taken back') }).cluster);
    await expect(runHook('api-created')).rejects.toThrow('taken back');
    await expect(runHook('api-updated')).rejects.toThrow('taken back');
  });

  it('is looked at before an update, and judged after each change', async () => {
    const { result } = await hooks(recorder().cluster);
    expect(Object.keys(result).sort()).toEqual(['afterCreate', 'afterUpdate', 'beforeUpdate']);
  });
});

describe('a Job', () => {
  it('is waited for by the name that it was given', async () => {
    const { calls, cluster } = recorder();
    const { result, runHook } = await deploy(() => jobHooks('migrate', 'shop-dev', cluster, 90_000));
    await runHook('migrate-completed', { newOutputs: { metadata: { name: 'migrate-1a2b' } } });
    expect(calls).toEqual([['completed', 'shop-dev', 'migrate-1a2b', 90_000]]);
    expect(result.afterCreate).toEqual(result.afterUpdate);
  });

  it('that fails makes the deployment fail', async () => {
    const { cluster } = recorder({ failure: new Error('it failed') });
    const { runHook } = await deploy(() => jobHooks('migrate', 'shop-dev', cluster, 1));
    await expect(runHook('migrate-completed', { newOutputs: { metadata: { name: 'x' } } })).rejects.toThrow(
      'it failed',
    );
  });
});
