// Long-running processes of the cluster. What was started is written down with its start time, so that a number which the
// kernel has given to another program is never taken for ours, and with a fingerprint of all that it was started with.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../lib/report.mjs';
import { which } from '../../lib/run.mjs';
import { places } from './layout.mjs';

const POLL_MS = 100;
const STOP_MS = 15_000;
const KILL_MS = 5_000;

/** Start time of a process in the kernel's ticks; undefined for one that has ended. Takes the text of /proc/PID/stat. */
export function startTime(stat) {
  // The program's name stands before the rest, and may hold spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}

function startOf(pid) {
  try {
    return startTime(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A process that has the recorded number and began when it was recorded, on this boot of the machine. */
function alive({ pid, started, boot }) {
  return boot === bootId() && started !== undefined && startOf(pid) === started;
}

function bootId() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** By name: process number, start, fingerprint, and since when. In the order in which they were started. */
export function recorded() {
  return existsSync(places.processes) ? JSON.parse(readFileSync(places.processes, 'utf8')) : {};
}

function record(processes) {
  mkdirSync(dirname(places.processes), { recursive: true });
  const draft = `${places.processes}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(processes, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, places.processes);
}

/** The process number of one that runs, or undefined. */
export function pidOf(name) {
  const one = recorded()[name];
  return one && alive(one) ? one.pid : undefined;
}

/** The names of all that run, in the order of their start. */
export function running() {
  return Object.keys(recorded()).filter((name) => pidOf(name) !== undefined);
}

/** What a process was started with: its program, its arguments, and the content of the files that it has read. */
export function fingerprint({ program, args, files = [] }, stat = statSync, read = readFileSync) {
  const { size, mtimeMs } = stat(program);
  const hash = createHash('sha256').update(JSON.stringify([program, size, mtimeMs, args]));
  for (const file of files) hash.update(file).update(read(file));
  return hash.digest('hex');
}

/**
 * Starts a process in the background, unless it runs already with the same program, arguments and files; one that runs
 * with others is ended first. Its output goes to a log file.
 *
 * @param inside words of a command in front of the program, which becomes the program: to start it in a namespace.
 * @returns whether it was started.
 */
export async function start({ name, program, args, files, inside = [] }) {
  const found = program.includes('/') ? program : which(program);
  if (!found)
    throw new UserError(
      `${program} cannot be found`,
      'see that it is on PATH; `npm run cluster` installs it on Debian',
    );
  const mark = fingerprint({ program: found, args: [...inside, ...args], files });
  if (pidOf(name) !== undefined) {
    if (recorded()[name].mark === mark) return false;
    await stop([name]);
  }
  mkdirSync(places.logs, { recursive: true, mode: 0o700 });
  const log = openSync(logOf(name), 'a', 0o600);
  const [command, ...words] = [...inside, found, ...args];
  // Detached: a session of its own, so that it outlives npm, this terminal and its Ctrl-C.
  const child = spawn(command, words, { detached: true, stdio: ['ignore', log, log] });
  child.on('error', () => {}); // `ready` finds no process and says so
  child.unref();
  closeSync(log);
  const { [name]: _before, ...others } = recorded();
  const since = new Date().toISOString();
  record({ ...others, [name]: { pid: child.pid, started: startOf(child.pid), boot: bootId(), mark, since } });
  return true;
}

export function logOf(name) {
  return join(places.logs, `${name}.log`);
}

/**
 * Waits until `probe` answers true, for as long as the process lives.
 *
 * @throws UserError with the last lines of its log.
 */
export async function ready(name, probe, timeout = 60_000) {
  const until = Date.now() + timeout;
  while (!(await probe())) {
    const dead = pidOf(name) === undefined;
    if (dead || Date.now() > until) {
      const lines = existsSync(logOf(name)) ? readFileSync(logOf(name), 'utf8').trim().split('\n').slice(-8) : [];
      throw new UserError(
        `${name} ${dead ? 'ended' : `is not ready after ${timeout / 1000} s`}:\n    ${lines.join('\n    ')}`,
        `read ${logOf(name)}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Ends the named processes, the last started first, each with time to end by itself. */
export async function stop(names) {
  for (const name of Object.keys(recorded()).reverse()) {
    if (!names.includes(name)) continue;
    const one = recorded()[name];
    if (alive(one))
      await end(one, [
        ['SIGTERM', STOP_MS],
        ['SIGKILL', KILL_MS],
      ]);
    forget(name);
  }
}

/** Ends the named processes at once, as a power cut would. */
export async function kill(names) {
  await Promise.all(
    Object.entries(recorded()).map(([name, one]) =>
      names.includes(name) && alive(one) ? end(one, [['SIGKILL', KILL_MS]]) : undefined,
    ),
  );
  names.forEach(forget);
}

function forget(name) {
  const { [name]: _gone, ...rest } = recorded();
  record(rest);
}

async function end(one, signals) {
  for (const [signal, patience] of signals) {
    if (!alive(one)) return;
    process.kill(one.pid, signal);
    for (const until = Date.now() + patience; alive(one) && Date.now() < until;) await sleep(POLL_MS / 2);
  }
}
