import { DeploymentError } from '../../../components/docker/convergence';
import { storageTransfer } from '../../../components/docker/storage-transfer';
import { deploy } from '../../support/deployment';

/** An engine whose services have a replica each. */
function fakeEngine() {
  const calls: string[] = [];
  const engine = {
    stop: (names: readonly string[]) => {
      calls.push(`stop ${names.join()}`);
      return Promise.resolve(new Map(names.map((name) => [name, 1] as const)));
    },
    start: (services: ReadonlyMap<string, number>, deadline: number) => {
      calls.push(`start ${[...services].map(([name, n]) => `${name} ${n}`).join()} within ${deadline}`);
      return Promise.resolve();
    },
  };
  return { calls, engine };
}

it('stops what should have the storage before it starts what had it', async () => {
  const { calls, engine } = fakeEngine();
  const transfer = storageTransfer('new', ['old', 'older'], engine, 5_000);
  const { runHook } = await deploy(() => transfer.hooks('r'));
  await runHook('r-handed-over');
  const error = await transfer.back(new DeploymentError('failed', true));
  expect(error).toBeInstanceOf(DeploymentError);
  expect(error).toMatchObject({ rolledBack: true });
  expect(calls).toEqual(['stop old,older', 'stop new', 'start old 1,older 1 within 65000']);
});

it('has nothing to do where no service has the storage', () => {
  expect(storageTransfer('new', [], fakeEngine().engine, 5_000).hooks('r')).toEqual({});
});
