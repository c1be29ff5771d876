import * as pulumi from '@pulumi/pulumi';
import { DeploymentError, type ConvergenceOptions } from '../../../components/docker/convergence';
import type { Engine } from '../../../components/docker/engine';
import {
  callHooks,
  keepingHooks,
  Progress,
  proxyHooks,
  rolloutHooks,
  storageHooks,
  type ServiceRollout,
} from '../../../components/docker/hooks';
import type { CalleeProxy, FrontProxy, Transitions } from '../../../components/docker/transition';
import { StorageTransfer } from '../../../components/storage-transfer';
import { allHooks } from '../../../components/hook-bindings';
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
    taskIds: (service: string) => {
      calls.push(`taskIds "${service}"`);
      return Promise.resolve(new Set(['task']));
    },
    rulesApplied: (service: string, before: ReadonlySet<string>, options: object) =>
      record('rulesApplied')(service, [...before], options),
    ownVolume: record('ownVolume'),
  } as unknown as Engine;
  return { calls, engine };
}

const ROLLOUT: ServiceRollout = {
  service: 'shop-dev-api',
  member: 'api',
  replaces: false,
  deadline: 90_000,
  awaited: false,
  unawaited: [],
  patience: 60_000,
  fronts: [],
  transfer: new StorageTransfer(),
};
const NO_TRANSITIONS = {} as Transitions;
const hooksFor = (more: Partial<ServiceRollout>, engine: Engine, progress = new Progress(['api'])) =>
  deploy(() => rolloutHooks('s', { ...ROLLOUT, ...more }, progress, NO_TRANSITIONS, engine));

describe('a service', () => {
  it('is watched from before its update, and no longer than that', async () => {
    const calls: unknown[] = [];
    const witness = { report: () => 'words', end: () => void calls.push('ended') };
    const engine = {
      witness: (service: string) => Promise.resolve((calls.push(service), witness)),
      converged: (_: string, options: ConvergenceOptions) => Promise.resolve(void calls.push(options.witness)),
    } as unknown as Engine;
    const { runHook } = await hooksFor({}, engine);
    await runHook('s-witnessed');
    await runHook('s-updated');
    expect(calls).toEqual(['shop-dev-api', witness, 'ended']);
  });

  it('is waited for after it was created and after it was updated', async () => {
    const { calls, engine } = recorder();
    const { result, runHook } = await hooksFor({}, engine);
    expect(Object.keys(result).sort()).toEqual(['afterCreate', 'afterUpdate', 'beforeUpdate']);
    await runHook('s-updated');
    await runHook('s-created');
    expect(calls).toEqual([
      'converged "shop-dev-api" {"deadline":90000}',
      'converged "shop-dev-api" {"deadline":90000,"created":true}',
    ]);
  });

  it.each([
    [true, 900],
    [false, 0],
  ])('that is new gets time to be found by its proxies if something waits for it (%s)', async (awaited, least) => {
    const { engine } = recorder();
    const { runHook } = await hooksFor({ awaited }, engine);
    const start = Date.now();
    await runHook('s-created');
    expect(Date.now() - start).toBeGreaterThanOrEqual(least);
    if (!awaited) expect(Date.now() - start).toBeLessThan(900);
  });

  it('that fails makes the deployment fail', async () => {
    const { engine } = recorder(new Error('service api: rolled back'));
    const { runHook } = await hooksFor({}, engine);
    await expect(runHook('s-updated')).rejects.toThrow('service api: rolled back');
    await expect(runHook('s-created')).rejects.toThrow('service api: rolled back');
  });

  it('may fail to start while what it calls is on its way up, for a time', async () => {
    const progress = new Progress(['api', 'db', 'cache']);
    let excused: (() => boolean) | undefined;
    const engine = {
      converged: (_: string, options: ConvergenceOptions) => {
        excused = options.excused;
        return Promise.resolve();
      },
    } as unknown as Engine;
    const { runHook } = await hooksFor({ unawaited: ['db', 'cache', 'deployed'], patience: 500 }, engine, progress);
    await runHook('s-created');
    expect(excused!()).toBe(true);
    progress.started('db');
    expect(excused!()).toBe(true);
    progress.started('cache');
    expect(excused!()).toBe(false);
    const another = new Progress(['db']);
    const { runHook: runAgain } = await hooksFor({ unawaited: ['db'], patience: 50 }, engine, another);
    await runAgain('s-created');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(excused!()).toBe(false);
  });

  it('is no reason to wait any longer once it is up or has failed', async () => {
    for (const failure of [undefined, new Error('no')]) {
      const progress = new Progress(['api']);
      const { runHook } = await hooksFor({}, recorder(failure).engine, progress);
      await runHook('s-created').catch(() => undefined);
      expect(progress.isStarting('api')).toBe(false);
    }
  });

  it('that fails to start says what it did not wait for', async () => {
    const { engine } = recorder(new DeploymentError('service api: the service failed to start'));
    const { runHook } = await hooksFor({ unawaited: ['db', 'cache'] }, engine);
    await expect(runHook('s-created')).rejects.toThrow(
      'service api: the service failed to start\nIt calls db, cache but does not wait for it. If it cannot start without db, cache, add db, cache to its `after`',
    );
    await expect(runHook('s-updated')).rejects.toThrow(/failed to start$/);
  });
});

describe('what is called', () => {
  const attachment = { network: 'web', address: '10.0.0.5', alias: 'api' };
  const callee = { container: 'api-lb', configService: 'api-lb-config', attachment, address: 'api 10.0.0.5:80' };

  it('joins the network of a caller and listens there before the caller is created or updated', async () => {
    const { calls, engine } = recorder();
    const transitions = {
      open: ({ configService }: CalleeProxy, addresses: string[]) => {
        calls.push(`open ${configService} ${addresses.join()}`);
        return Promise.resolve();
      },
    } as unknown as Transitions;
    const { result, runHook } = await deploy(() => callHooks('s', [callee], transitions, engine));
    expect(Object.keys(result)).toEqual(['beforeCreate', 'beforeUpdate']);
    await runHook('s-opened');
    expect(calls).toEqual([`attach "api-lb" ${JSON.stringify([attachment])}`, 'open api-lb-config api 10.0.0.5:80']);
  });

  it.each([
    ['(HTTP code 500) server error - Container 1 is marked for removal and cannot be connected', undefined],
    ['(HTTP code 404) no such container - No such container: api-lb', undefined],
    ['(HTTP code 500) server error - address already in use', 'address already in use'],
  ])('waits for the rules of one that is gone, and for nothing else: %s', async (said, thrown) => {
    const engine = { attach: () => Promise.reject(new Error(said)) } as unknown as Engine;
    const { runHook } = await deploy(() => callHooks('s', [callee], NO_TRANSITIONS, engine));
    const run = runHook('s-opened');
    await (thrown === undefined ? run : expect(run).rejects.toThrow(thrown));
  });

  it('is nothing where nothing is called', async () => {
    const { result } = await deploy(() => callHooks('s', [], NO_TRANSITIONS, recorder().engine));
    expect(result).toEqual({});
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
  const storage = { prefix: 'shop', volume: 'shop-db-data', user: '999:999', image: pulumi.output('haproxy:3.0') };

  it('belongs to the user of the service before a replica is created or updated', async () => {
    const { calls, engine } = recorder();
    const { result, runHook } = await deploy(() => storageHooks('shop-db-service', storage, ROLLOUT.transfer, engine));
    expect(Object.keys(result).sort()).toEqual(['beforeCreate', 'beforeUpdate']);
    expect(result.beforeCreate).toEqual(result.beforeUpdate);
    await runHook('shop-db-service-storage');
    expect(calls).toEqual([
      'ownVolume {"prefix":"shop","volume":"shop-db-data","user":"999:999","image":"haproxy:3.0"}',
    ]);
  });

  it('that cannot be given to it makes the deployment fail', async () => {
    const { engine } = recorder(new Error('volume shop-db-data cannot be given'));
    const { runHook } = await deploy(() => storageHooks('s', storage, ROLLOUT.transfer, engine));
    await expect(runHook('s-storage')).rejects.toThrow('volume shop-db-data cannot be given');
  });
});

describe('a proxy', () => {
  const proxy = {
    prefix: 'shop-dev',
    container: 'lb',
    configService: 'lb-config',
    rules: 'next',
    attachments: [{ network: 'a', address: '10.0.0.5', alias: 'db' }, { network: 'b' }],
  };

  async function hooksOf(failure?: Error) {
    const { calls, engine } = recorder(failure);
    const transitions = {
      keep: ({ configService, rules }: FrontProxy) =>
        Promise.resolve(void calls.push(`keep ${configService} ${rules}`)),
    } as unknown as Transitions;
    const deployed = await deploy(() => proxyHooks('lb', proxy, transitions, engine, 60_000));
    return { calls, ...deployed };
  }

  it('joins networks before its rules name their addresses, and leaves none', async () => {
    const { calls, runHook } = await hooksOf();
    await runHook('lb-join');
    await runHook('lb-applied');
    expect(calls).toEqual([
      'attach "lb" [{"network":"a","address":"10.0.0.5","alias":"db"},{"network":"b"}]',
      'rulesApplied "lb-config" [] {"deadline":60000}',
    ]);
  });

  it('that is new joins them while its first rules are brought, and is there when both are done', async () => {
    let attached = false;
    const engine = {
      attach: () => new Promise<void>((resolve) => setTimeout(() => resolve(void (attached = true)), 100)),
      rulesApplied: () => Promise.resolve(),
    } as unknown as Engine;
    const { runHook } = await deploy(() => proxyHooks('lb', proxy, NO_TRANSITIONS, engine, 60_000));
    await runHook('lb-joining');
    expect(attached).toBe(false);
    await runHook('lb-joined');
    expect(attached).toBe(true);
  });

  it('that is new and cannot join them makes the deployment fail, and is missed by the next one', async () => {
    const removed: unknown[] = [];
    const engine = {
      attach: () => Promise.reject(new Error('address already in use')),
      rulesApplied: () => Promise.resolve(),
      removeLeftover: (...args: unknown[]) => Promise.resolve(removed.push(args) > 0),
    } as unknown as Engine;
    const { runHook } = await deploy(() => proxyHooks('lb', proxy, NO_TRANSITIONS, engine, 60_000));
    await runHook('lb-joining');
    await expect(runHook('lb-joined')).rejects.toThrow('address already in use');
    expect(removed).toEqual([['shop-dev', { kind: 'service', name: 'lb-config' }]]);
  });

  it('goes on listening where its next rules do not, and is waited for by a task that is new', async () => {
    const { calls, runHook } = await hooksOf();
    await runHook('lb-kept');
    await runHook('lb-applied');
    expect(calls).toEqual([
      'taskIds "lb-config"',
      'keep lb-config next',
      'rulesApplied "lb-config" ["task"] {"deadline":60000}',
    ]);
  });

  it('whose rules do not come into force makes the deployment fail', async () => {
    const { runHook } = await hooksOf(new Error('no'));
    await expect(runHook('lb-created')).rejects.toThrow('no');
    await expect(runHook('lb-applied')).rejects.toThrow('no');
  });
});

describe('a service behind proxies', () => {
  const fronts = [{ container: 'lb', configService: 'lb-config', rules: 'new', sections: '' }];
  const rollout = { ...ROLLOUT, deadline: 9, fronts };

  async function hooksOf(failure?: Error, withdrawal?: Error) {
    const { calls, engine } = recorder(failure);
    const record =
      (name: string, error?: Error) =>
      (member: string, [front]: readonly FrontProxy[]) => {
        calls.push(`${name} ${member} ${front!.configService}`);
        return error ? Promise.reject(error) : Promise.resolve();
      };
    const transitions = { begin: record('begin'), withdraw: record('withdraw', withdrawal) } as unknown as Transitions;
    const { result, runHook, warnings } = await deploy(() =>
      rolloutHooks('s', rollout, new Progress([]), transitions, engine),
    );
    return { calls, result, runHook, warnings };
  }

  it('is announced to them before an update, not before it is created', async () => {
    const { calls, result, runHook } = await hooksOf();
    expect(Object.keys(result).sort()).toEqual(['afterCreate', 'afterUpdate', 'beforeUpdate']);
    await runHook('s-announced');
    await runHook('s-updated');
    expect(calls).toEqual(['begin api lb-config', 'converged "shop-dev-api" {"deadline":9}']);
  });

  it('that is rolled back is withdrawn, and the deployment fails', async () => {
    const { calls, runHook } = await hooksOf(new DeploymentError('rolled back', true));
    await expect(runHook('s-updated')).rejects.toThrow('rolled back');
    expect(calls.at(-1)).toBe('withdraw api lb-config');
  });

  it.each([new DeploymentError('1 of 3 replicas are healthy'), new Error('no engine')])(
    'that fails otherwise is not: replicas of both may serve (%s)',
    async (failure) => {
      const { calls, runHook } = await hooksOf(failure);
      await expect(runHook('s-updated')).rejects.toThrow(failure.message);
      expect(calls).toEqual(['converged "shop-dev-api" {"deadline":9}']);
    },
  );

  it('fails for its own reason also when the withdrawal does', async () => {
    const { runHook } = await hooksOf(new DeploymentError('rolled back', true), new Error('proxy is gone'));
    await expect(runHook('s-updated')).rejects.toThrow('rolled back');
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
