// Locks of Pulumi's file backend whose process was killed. Pulumi itself never breaks one, so that every later command
// would fail until somebody runs `pulumi cancel`.
import { readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from './backend-files.mjs';
import { local } from './project.mjs';
import { say } from './report.mjs';

/** By organization, project and stack, a file for each command. */
const LOCKS = join(local.state, '.pulumi', 'locks');
/** Of the kernel's clock ticks, in which /proc counts; the same on every processor that Node.js runs on. */
const MS_PER_TICK = 10;
/** The kernel's time of boot is a whole second. */
const CLOCK_MS = 2_000;

/** Removes the locks of processes of this machine that are surely gone, and says so. */
export function breakStaleLocks(folder = LOCKS) {
  for (const { file, stack, pid, timestamp } of locks(folder).filter(isStale)) {
    for (const one of [file, `${file}.attrs`]) rmSync(one, { force: true });
    say(`Removed the lock on stack ${stack}: process ${pid}, which took it at ${timestamp}, is no longer running.`);
  }
}

/** Whether a command on a stack runs now. */
export function isLocked(stack, project, folder = LOCKS) {
  return lockOf(stack, project, folder) !== undefined;
}

/** The lock of the command that runs on a stack now: `pid`, `hostname` and `timestamp`. */
export function lockOf(stack, project, folder = LOCKS) {
  return locks(folder).find((lock) => lock.stack === stack && lock.project === project && !isStale(lock));
}

function locks(folder) {
  return filesBelow(folder, '.json').flatMap((file) => {
    try {
      const [project, stack] = file.split(/[\\/]/).slice(-3);
      return [{ file, project, stack, ...JSON.parse(readFileSync(file, 'utf8')) }];
    } catch {
      return []; // it is being written, or was just removed
    }
  });
}

/** Of a process of another machine nobody here can tell. */
function isStale({ hostname: host, pid, timestamp }) {
  return host === hostname() && Number.isInteger(pid) && pid > 0 && !isRunning(pid, Date.parse(timestamp));
}

/** Whether a process runs that ran at a given time already: numbers of processes are used again. */
export function isRunning(pid, since) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const fields = statOf(pid);
  if (fields === undefined) return true; // there is no /proc here
  const [state] = fields;
  const began = bootTime() + Number(fields[19]) * MS_PER_TICK;
  // One that has ended stays listed until its parent asks for it.
  return state !== 'Z' && state !== 'X' && !(began > since + CLOCK_MS);
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' '); // its name may contain blanks
  } catch {
    return undefined;
  }
}

function bootTime() {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0) * 1000;
}
