import { leftoverHooks } from '../../../components/docker/leftover-hooks';
import type { NamedObject } from '../../../components/docker/leftovers';
import { deploy } from '../../support/deployment';

const OBJECT: NamedObject = { kind: 'service', name: 'shop-dev-api' };

it('what is left of an object is removed before it is created, and nothing at any other moment', async () => {
  const asked: unknown[] = [];
  const removeLeftover = (...args: unknown[]) => Promise.resolve(asked.push(args) > 0);
  const { result, runHook } = await deploy(() => leftoverHooks('api-service', OBJECT, 'shop-dev', { removeLeftover }));
  expect(Object.keys(result)).toEqual(['beforeCreate']);
  await runHook('api-service-leftover');
  expect(asked).toEqual([['shop-dev', OBJECT]]);
});

it('a name that is taken fails the creation', async () => {
  const removeLeftover = () => Promise.reject(new Error('not of this application'));
  const { runHook } = await deploy(() => leftoverHooks('s', OBJECT, 'shop-dev', { removeLeftover }));
  await expect(runHook('s-leftover')).rejects.toThrow('not of this application');
});
