import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes of a container on this machine, the first one first: those whose control group has its id. The tests
 * hurt containers from outside, since nothing inside may stop or kill a main process.
 *
 * @throws Error when there is none: the container has ended, or it runs on another machine.
 */
export function processesOf(container: string): number[] {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readOr(`/proc/${pid}/cgroup`).includes(container))
    .map(Number)
    .sort((a, b) => a - b);
  if (found.length === 0) throw new Error(`no process of container ${container} runs on this machine`);
  return found;
}

export function signalAll(pids: readonly number[], signal: 'SIGKILL' | 'SIGSTOP'): void {
  for (const pid of pids) process.kill(pid, signal);
}

/** A process may end while it is looked at. */
function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
