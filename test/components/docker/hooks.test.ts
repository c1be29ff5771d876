import * as pulumi from '@pulumi/pulumi';
import { DeploymentError, type Engine } from '../../../components/docker/engine';
import {
  allHooks,
  convergenceHooks,
  keepingHooks,
  proxyHooks,
  storageHooks,
  transitionHooks,
} from '../../../components/docker/hooks';
import type { FrontProxy, Transitions } from '../../../components/docker/transition';
import { deploy } from '../../support/deployment';

/** An engine that writes down what it is asked to do. */
function recorder(failure?: Error) {
  const calls: string[] = [];
  const record =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push(`${name} ${args.map((arg) => JSON.stringify(arg)).join(' ')}`);
      return failure ? Promise.reject(failure) : Promise.resolve();
    };
  const engine = {
    converged: record('converged'),
    attach: record('attach'),
    detachOthers: record('detachOthers'),
    ownVolume: record('ownVolume'),
  } as unknown as Engine;
  return { calls, engine };
}

describe('a service', () => {
  it('is waited for after it was created and after it was updated', async () => {
    const { calls, engine } = recorder();
    const { result, runHook } = await deploy(() =>
      convergenceHooks('shop-api-service', 'shop-dev-api', engine, 90_000),
    );
    expect(Object.keys(result).sort()).toEqual(['afterCreate', 'afterUpdate']);
    await runHook('shop-api-service-updated');
    expect(calls).toEqual(['converged "shop-dev-api" 90000']);
  });

  it('that is new gets time to be found by its load balancer', async () => {
    const { calls, engine } = recorder();
    const { runHook } = await deploy(() => convergenceHooks('s', 'shop-dev-api', engine, 1));
    const start = Date.now();
    await runHook('s-created');
    expect(Date.now() - start).toBeGreaterThanOrEqual(1_400);
    expect(calls).toHaveLength(1);
  });

  it('that fails makes the deployment fail', async () => {
    const { engine } = recorder(new Error('service api: taken back'));
    const { runHook } = await deploy(() => convergenceHooks('s', 'shop-dev-api', engine, 1));
    await expect(runHook('s-updated')).rejects.toThrow('service api: taken back');
    await expect(runHook('s-created')).rejects.toThrow('service api: taken back');
  });
});

describe('replicas', () => {
  it('are looked at before an update, and kept after it if they can be', async () => {
    const calls: unknown[] = [];
    const template = { ContainerSpec: { Env: ['A=1'] } };
    const engine = {
      taskTemplate: (service: string) => Promise.resolve(service === 'gone' ? undefined : template),
      keepReplicas: (...args: unknown[]) => Promise.resolve(calls.push(args) > 0),
    } as unknown as Engine;
    const { result, runHook } = await deploy(() => [
      keepingHooks('s', 'api', engine),
      keepingHooks('t', 'gone', engine),
    ]);
    expect(Object.keys(result[0]!)).toEqual(['beforeUpdate', 'afterUpdate']);
    for (const hook of ['s-watched', 's-kept', 't-watched', 't-kept']) await runHook(hook);
    expect(calls).toEqual([['api', template, expect.any(Function)]]);
  });

  it('are watched while the provider updates their service, and a failure is that of the update', async () => {
    const updates: boolean[] = [];
    const engine = {
      taskTemplate: () => Promise.resolve({}),
      keepReplicas: (_service: string, _before: unknown, updated: () => boolean) => {
        updates.push(updated());
        return new Promise((_, reject) => {
          setTimeout(() => {
            updates.push(updated());
            reject(new Error('engine'));
          }, 100);
        });
      },
    } as unknown as Engine;
    const { runHook } = await deploy(() => keepingHooks('s', 'api', engine));
    await runHook('s-watched');
    await expect(runHook('s-kept')).rejects.toThrow('engine');
    expect(updates).toEqual([false, true]);
  });
});

describe('storage', () => {
  const storage = { volume: 'shop-db-data', user: '999:999', image: pulumi.output('haproxy:3.0') };

  it('belongs to the user of the service before a replica is created or updated', async () => {
    const { calls, engine } = recorder();
    const { result, runHook } = await deploy(() => storageHooks('shop-db-service', storage, engine));
    expect(Object.keys(result).sort()).toEqual(['beforeCreate', 'beforeUpdate']);
    expect(result.beforeCreate).toEqual(result.beforeUpdate);
    await runHook('shop-db-service-storage');
    expect(calls).toEqual(['ownVolume "shop-db-data" "999:999" "haproxy:3.0"']);
  });

  it('that cannot be given to it makes the deployment fail', async () => {
    const { engine } = recorder(new Error('volume shop-db-data cannot be given'));
    const { runHook } = await deploy(() => storageHooks('s', storage, engine));
    await expect(runHook('s-storage')).rejects.toThrow('volume shop-db-data cannot be given');
  });
});

describe('a proxy', () => {
  const proxy = {
    container: 'lb',
    ownNetworks: ['own'],
    attachments: [{ network: 'a', address: '10.0.0.5', alias: 'db' }, { network: 'b' }],
    service: 'lb-config',
  };

  it('joins networks before its configuration names their addresses, and leaves others after it no longer does', async () => {
    const { calls, engine } = recorder();
    const { result, runHook } = await deploy(() => proxyHooks('shop-db-lb', proxy, engine, 60_000));
    expect(result.beforeCreate).toEqual(result.beforeUpdate);
    expect(result.afterCreate).toEqual(result.afterUpdate);
    await runHook('shop-db-lb-join');
    expect(calls).toEqual(['attach "lb" [{"network":"a","address":"10.0.0.5","alias":"db"},{"network":"b"}]']);
    await runHook('shop-db-lb-applied');
    expect(calls.slice(1)).toEqual(['converged "lb-config" 60000', 'detachOthers "lb" ["own","a","b"]']);
  });

  it('leaves no network when the new configuration did not come into force', async () => {
    const { calls, engine } = recorder(new Error('no'));
    const { runHook } = await deploy(() => proxyHooks('p', proxy, engine, 1));
    await expect(runHook('p-applied')).rejects.toThrow('no');
    expect(calls).toEqual(['converged "lb-config" 1']);
  });
});

describe('a service behind proxies', () => {
  const fronts = [{ container: 'lb', configService: 'lb-config', rules: 'new', sections: '' }];
  const rollout = { service: 'shop-dev-api', member: 'api', fronts };

  async function hooksOf(failure?: Error, withdrawal?: Error) {
    const { calls, engine } = recorder(failure);
    const record =
      (name: string, error?: Error) =>
      (member: string, [front]: readonly FrontProxy[]) => {
        calls.push(`${name} ${member} ${front!.configService}`);
        return error ? Promise.reject(error) : Promise.resolve();
      };
    const transitions = { begin: record('begin'), withdraw: record('withdraw', withdrawal) } as unknown as Transitions;
    const { result, runHook, warnings } = await deploy(() => transitionHooks('s', rollout, transitions, engine, 9));
    return { calls, result, runHook, warnings };
  }

  it('is announced to them before an update, not before it is created', async () => {
    const { calls, result, runHook } = await hooksOf();
    expect(Object.keys(result).sort()).toEqual(['afterCreate', 'afterUpdate', 'beforeUpdate']);
    await runHook('s-announced');
    await runHook('s-updated');
    expect(calls).toEqual(['begin api lb-config', 'converged "shop-dev-api" 9']);
  });

  it('that is rolled back is withdrawn, and the deployment fails', async () => {
    const { calls, runHook } = await hooksOf(new DeploymentError('taken back', true));
    await expect(runHook('s-updated')).rejects.toThrow('taken back');
    expect(calls.at(-1)).toBe('withdraw api lb-config');
  });

  it.each([new DeploymentError('1 of 3 replicas are healthy'), new Error('no engine')])(
    'that fails otherwise is not: replicas of both may serve (%s)',
    async (failure) => {
      const { calls, runHook } = await hooksOf(failure);
      await expect(runHook('s-updated')).rejects.toThrow(failure.message);
      expect(calls).toEqual(['converged "shop-dev-api" 9']);
    },
  );

  it('fails for its own reason also when the withdrawal does', async () => {
    const { runHook } = await hooksOf(new DeploymentError('taken back', true), new Error('proxy is gone'));
    await expect(runHook('s-updated')).rejects.toThrow('taken back');
  });
});

it('hooks of several purposes run in order', async () => {
  const { result } = await deploy(() => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new pulumi.ResourceHook(name, () => undefined));
    return allHooks({ beforeCreate: [a!], beforeUpdate: [a!] }, {}, { beforeUpdate: [b!], afterUpdate: [c!] });
  });
  const names = Object.entries(result).map(([moment, hooks]) => [
    moment,
    (hooks as pulumi.ResourceHook[]).map(({ name }) => name).join(),
  ]);
  expect(Object.fromEntries(names)).toEqual({ beforeCreate: 'a', beforeUpdate: 'a,b', afterUpdate: 'c' });
});
