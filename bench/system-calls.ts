import { readFileSync } from 'node:fs';
import { command } from '../test/behaviour/support/command';
import { engine } from '../test/behaviour/support/engine';

/** Those of a proxy's every request, by what they are for. */
const KINDS: Record<string, string[]> = {
  all: ['raw_syscalls:sys_enter'],
  send: ['sendto', 'sendmsg', 'write', 'writev'].map(event),
  receive: ['recvfrom', 'recvmsg', 'read', 'readv'].map(event),
  poll: ['epoll_wait', 'epoll_pwait', 'epoll_ctl'].map(event),
};

export type SystemCalls = Record<'all' | 'send' | 'receive' | 'poll', number>;

/**
 * Counts the system calls of a container's processes with `perf`, which costs them nearly nothing.
 *
 * @returns `undefined` where there is no `perf`, or where it may not see them.
 */
export async function systemCalls(container: string, seconds: number): Promise<SystemCalls | undefined> {
  const processes = await processesOf(container);
  if (processes.length === 0) return undefined;
  const events = Object.values(KINDS).flat().join(',');
  const options = ['stat', '--field-separator', ',', '--event', events, '--pid', processes.join(',')];
  try {
    const { code, output } = await command('perf', [...options, 'sleep', String(seconds)]);
    return code === 0 ? parseCounts(output) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns `undefined` when an event was not counted. */
export function parseCounts(output: string): SystemCalls | undefined {
  const counts = new Map<string, number>();
  for (const line of output.split('\n')) {
    const [count, , name] = line.split(',');
    if (name !== undefined) counts.set(name, Number(count));
  }
  const sum = (kind: keyof SystemCalls) => KINDS[kind]!.reduce((total, name) => total + (counts.get(name) ?? NaN), 0);
  const found = { all: sum('all'), send: sum('send'), receive: sum('receive'), poll: sum('poll') };
  return Object.values(found).every(Number.isFinite) ? found : undefined;
}

/** The engine may be in another machine, where the same number is somebody else's process. */
async function processesOf(container: string): Promise<string[]> {
  const { Processes } = (await engine.getContainer(container).top({ ps_args: '-eo pid' })) as { Processes: string[][] };
  return Processes.map(([pid]) => pid!).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(container);
    } catch {
      return false;
    }
  });
}

function event(name: string): string {
  return `syscalls:sys_enter_${name}`;
}
