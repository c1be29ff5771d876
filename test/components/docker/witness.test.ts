import type Docker from 'dockerode';
import { framed } from '../../support/fake-docker';
import { witness } from '../../../components/docker/witness';

interface Task {
  ID: string;
  Spec: object;
  Status: { State: string; Err?: string; Timestamp: string };
}

const task = (ID: string, version: number, State = 'failed'): Task => ({
  ID,
  Spec: { ForceUpdate: version },
  Status: { State, Err: `exit of ${version}`, Timestamp: '2026-01-01T00:00:00Z' },
});

/** An engine with a service that runs version 1, and tasks that change. */
function fake(tasks: Task[], health: { ExitCode: number; Output: string }[] = []) {
  const docker = {
    getService: () => ({
      inspect: () => Promise.resolve({ Spec: { TaskTemplate: { ForceUpdate: 1, Runtime: 'container' } } }),
    }),
    listTasks: () => Promise.resolve([...tasks]),
    getTask: (id: string) => ({ inspect: () => Promise.resolve({ Status: { ContainerStatus: { ContainerID: id } } }) }),
    getContainer: (id: string) => ({
      inspect: () => Promise.resolve({ State: { Health: { Log: health } } }),
      logs: () => Promise.resolve(framed([1, `words of ${id}\n`])),
    }),
  };
  return docker as unknown as Docker;
}
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 700));

describe('a witness', () => {
  it('remembers what a replica of the new version said, after the engine has forgotten it', async () => {
    const tasks = [task('old', 1), task('older', 0)];
    const watched = await witness(fake(tasks), 'api');
    expect(watched.report()).toBeUndefined();
    tasks.push(task('new', 2), task('back', 1), task('starting', 2, 'starting'));
    await aWhile();
    tasks.splice(0, tasks.length, task('back again', 1));
    await aWhile();
    expect(watched.report()).toBe('\nreplica new: exit of 2\nits last log lines:\n  words of new');
    watched.end();
  });

  it('tells of the health check of a replica that only ever starts', async () => {
    const tasks = [task('old', 1)];
    const watched = await witness(fake(tasks, [{ ExitCode: 1, Output: 'connection refused\n' }]), 'api');
    tasks.push({ ...task('new', 2, 'starting'), Status: { State: 'starting', Timestamp: '2026-01-01T00:00:00Z' } });
    await new Promise((resolve) => setTimeout(resolve, 2_700));
    tasks.splice(0, tasks.length, task('back', 1));
    expect(watched.report()).toBe(
      '\nreplica new: starting\nits last log lines:\n  words of new\n  health check: connection refused',
    );
    watched.end();
  });

  it('that has ended looks no more', async () => {
    const tasks = [task('old', 1)];
    const watched = await witness(fake(tasks), 'api');
    watched.end();
    await aWhile();
    tasks.push(task('new', 2));
    await aWhile();
    expect(watched.report()).toBeUndefined();
  });
});
