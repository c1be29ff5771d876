import * as pulumi from '@pulumi/pulumi';
import { NotDeployedError, Rollouts } from '../../components/rollouts';
import { deploy } from '../support/deployment';

const RESOURCE = {} as pulumi.Resource;

/** A rollout of a member whose end the test decides. */
async function rollout(members: readonly string[] = ['api']) {
  let end!: (error?: Error) => void;
  let ready!: () => void;
  const ended = new Promise<void>((resolve, reject) => (end = (error) => (error ? reject(error) : resolve())));
  const rollouts = new Rollouts();
  const { runHook, result } = await deploy(() => {
    const slow = new pulumi.ResourceHook('slow', () => ended);
    const binding = rollouts.deferred(
      members,
      () => RESOURCE,
      (onReady) => {
        ready = onReady;
        return { afterCreate: [slow], beforeCreate: [slow] };
      },
    );
    return { binding, after: rollouts.after('next', ['api']) };
  });
  return { rollouts, runHook, result, end, ready: () => ready() };
}

describe('a rollout', () => {
  const errors: unknown[][] = [];
  const { error } = pulumi.log;
  beforeEach(() => {
    errors.length = 0;
    Object.assign(pulumi.log, { error: (...args: unknown[]) => Promise.resolve(void errors.push(args)) });
  });
  afterAll(() => void Object.assign(pulumi.log, { error }));

  it('is begun by the hook after a creation, which does not wait: the engine would hold a lock', async () => {
    const { rollouts, runHook, result, end } = await rollout();
    await runHook('slow-begun');
    let over = false;
    const all = rollouts.all().then(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    end();
    await all;
    // What comes before has nobody to hold up.
    expect(result.binding.beforeCreate!.map((hook) => (hook as pulumi.ResourceHook).name)).toEqual(['slow']);
  });

  it('is waited for by what comes after it, before that is created or updated', async () => {
    const { runHook, result, end } = await rollout();
    expect(Object.keys(result.after).sort()).toEqual(['beforeCreate', 'beforeUpdate']);
    await runHook('next-in-turn'); // nothing was begun: what is not touched is there
    await runHook('slow-begun');
    let over = false;
    const next = runHook('next-in-turn').then(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    end();
    await next;
  });

  it('that is ready holds up nothing that comes after it, but the end of the program', async () => {
    const { rollouts, runHook, end, ready } = await rollout();
    await runHook('slow-begun');
    ready();
    await runHook('next-in-turn');
    let over = false;
    const all = rollouts.all().finally(() => (over = true));
    all.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    end(new Error('service api: exited with code 1'));
    await expect(all).rejects.toThrow('1 rollout failed');
    expect(errors).toEqual([['service api: exited with code 1', RESOURCE]]);
  });

  it('that fails is an error of its resource, told once, and keeps back what comes after it', async () => {
    const { rollouts, runHook, end } = await rollout(['api', "api's replicas"]);
    await runHook('slow-begun');
    end(new Error('service api: rolled back'));
    await expect(runHook('next-in-turn')).rejects.toThrow(
      new NotDeployedError('not deployed, because these rollouts failed first: api'),
    );
    await expect(rollouts.all()).rejects.toThrow(
      new pulumi.RunError(
        '1 rollout failed; resources that are no longer defined were not deleted. Fix the cause and run `up` again',
      ),
    );
    expect(errors).toEqual([['service api: rolled back', RESOURCE]]);
  });

  it('that fails keeps back what comes after it until the others have ended, too: that ends the program', async () => {
    const rollouts = new Rollouts();
    let end!: () => void;
    const other = new Promise<void>((resolve) => (end = resolve));
    const { runHook } = await deploy(() => {
      const hook = (name: string, work: () => Promise<void>) => () => ({
        afterCreate: [new pulumi.ResourceHook(name, work)],
      });
      return [
        rollouts.deferred(
          ['api'],
          () => RESOURCE,
          hook('bad', () => Promise.reject(new Error('no'))),
        ),
        rollouts.deferred(
          ['web'],
          () => RESOURCE,
          hook('slow', () => other),
        ),
        rollouts.after('next', ['api']),
      ];
    });
    await runHook('slow-begun');
    await runHook('bad-begun');
    let over = false;
    const next = runHook('next-in-turn').finally(() => (over = true));
    next.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    end();
    await expect(next).rejects.toThrow(NotDeployedError);
  });

  it('ends the program with these words alone, also where an output hands the error on', async () => {
    const { rollouts, runHook, end } = await rollout();
    await runHook('slow-begun');
    end(new Error('no'));
    const error = await rollouts.all().catch((reason: unknown) => reason as Error);
    (error as Error).message = `error serializing property "url": ${(error as Error).message}`;
    expect((error as Error).message).toBe(
      '1 rollout failed; resources that are no longer defined were not deleted. Fix the cause and run `up` again',
    );
    expect(pulumi.RunError.isInstance(error)).toBe(true);
  });

  it('is begun by one hook where one waits after creation and update', async () => {
    const { result } = await deploy(() => {
      const both = new pulumi.ResourceHook('ended', () => undefined);
      return new Rollouts().deferred(
        ['job'],
        () => RESOURCE,
        () => ({ afterCreate: [both], afterUpdate: [both] }),
      );
    });
    expect(result.afterCreate).toEqual(result.afterUpdate);
  });

  it('of nobody is waited for by nobody', () => {
    expect(new Rollouts().after('next', [])).toEqual({});
  });
});
