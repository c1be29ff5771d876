import * as pulumi from '@pulumi/pulumi';
import { DeploymentError } from '../../../components/docker/convergence';
import { StorageTransfer } from '../../../components/docker/storage-transfer';
import { deploy } from '../../support/deployment';

/** An engine whose services have replicas by number. */
function fakeEngine(replicas: Record<string, number>, unstartable = false) {
  const calls: string[] = [];
  const engine = {
    stop: (names: readonly string[]) => {
      calls.push(`stop ${names.join()}`);
      return Promise.resolve(
        new Map(names.map((name) => [name, replicas[name] ?? 0] as const).filter(([, n]) => n > 0)),
      );
    },
    start: (services: ReadonlyMap<string, number>, deadline: number) => {
      calls.push(`start ${[...services].map(([name, n]) => `${name} ${n}`).join()} within ${deadline}`);
      return unstartable ? Promise.reject(new Error('no room')) : Promise.resolve();
    },
  };
  return { calls, engine };
}

afterEach(() => jest.restoreAllMocks());

const FAILED = new DeploymentError('service new: the service failed to start');

describe('storage that is handed over', () => {
  it('goes back where the provider refuses what should have it, and the user is told', async () => {
    const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
    const { calls, engine } = fakeEngine({ old: 1 });
    const { result, runHook } = await deploy(() => new StorageTransfer('new', ['old'], engine, 5_000).hooks('r'));
    expect(result.onError).toHaveLength(1);
    await runHook('r-handed-over');
    await expect(runHook('r-refused', { errors: ['no such image\nat all', 'before'] })).resolves.toBe(false);
    expect(calls).toEqual(['stop old', 'stop new', 'start old 1 within 65000']);
    expect(warn.mock.calls).toEqual([['what had the storage before was started again: old']]);
  });

  it('is not given back, and nothing said, where nothing was stopped', async () => {
    const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
    const { calls, engine } = fakeEngine({});
    const { runHook } = await deploy(() => new StorageTransfer('new', ['old'], engine, 5_000).hooks('r'));
    await expect(runHook('r-refused', { errors: ['refused'] })).resolves.toBe(false);
    expect(calls).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('goes back where what comes between fails', async () => {
    const { calls, engine } = fakeEngine({ old: 1 });
    const transfer = new StorageTransfer('new', ['old'], engine, 5_000);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.guarded(() => Promise.reject(new Error('volume is in use')))).rejects.toThrow(
      'volume is in use\nwhat had the storage before was started again: old',
    );
    expect(calls).toEqual(['stop old', 'stop new', 'start old 1 within 65000']);
  });

  it.each(['beforeCreate', 'beforeUpdate'] as const)('is let go of by those that have it: %s', async (moment) => {
    const { calls, engine } = fakeEngine({ old: 1 });
    const { result, runHook } = await deploy(() =>
      new StorageTransfer('new', ['old', 'older'], engine, 5_000).hooks('r'),
    );
    expect(result[moment]).toHaveLength(1);
    await runHook('r-handed-over');
    expect(calls).toEqual(['stop old,older']);
  });

  it('goes back where what should have it fails, which ends first', async () => {
    const { calls, engine } = fakeEngine({ old: 1, new: 1 });
    const transfer = new StorageTransfer('new', ['old', 'older'], engine, 5_000);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.back(FAILED)).resolves.toMatchObject({
      message: 'service new: the service failed to start\nwhat had the storage before was started again: old',
    });
    expect(calls).toEqual(['stop old,older', 'stop new', 'start old 1 within 65000']);
  });

  it('is not touched where nothing had it', async () => {
    const { calls, engine } = fakeEngine({});
    const transfer = new StorageTransfer('new', ['old'], engine, 5_000);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.back(FAILED)).resolves.toBe(FAILED);
    expect(calls).toEqual(['stop old']);
    expect(new StorageTransfer('new', [], engine, 5_000).hooks('none')).toEqual({});
  });

  it('and cannot go back is told with both causes', async () => {
    const { engine } = fakeEngine({ old: 1 }, true);
    const transfer = new StorageTransfer('new', ['old'], engine, 5_000);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.back(FAILED)).resolves.toMatchObject({
      message:
        'service new: the service failed to start\nwhat had the storage before could not be started again (old): Error: no room',
    });
  });
});
