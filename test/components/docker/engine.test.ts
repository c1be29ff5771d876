import { DeploymentError, type ConvergenceOptions } from '../../../components/docker/convergence';
import { DockerEngine } from '../../../components/docker/engine';
import { FakeDocker, framed, type FakeService, type FakeTask } from '../../support/fake-docker';

const running = (State = 'running', DesiredState = 'running'): FakeTask => ({ DesiredState, Status: { State } });
const failed = (Err = 'task: non-zero exit (1)'): FakeTask => ({
  DesiredState: 'shutdown',
  Status: { State: 'failed', Err },
});

let fake: FakeDocker;
let engine: DockerEngine;
beforeEach(() => {
  jest.useFakeTimers();
  fake = new FakeDocker();
  engine = new DockerEngine(fake.docker);
});
afterEach(() => jest.useRealTimers());

/** Lets time pass until the wait is over, and tells its end and length. */
async function outcome(
  deadline = 60_000,
  options: Partial<ConvergenceOptions> = {},
): Promise<{ error?: Error; waited: number }> {
  const start = Date.now();
  let end: { error?: Error; waited: number } | undefined;
  engine.converged('api', { deadline, ...options }).then(
    () => (end = { waited: Date.now() - start }),
    (error: unknown) => (end = { error: error as Error, waited: Date.now() - start }),
  );
  while (!end) await jest.advanceTimersByTimeAsync(250);
  return end;
}
const looks = (...list: [FakeService, FakeTask[]][]) =>
  (fake.looks = list.map(([service, tasks]) => ({ service, tasks })));

describe('a service has converged', () => {
  it('at once when the engine says that the update is complete and all replicas run', async () => {
    looks([{ replicas: 2, update: { State: 'completed' } }, [running(), running(), running('shutdown', 'shutdown')]]);
    expect(await outcome()).toEqual({ waited: expect.any(Number) as number });
    expect(fake.looked).toBe(1);
  });

  it('not while the update is under way, though all replicas run', async () => {
    looks(
      [{ replicas: 2, update: { State: 'updating' } }, [running(), running()]],
      [{ replicas: 2, update: { State: 'updating' } }, [running(), running()]],
      [{ replicas: 2, update: { State: 'completed' } }, [running(), running()]],
    );
    expect((await outcome()).error).toBeUndefined();
    expect(fake.looked).toBe(3);
  });

  it('not while an update is complete but a replica is missing', async () => {
    looks(
      [{ replicas: 2, update: { State: 'completed' } }, [running()]],
      [{ replicas: 2, update: { State: 'completed' } }, [running(), running()]],
    );
    await outcome();
    expect(fake.looked).toBe(2);
  });

  it('without an update, once the number of replicas is steady for a while', async () => {
    looks([{ replicas: 2 }, [running()]], [{ replicas: 2 }, [running(), running()]]);
    const { error, waited } = await outcome();
    expect(error).toBeUndefined();
    expect(waited).toBeGreaterThanOrEqual(750);
  });

  it('at once when it was created and all replicas are healthy', async () => {
    looks([{ replicas: 1, healthcheck: ['CMD', 'probe'] }, [running()]]);
    expect((await outcome(60_000, { created: true })).error).toBeUndefined();
    expect(fake.looked).toBe(1);
  });

  it('but not without a health check: it may fail at once', async () => {
    looks([{ replicas: 1 }, [running()]]);
    expect((await outcome(60_000, { created: true })).waited).toBeGreaterThanOrEqual(750);
  });

  it('not before it was steady for a while: the count starts over when one fails', async () => {
    looks(
      [{ replicas: 1 }, [running(), running('running', 'shutdown')]],
      [{ replicas: 1 }, [running()]],
      [{ replicas: 1 }, [running('starting')]],
      [{ replicas: 1 }, [running()]],
    );
    expect((await outcome()).error).toBeUndefined();
    expect(fake.looked).toBeGreaterThanOrEqual(6);
  });

  it('not before those that leave have left, however long that takes', async () => {
    const leaving: [FakeService, FakeTask[]] = [{ replicas: 1 }, [running(), running('running', 'shutdown')]];
    looks(...Array.from({ length: 20 }, () => leaving), [{ replicas: 1 }, [running()]]);
    expect((await outcome()).error).toBeUndefined();
    expect(fake.looked).toBeGreaterThan(20);
  });

  it('when replicas of the version before fail no more than they did: they say nothing of the new one', async () => {
    const UpdatedAt = '2026-01-01T00:00:23.497Z';
    const before = { ...failed(), Spec: { ContainerSpec: { Env: ['V=1'] } }, CreatedAt: '2026-01-01T00:00:19.48Z' };
    const service = { replicas: 1, UpdatedAt };
    looks(
      [service, [before, before, before, running('starting')]],
      [service, [before, before, before, running('starting')]],
      [service, [before, before, before, running()]],
    );
    expect((await outcome()).error).toBeUndefined();
    const own = { ...before, CreatedAt: '2026-01-01T00:00:24Z' };
    looks([service, [own, own, own]]);
    expect((await outcome()).error!.message).toContain('the service failed to start');
  });

  it('with no replica at all when it was told to have none', async () => {
    looks([{ replicas: 0 }, []]);
    expect((await outcome()).error).toBeUndefined();
  });
});

describe('more replicas than there should be', () => {
  const three = [running(), running(), running()];
  const updates = () => fake.calls.filter((call) => call.startsWith('update'));

  it.each([undefined, 'completed'])(
    'are removed by an update that changes nothing, when they have run for some seconds (%s)',
    async (State) => {
      const surplus: FakeService = { replicas: 2, ...(State === undefined ? {} : { update: { State } }) };
      looks(...Array.from({ length: 20 }, (): [FakeService, FakeTask[]] => [surplus, three]), [
        { replicas: 2 },
        three.slice(1),
      ]);
      const { error, waited } = await outcome();
      expect(error).toBeUndefined();
      expect(waited).toBeGreaterThan(3_000);
      const TaskTemplate = {};
      const Mode = { Replicated: { Replicas: 2 } };
      expect(updates()).toEqual([`update api ${JSON.stringify({ Name: 'api', Mode, TaskTemplate, version: 1 })}`]);
    },
  );

  it('are left to the engine while it updates, and where they leave at once', async () => {
    const end: [FakeService, FakeTask[]] = [{ replicas: 2, update: { State: 'completed' } }, three.slice(1)];
    const updating: FakeService = { replicas: 2, update: { State: 'updating' } };
    looks(...Array.from({ length: 40 }, (): [FakeService, FakeTask[]] => [updating, three]), end);
    expect((await outcome()).error).toBeUndefined();
    looks([{ replicas: 2, update: { State: 'completed' } }, three], end);
    expect((await outcome()).error).toBeUndefined();
    expect(updates()).toEqual([]);
  });
});

describe('a service that does not converge is an error', () => {
  it.each<[string, FakeTask[], string]>([
    ['rollback_completed', [running()], 'the update was rolled back; the previous version is still serving'],
    ['rollback_completed', [running(), running()], 'the update was rolled back; the previous version is still serving'],
    // It has never been healthy either.
    ['rollback_completed', [], 'the update was rolled back; 0 of 1 replicas of the previous version are healthy'],
    [
      'rollback_paused',
      [],
      'the update failed, and the previous version failed to start as well; 0 of 1 replicas are healthy',
    ],
    [
      'paused',
      [running()],
      'the update failed and is paused; 1 of 1 replicas are healthy; fix the definition and run `up` again',
    ],
  ])('when the engine ends in %s, with what runs', async (State, tasks, what) => {
    looks(
      [{ replicas: 1, update: { State: 'updating' } }, [running()]],
      [{ replicas: 1, update: { State, Message: 'm' } }, [...tasks, failed()]],
    );
    const { error } = await outcome();
    expect(error).toBeInstanceOf(DeploymentError);
    expect(error!.message).toBe(`service api: ${what} (m)\nreplica task-${tasks.length}: task: non-zero exit (1)`);
  });

  it.each<[string, Partial<FakeService>]>([
    ['has storage, so that its replica was stopped first', { order: 'stop-first' }],
    ['is a job', { restart: 'on-failure' }],
  ])('where nothing has served meanwhile: it %s', async (_, kind) => {
    looks(
      [{ ...kind, replicas: 1, update: { State: 'updating' } }, [running()]],
      [{ ...kind, replicas: 1, update: { State: 'rollback_completed', Message: 'm' } }, [running(), failed()]],
    );
    expect((await outcome()).error!.message).toContain('rolled back; the previous version was started again (m)');
  });

  it('with words for a job, where it is one', async () => {
    looks([{ replicas: 1, restart: 'on-failure' }, [failed(), failed(), failed()]]);
    expect((await outcome(60_000, { created: true })).error!.message).toContain('it failed each time it was started');
    looks([{ replicas: 1, restart: 'on-failure' }, [running('starting')]]);
    expect((await outcome(2_000, { created: true })).error!.message).toContain('it has not completed after 2 s');
  });

  it('with a replica of the version that failed, also where no replica of the previous one is meant to run', async () => {
    const of = (attempt: number, Timestamp: string): FakeTask => ({
      ...failed(`of ${attempt}`),
      Spec: { ForceUpdate: attempt, Networks: [{ Target: 'n' }] },
      CreatedAt: Timestamp,
      Status: { State: 'failed', Err: `of ${attempt}`, Timestamp },
    });
    const update = { State: 'rollback_paused', Message: 'm' };
    // The previous version, which the engine has gone back to, was tried last.
    looks([{ replicas: 1, attempt: 1, update }, [of(2, '2026-01-01T00:00:00Z'), of(1, '2026-02-01T00:00:00Z')]]);
    expect((await outcome()).error!.message).toContain('\nreplica task-0: of 2');
  });

  it('with a replica of the version that failed, also where the engine has come to a halt half-way back to one that never ran', async () => {
    const of = (attempt: number, State: string, DesiredState: string, Timestamp: string): FakeTask => ({
      DesiredState,
      Spec: { ForceUpdate: attempt },
      CreatedAt: Timestamp,
      Status: { State, Err: `of ${attempt}`, Timestamp },
    });
    const tasks = [
      of(2, 'ready', 'running', '2026-01-01T00:00:03Z'),
      of(2, 'failed', 'shutdown', '2026-01-01T00:00:02Z'),
      of(1, 'failed', 'shutdown', '2026-01-01T00:00:09Z'),
    ];
    looks([{ replicas: 2, attempt: 1, update: { State: 'rollback_paused', Message: 'm' } }, tasks]);
    expect((await outcome()).error!.message).toContain('\nreplica task-1: of 2');
    // Here it is the service that failed, and older tasks have nothing to say of it.
    looks([{ replicas: 2, attempt: 2, update: { State: 'paused', Message: 'm' } }, tasks]);
    expect((await outcome()).error!.message).toContain('\nreplica task-1: of 2');
  });

  it('that says what to do about an image that cannot be pulled', async () => {
    const rejected: FakeTask = { Status: { State: 'rejected', Err: 'No such image: registry.example.com/api:1' } };
    looks([{ replicas: 1 }, [rejected, rejected, rejected]]);
    expect((await outcome()).error!.message).toBe(
      'service api: the service failed to start\nreplica task-0: No such image: registry.example.com/api:1\n' +
        'The engine has no such image and cannot pull it: see that it exists, and sign in to its registry with `docker login`',
    );
  });

  it('that says what to do about a replica that needed more memory than it may have', async () => {
    fake.containers['task-0'] = { logs: framed([1, 'starting\n']), outOfMemory: true };
    const killed: FakeTask = { Status: { State: 'failed', Err: 'task: non-zero exit (137)' } };
    looks([{ replicas: 1 }, [killed, killed, killed]]);
    expect((await outcome()).error!.message).toBe(
      'service api: the service failed to start\nreplica task-0: task: non-zero exit (137)\n' +
        'It needed more memory than its limit, and the kernel killed it: raise `resources.memory`\n' +
        'its last log lines:\n  starting',
    );
  });

  it('but not while the engine still rolls back', async () => {
    looks(
      [{ update: { State: 'rollback_started' } }, [running()]],
      [{ update: { State: 'rollback_completed' } }, [running()]],
    );
    expect((await outcome()).error!.message).toContain('rollback_completed');
    expect(fake.looked).toBe(2);
  });

  it('when a new one crashes again and again', async () => {
    looks([{ replicas: 1 }, [failed(), failed()]], [{ replicas: 1 }, [failed(), failed(), failed('exit 3')]]);
    expect((await outcome()).error!.message).toMatch(/^service api: the service failed to start\nreplica task-\d: /);
    expect(fake.looked).toBe(2);
  });

  it('but failures do not count while something that it calls is on its way up', async () => {
    const three = [1, 2, 3].map((n): FakeTask => ({ ...failed(), ID: `early-${n}` }));
    const late = [4, 5, 6].map((n): FakeTask => ({ ...failed(`late ${n}`), ID: `late-${n}` }));
    looks([{ replicas: 1 }, three], [{ replicas: 1 }, three], [{ replicas: 1 }, [...three, ...late]]);
    const { error } = await outcome(60_000, { created: true, excused: () => fake.looked < 2 });
    expect(error!.message).toMatch(/^service api: the service failed to start\nreplica (early|late)-\d/);
    expect(fake.looked).toBe(3);
  });

  it('when no node has room, after twenty seconds, saying what to do', async () => {
    const waiting: FakeTask = {
      DesiredState: 'running',
      Status: { State: 'pending', Err: 'no suitable node (insufficient resources)' },
    };
    looks([{ replicas: 2 }, [running(), waiting]]);
    const { error, waited } = await outcome();
    expect(error!.message).toMatch(
      /no node takes a replica, for the reason below; .*lower its resource requests.*\nreplica task-1: no suitable node/,
    );
    expect(waited).toBeGreaterThan(20_000);
    expect(waited).toBeLessThan(22_000);
  });

  it('when its time is over, with how far it came', async () => {
    looks([{ replicas: 3 }, [running(), running('starting'), running('starting')]]);
    const { error, waited } = await outcome(5_000);
    expect(error!.message).toMatch(/^service api: 1 of 3 replicas are healthy after 5 s/);
    expect(waited).toBeGreaterThan(5_000);
    expect(waited).toBeLessThan(6_000);
  });
});

describe('an error shows', () => {
  const end: FakeService = { replicas: 1, update: { State: 'rollback_completed', Message: 'm' } };

  it('the last log lines of the failed replica and its last health check', async () => {
    looks([end, [running(), failed('unhealthy container')]]);
    fake.containers['task-1'] = { logs: framed([1, 'starting\n'], [2, 'no database\n']), health: 'ready: HTTP 503\n' };
    const { error } = await outcome();
    expect(error!.message.split('\n').slice(1)).toEqual([
      'replica task-1: unhealthy container',
      'its last log lines:',
      '  starting',
      '  no database',
      '  health check: ready: HTTP 503',
    ]);
    expect(fake.calls).toContain('logs task-1 15');
  });

  it('one of the update that was rolled back, not one of an update before it', async () => {
    const of = (version: number, task: FakeTask): FakeTask => ({
      ...task,
      Spec: { version },
      CreatedAt: `2026-01-0${version}T00:00:00Z`,
    });
    // Killed in the version that serves, or in an older one, after the last update began.
    const late = (task: FakeTask): FakeTask => ({
      ...task,
      Status: { ...task.Status, Timestamp: '2026-02-01T00:00:00Z' },
    });
    const stopped: FakeTask = { DesiredState: 'shutdown', Status: { State: 'complete', Message: 'finished' } };
    looks([end, [of(1, failed('old')), of(2, running()), late(of(2, failed('killed'))), of(3, stopped)]]);
    expect((await outcome()).error!.message).toContain('\nreplica task-3: finished');
  });

  it('the newest of those that failed, before those that were stopped', async () => {
    const at = (task: FakeTask, Timestamp: string): FakeTask => ({ ...task, Status: { ...task.Status, Timestamp } });
    looks([
      end,
      [
        at({ Status: { State: 'shutdown' } }, '2026-03-01T00:00:00Z'),
        at(failed('old'), '2026-01-01T00:00:00Z'),
        at(failed('new'), '2026-02-01T00:00:00Z'),
      ],
    ]);
    expect((await outcome()).error!.message).toContain('replica task-2: new');
  });

  it('no logs where the container is gone, or cannot be read', async () => {
    looks([end, [failed('gone')]]);
    expect((await outcome()).error!.message).toMatch(/replica task-0: gone$/);
  });
});

describe('the rules of a proxy are in force', () => {
  async function applied(before: string[], options: Partial<ConvergenceOptions> = {}) {
    const start = Date.now();
    let end: { error?: Error; waited: number } | undefined;
    engine.rulesApplied('lb-config', new Set(before), { deadline: 5_000, ...options }).then(
      () => (end = { waited: Date.now() - start }),
      (error: unknown) => (end = { error: error as Error, waited: Date.now() - start }),
    );
    while (!end) await jest.advanceTimersByTimeAsync(250);
    return end;
  }
  const said = (...lines: string[]) => ({ logs: framed([1, lines.map((line) => `${line}\n`).join('')]) });

  it('when the task that brings them says so, before the engine has watched it for its time', async () => {
    looks([{ replicas: 1, update: { State: 'updating' } }, [{ ...running(), ID: 'new' }]]);
    fake.containers['new'] = said('configuration applied');
    expect((await applied(['old'])).error).toBeUndefined();
    expect(fake.looked).toBe(1);
  });

  it('not because the task of before has said so', async () => {
    const old: FakeTask = { ...running(), ID: 'old' };
    looks(
      [{ replicas: 1, update: { State: 'updating' } }, [old]],
      [{ replicas: 1, update: { State: 'updating' } }, [old, { ...running(), ID: 'new' }]],
    );
    fake.containers['old'] = said('configuration applied');
    fake.containers['new'] = said('something else');
    expect((await applied(['old'])).error!.message).toContain('replicas are healthy after 5 s');
  });

  it('not because a task has run for a while, when it was created', async () => {
    looks([{ replicas: 1 }, [{ ...running(), ID: 'new' }]]);
    fake.containers['new'] = said();
    expect((await applied([], { created: true })).error!.message).toBe(
      'service lb-config: did not converge within 5 s',
    );
  });

  it('when the engine says so of an update that replaced no task', async () => {
    looks([{ replicas: 1 }, [{ ...running(), ID: 'old' }]]);
    expect((await applied(['old'])).error).toBeUndefined();
  });

  it('never, where the engine rolls them back', async () => {
    looks([{ replicas: 1, update: { State: 'rollback_completed', Message: 'm' } }, [{ ...running(), ID: 'old' }]]);
    expect((await applied(['old'])).error!.message).toContain('rolled back');
  });
});

describe('what is deployed', () => {
  const deployed = async (service: FakeService, tasks: FakeTask[] = [running()]) => {
    fake.services = { 'shop-dev-api': { service, tasks } };
    return (await engine.deployed('shop-dev')).get('shop-dev-api');
  };

  it('is asked for by label', async () => {
    await deployed({});
    expect(fake.calls).toEqual(['listServices {"filters":{"label":["app.kubernetes.io/part-of=shop-dev"]}}']);
  });

  it.each<[string, FakeService, FakeTask[], boolean]>([
    ['runs', {}, [running()], false],
    ['was updated', { update: { State: 'completed' } }, [], false],
    ['is being updated', { update: { State: 'updating' } }, [], false],
    ['was rolled back', { update: { State: 'rollback_completed' } }, [running()], true],
    ['is rolling back', { update: { State: 'rollback_started' } }, [running()], true],
    ['stopped while updating', { update: { State: 'paused' } }, [running()], true],
    ['never ran', {}, [failed()], true],
    ['is a job that has ended well', { restart: 'on-failure' }, [running('complete', 'shutdown')], false],
    ['is a job that failed', { restart: 'on-failure' }, [failed()], true],
    ['ends as soon as it is started', { restart: 'any' }, [running('complete', 'shutdown')], true],
    ['is to have no replica', { replicas: 0 }, [], false],
  ])('%s', async (_, service, tasks, isFailed) => expect((await deployed(service, tasks))!.failed).toBe(isFailed));

  it('is a variant of a microservice or job; what brings rules into force is of neither', async () => {
    const asked = async (component: string, more = {}) =>
      deployed({
        labels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/component': component, ...more },
      });
    expect(await asked('job')).toMatchObject({ member: 'api', createdAt: Date.parse('2026-01-01T00:00:00Z') });
    expect((await asked('microservice'))!.variant).toBeUndefined();
    expect((await asked('microservice', { 'components.shop/variant': 'v' }))!.variant).toBe('v');
    expect((await asked('proxy-config'))!.member).toBe('');
  });

  it('mounts volumes, which are not folders of its own', async () => {
    const volume = { Type: 'volume', Source: 'shop-dev-db-data' };
    expect((await deployed({ mounts: [{ Type: 'tmpfs' }, volume] }))!.volumes).toEqual(['shop-dev-db-data']);
    expect((await deployed({}))!.volumes).toEqual([]);
  });

  it('has the attempt that it runs', async () => {
    expect((await deployed({ attempt: 1_767_225_600 }))!.attempt).toBe(1_767_225_600);
    expect((await deployed({}))!.attempt).toBe(0);
  });

  it('failed at a time that is the same at every look, so that a preview shows no change of its own', async () => {
    const CompletedAt = '2026-01-01T00:00:05.9Z';
    expect(
      (await deployed({ update: { State: 'rollback_completed', StartedAt: '2026-01-01T00:00:01Z', CompletedAt } }))!
        .failedAt,
    ).toBe(1_767_225_605);
    expect((await deployed({ update: { State: 'paused', StartedAt: '2026-01-01T00:00:01Z' } }))!.failedAt).toBe(
      1_767_225_601,
    );
    expect((await deployed({ UpdatedAt: '2026-01-01T00:00:09Z' }, [failed()]))!.failedAt).toBe(1_767_225_609);
  });
});

describe('the networks of a running container', () => {
  beforeEach(() => {
    fake.networks['lb'] = {
      own: { IPAddress: '10.0.0.9' },
      a: { IPAddress: '', IPAMConfig: { IPv4Address: '10.0.1.5' } },
      b: { IPAddress: '10.0.2.66', IPAMConfig: null },
    };
  });

  it('are left alone where they are right', async () => {
    await engine.attach('lb', [{ network: 'a', address: '10.0.1.5', alias: 'db' }, { network: 'b' }]);
    expect(fake.calls).toEqual([]);
  });

  it('gain what is missing, with address and alias', async () => {
    await engine.attach('lb', [{ network: 'c', address: '10.0.3.5', alias: 'db' }, { network: 'd' }]);
    expect(fake.calls).toEqual([
      'connect c {"Container":"lb","EndpointConfig":{"IPAMConfig":{"IPv4Address":"10.0.3.5"},"Aliases":["db"]}}',
      'connect d {"Container":"lb","EndpointConfig":{}}',
    ]);
  });

  it('are joined anew at another address', async () => {
    await engine.attach('lb', [{ network: 'a', address: '10.0.1.6' }]);
    expect(fake.calls.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual(['disconnect a', 'connect a']);
  });

  it('lose what is not in the list', async () => {
    await engine.detachOthers('lb', ['own', 'b', 'never-joined']);
    expect(fake.calls).toEqual(['disconnect a lb']);
  });
});
