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

const FAILED = new DeploymentError('service new: the service failed to start');

describe('storage that is handed over', () => {
  it.each(['beforeCreate', 'beforeUpdate'] as const)('is let go of by those that have it: %s', async (moment) => {
    const { calls, engine } = fakeEngine({ old: 1 });
    const { result, runHook } = await deploy(() => new StorageTransfer('new', ['old', 'older'], engine).hooks('r'));
    expect(result[moment]).toHaveLength(1);
    await runHook('r-handed-over');
    expect(calls).toEqual(['stop old,older']);
  });

  it('goes back where what should have it fails, which ends first', async () => {
    const { calls, engine } = fakeEngine({ old: 1, new: 1 });
    const transfer = new StorageTransfer('new', ['old', 'older'], engine);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.back(FAILED, 5_000)).resolves.toMatchObject({
      message: 'service new: the service failed to start\nwhat had the storage before was started again: old',
    });
    expect(calls).toEqual(['stop old,older', 'stop new', 'start old 1 within 65000']);
  });

  it('is not touched where nothing had it', async () => {
    const { calls, engine } = fakeEngine({});
    const transfer = new StorageTransfer('new', ['old'], engine);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.back(FAILED, 5_000)).resolves.toBe(FAILED);
    expect(calls).toEqual(['stop old']);
    expect(new StorageTransfer('new', [], engine).hooks('none')).toEqual({});
  });

  it('and cannot go back is told with both causes', async () => {
    const { engine } = fakeEngine({ old: 1 }, true);
    const transfer = new StorageTransfer('new', ['old'], engine);
    const { runHook } = await deploy(() => transfer.hooks('r'));
    await runHook('r-handed-over');
    await expect(transfer.back(FAILED, 5_000)).resolves.toMatchObject({
      message:
        'service new: the service failed to start\nwhat had the storage before could not be started again (old): Error: no room',
    });
  });
});
