import type Docker from 'dockerode';
import { plainText } from './output';
import type { ServiceTask } from './rollout';

const LOG_LINES = 15;
/** What the engine says of an image that it could not pull, whatever the cause. */
const UNPULLED = /no such image|pull access denied|no basic auth credentials/i;

/** What a task says of why it failed: the engine's reason, and the last that it has written. Begins with a line break. */
export async function taskReport(docker: Docker, task: ServiceTask): Promise<string> {
  return reportOf(task, await taskLog(docker, task.ID));
}

/** The same, of what the task has written. */
export function reportOf(task: ServiceTask, log: TaskLog | undefined): string {
  const { Err, Message, State } = task.Status;
  const said = Err ?? Message ?? State;
  const hint = UNPULLED.test(said)
    ? '\nThe engine has no such image and cannot pull it: see that it exists, and sign in to its registry with `docker login`'
    : log?.outOfMemory
      ? '\nIt needed more memory than its limit, and the kernel killed it: raise `resources.memory`'
      : '';
  const lines = [...(log?.lines ?? []), ...(log?.health ?? []).map((output) => `health check: ${output}`)]
    .map((line) => `\n  ${line}`)
    .join('');
  return `\nreplica ${task.ID}: ${said}${hint}${lines && `\nits last log lines:${lines}`}`;
}

/** The last that a task has written. */
export interface TaskLog {
  lines: string[];
  /** Output of health checks that failed. */
  health: string[];
  outOfMemory: boolean;
}

/** The last that a task has written; `undefined` where its container is gone already, which is not worth another error. */
export async function taskLog(docker: Docker, task: string): Promise<TaskLog | undefined> {
  try {
    const inspected = (await docker.getTask(task).inspect()) as {
      Status: { ContainerStatus?: { ContainerID?: string } };
    };
    const id = inspected.Status.ContainerStatus?.ContainerID;
    if (!id) return undefined;
    const container = docker.getContainer(id);
    const [logs, { State }] = await Promise.all([
      container.logs({ stdout: true, stderr: true, tail: LOG_LINES }),
      container.inspect(),
    ]);
    return {
      outOfMemory: State.OOMKilled,
      lines: plainText(logs).split('\n').filter(Boolean),
      // The last one may be of a replica that was ending already.
      health: [...new Set((State.Health?.Log ?? []).filter(failed).map(({ Output }) => Output.trim()))].filter(Boolean),
    };
  } catch {
    return undefined;
  }
}

function failed({ ExitCode }: { ExitCode: number }): boolean {
  return ExitCode !== 0;
}
