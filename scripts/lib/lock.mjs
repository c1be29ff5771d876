// Locks on what several clones and commands share: one for each thing, held only while that thing is really changed.
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineState, root } from './project.mjs';
import { duration, onActivity, step } from './report.mjs';

const POLL_MS = 300;
/** Taking over a dead owner's lock takes a moment; what says longer that it does was killed meanwhile. */
const TAKE_OVER_MS = 10_000;

/** File name → what it is, for those who wait. */
export const LOCKS = {
  npmPackages: { file: `npm-packages-${hashOf(root)}`, what: 'the npm packages of this clone' },
  toolchain: { file: 'toolchain', what: 'the toolchain' },
  engine: { file: 'engine', what: 'the Docker engine' },
  testEngine: { file: 'test-engine', what: 'the engine of the tests' },
  baseImages: { file: 'base-images', what: 'the base images' },
  debianPackages: { file: 'debian-packages', what: "Debian's packages" },
  clusterPrograms: { file: 'cluster-programs', what: "the cluster's programs" },
  cluster: { file: 'cluster', what: 'the cluster' },
};

/** What `look` finds is used as it is. Where it finds nothing, `change` makes it, with the lock, and after another look. */
export async function changeOnce(lock, tell, look, change, options) {
  return (await look()) ?? withLock(lock, async () => (await look()) ?? change(), { tell, ...options });
}

/** @param tell that of the step within which this happens; without one, waiting is a step of its own. */
export async function withLock(lock, body, { tell, folder = machineState, poll = POLL_MS } = {}) {
  const file = join(folder, `${lock.file}.lock`);
  mkdirSync(folder, { recursive: true });
  const self = {
    pid: process.pid,
    began: beganAt(process.pid),
    since: Date.now(),
    command: commandName(),
    folder: root,
  };
  if (!take(file, self)) {
    const wait = async (say) => {
      say(() => `waiting for ${lock.what}: ${describe(readOwner(file))}`);
      do await sleep(poll);
      while (!take(file, { ...self, since: Date.now() }));
    };
    await (tell ? wait(tell) : step(`lock on ${lock.what}`, wait));
  }
  const since = Date.now();
  const off = onActivity((doing) => write(file, { ...self, since, doing }));
  try {
    return await body();
  } finally {
    off();
    rmSync(file, { force: true });
  }
}

/** What the owner of a lock does, and for how long it has had it. Pure. */
export function describe(owner, now = Date.now()) {
  if (!owner) return 'it is free';
  const { pid, command = 'unknown', folder = 'an unknown folder', doing, since = now } = owner;
  const at = new Date(since).toTimeString().slice(0, 8);
  const what = doing ? `, which is at "${doing}"` : '';
  return `process ${pid} (${command} in ${folder}) has had it since ${at}, for ${duration(now - since)}${what}`;
}

function take(file, self) {
  if (place(file, self)) return true;
  const owner = readOwner(file);
  if (owner === undefined || isAlive(owner)) return false;
  // Of all who see that the owner is dead, one removes its lock, and never the lock of one who was faster.
  const takeOver = `${file}.taking-over`;
  if (!place(takeOver, self)) {
    if (ageOf(takeOver) > TAKE_OVER_MS) rmSync(takeOver, { force: true });
    return false;
  }
  try {
    const still = readOwner(file);
    if (still && !isAlive(still)) rmSync(file, { force: true });
  } finally {
    rmSync(takeOver, { force: true });
  }
  return place(file, self);
}

/** Makes a file whole at once, unless there is one: nobody ever reads a lock without its owner. */
function place(file, content) {
  const draft = draftOf(file, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}

function write(file, content) {
  renameSync(draftOf(file, content), file);
}

function draftOf(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(content));
  return draft;
}

/** Undefined if there is none; one that cannot be read is by nobody who lives. */
function readOwner(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return { pid: 0, ...JSON.parse(text) };
  } catch {
    return { pid: 0 };
  }
}

function ageOf(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0; // it is gone
  }
}

function isAlive({ pid, began }) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  // Numbers of processes are used again.
  const now = beganAt(pid);
  return now === undefined || began === undefined || now === began;
}

/** When a process began, in the kernel's own unit; undefined where there is no /proc. */
function beganAt(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]; // its name may contain blanks
  } catch {
    return undefined;
  }
}

function commandName() {
  const { npm_lifecycle_event: script } = process.env;
  return script ? `npm run ${script}` : (process.argv[1]?.split('/').at(-1) ?? 'node');
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
