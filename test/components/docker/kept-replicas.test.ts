import type Docker from 'dockerode';
import fc from 'fast-check';
import { keepReplicas, taskTemplate, type TaskTemplate } from '../../../components/docker/kept-replicas';

const template = (Env: string[], more: Record<string, unknown> = {}): TaskTemplate => ({
  ContainerSpec: { Image: 'api:1', Args: ['a', 'b'], Env, Mounts: [{ Target: '/tmp' }, { Target: '/run' }], ...more },
  Networks: [{ Target: 'n1' }, { Target: 'n2' }],
});

/** An engine with one service, and what it is updated to. */
function engineWith(...looks: TaskTemplate[]) {
  const updates: unknown[] = [];
  const spec = () => ({
    Name: 'api',
    Mode: { Replicated: { Replicas: 4 } },
    TaskTemplate: looks.length > 1 ? looks.shift()! : looks[0]!,
  });
  const docker = {
    getService: () => ({
      inspect: () => Promise.resolve({ Version: { Index: 7 }, Spec: spec() }),
      update: (options: unknown) => Promise.resolve(void updates.push(options)),
    }),
  } as unknown as Docker;
  return { docker, updates };
}

describe('replicas of an update', () => {
  it('stay when only the order of their environment is another, with the new number of them', async () => {
    const before = template(['A=1', 'B=2']);
    const { docker, updates } = engineWith(template(['B=2', 'A=1']));
    expect(await keepReplicas(docker, 'api', before, () => true)).toBe(true);
    expect(updates).toEqual([{ version: 7, Name: 'api', Mode: { Replicated: { Replicas: 4 } }, TaskTemplate: before }]);
  });

  it('are watched until the provider has made its update', async () => {
    const before = template(['A=1', 'B=2']);
    const { docker, updates } = engineWith(before, before, before, template(['B=2', 'A=1']));
    expect(await keepReplicas(docker, 'api', before, () => false)).toBe(true);
    expect(updates).toHaveLength(1);
  });

  it('are looked at once more after that', async () => {
    const before = template(['A=1', 'B=2']);
    let made = false;
    const { docker, updates } = engineWith(before, template(['B=2', 'A=1']));
    const kept = keepReplicas(docker, 'api', before, () => made);
    made = true;
    expect(await kept).toBe(true);
    expect(updates).toHaveLength(1);
    expect(await keepReplicas(engineWith(before).docker, 'api', before, () => true)).toBe(false);
  });

  it('stay when the engine notes something in the service just then', async () => {
    const before = template(['A=1', 'B=2']);
    const { docker, updates } = engineWith(template(['B=2', 'A=1']));
    const service = docker.getService('api');
    const answers = ['update out of sequence', 'update out of sequence'];
    const update = (options: never) =>
      answers.length > 0
        ? Promise.reject(new Error(`server error - rpc error: code = Unknown desc = ${answers.shift()}`))
        : service.update(options);
    const busy = { getService: () => ({ inspect: () => service.inspect(), update }) } as unknown as Docker;
    expect(await keepReplicas(busy, 'api', before, () => true)).toBe(true);
    expect(updates).toHaveLength(1);
    answers.push('The swarm does not have a leader');
    await expect(keepReplicas(busy, 'api', before, () => true)).rejects.toThrow('does not have a leader');
  });

  it('stay whatever the order is, of mounts and networks too', () =>
    fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(['A=1', 'B=2', 'C=', 'D=4'], { minLength: 4 }),
        fc.boolean(),
        async (env, turned) => {
          const before = template(['A=1', 'B=2', 'C=', 'D=4']);
          const after = template(env, turned ? { Mounts: [{ Target: '/run' }, { Target: '/tmp' }] } : {});
          const { docker, updates } = engineWith(
            turned ? { ...after, Networks: [{ Target: 'n2' }, { Target: 'n1' }] } : after,
          );
          const same = JSON.stringify(after) === JSON.stringify(before) && !turned;
          expect(await keepReplicas(docker, 'api', before, () => true)).toBe(!same);
          expect(updates).toHaveLength(same ? 0 : 1);
        },
      ),
    ));

  it.each<[string, TaskTemplate]>([
    ['a value of the environment', template(['A=1', 'B=3'])],
    ['one variable more', template(['B=2', 'A=1', 'C=3'])],
    ['the image', template(['B=2', 'A=1'], { Image: 'api:2' })],
    ['the order of arguments', template(['B=2', 'A=1'], { Args: ['b', 'a'] })],
    ['a network', { ...template(['B=2', 'A=1']), Networks: [{ Target: 'n1' }] }],
    ['the counter of attempts', { ...template(['B=2', 'A=1']), ForceUpdate: 1 } as TaskTemplate],
  ])('are replaced for %s', async (_, after) => {
    const { docker, updates } = engineWith(after);
    expect(await keepReplicas(docker, 'api', template(['A=1', 'B=2']), () => true)).toBe(false);
    expect(updates).toEqual([]);
  });
});

it('a service that was removed by hand has no replicas to keep', async () => {
  const failing = (statusCode: number) =>
    ({
      getService: () => ({ inspect: () => Promise.reject(Object.assign(new Error('engine'), { statusCode })) }),
    }) as unknown as Docker;
  expect(await taskTemplate(failing(404), 'api')).toBeUndefined();
  await expect(taskTemplate(failing(500), 'api')).rejects.toThrow('engine');
  expect(await taskTemplate(engineWith(template([])).docker, 'api')).toEqual(template([]));
});
