import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { CommandResult } from './command';
import type { Stack } from './stack';
import type { StackConfig } from './stack-config';
import { sleep, waitFor } from './wait';

/** How a person or a machine ends the command; each reaches the processes in another way. */
export const WAYS = ['SIGINT', 'SIGINT twice', 'SIGTERM twice', 'SIGKILL of all', 'SIGKILL of the CLI'] as const;
export type Way = (typeof WAYS)[number];

/** A second signal sooner than that is no second one. */
const TWICE_MS = 1_500;
const CLI = 'pulumi';
/** What the CLI says of a resource of the engine or the cluster. */
const CHANGES = /(docker|kubernetes):\S+ \S+ (creating|updating|deleting|replacing)/;

interface Process {
  pid: number;
  parent: number;
  name: string;
}

/** When and how an `up` is ended. */
export interface Interruption {
  /** Milliseconds after it has begun to change something. */
  after: number;
  way: Way;
}

export interface InterruptedUp extends CommandResult {
  /** It had not ended by itself before. */
  interrupted: boolean;
  /** Milliseconds from its first change to its end. */
  changed: number;
}

/** Starts an `up` and ends it, unless it has ended before. Without an interruption it ends by itself. */
export async function interruptedUp(
  stack: Stack,
  changes: StackConfig,
  interruption?: Interruption,
): Promise<InterruptedUp> {
  let wrapper = 0;
  let began: number | undefined;
  let change = () => {};
  const changing = new Promise<void>((resolve) => (change = resolve));
  const result = stack.up(changes, ({ pid, stdout }) => {
    wrapper = pid!;
    stdout!.on('data', (text: string) => {
      if (began !== undefined || !CHANGES.test(text)) return;
      began = performance.now();
      change();
    });
  });
  let ended = false;
  const over = result.then(() => (ended = true));
  let interrupted = false;
  if (interruption) {
    await Promise.race([changing.then(() => sleep(interruption.after)), over]);
    interrupted = !ended;
    if (interrupted) await end(wrapper, interruption.way, () => ended);
  }
  return { ...(await result), interrupted, changed: began === undefined ? 0 : performance.now() - began };
}

async function end(wrapper: number, way: Way, ended: () => boolean): Promise<void> {
  // An `up` that is as young as that has no CLI yet.
  const cli = await waitFor('the CLI to run', () =>
    Promise.resolve(ended() ? 0 : descendants(wrapper).find(({ name }) => name === CLI)?.pid),
  );
  if (cli === 0) return;
  switch (way) {
    case 'SIGINT':
      send([-cli], 'SIGINT');
      break;
    case 'SIGINT twice':
    case 'SIGTERM twice': {
      const signal = way === 'SIGINT twice' ? 'SIGINT' : 'SIGTERM';
      send([-cli], signal);
      await sleep(TWICE_MS);
      send([-cli], signal);
      break;
    }
    case 'SIGKILL of all':
      send([wrapper, ...descendants(wrapper).map(({ pid }) => pid)], 'SIGKILL');
      break;
    case 'SIGKILL of the CLI':
      send([cli], 'SIGKILL');
  }
}

/** What has ended this very moment needs no signal. */
function send(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** All that a process has started, and what those have started. */
function descendants(of: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)) ?? []);
  const found: Process[] = [];
  for (let parents = [of]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(({ pid }) => pid);
  }
  return found;
}

function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { pid, parent, name: basename(program) };
  } catch {
    return undefined; // it has just ended
  }
}
