// One set-up at a time on a machine: the engine, the toolchain and the base images are shared by all clones.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineState } from './project.mjs';
import { say } from './report.mjs';

const FILE = join(machineState, 'setup.lock');

export async function withLock(body) {
  mkdirSync(machineState, { recursive: true });
  for (let told = false; !take(); told = true) {
    if (!told) say(`  waiting for another set-up on this machine (process ${holder()})`);
    await sleep(500);
  }
  try {
    return await body();
  } finally {
    rmSync(FILE, { force: true });
  }
}

function take() {
  const draft = `${FILE}.${process.pid}`;
  writeFileSync(draft, `${process.pid}`);
  try {
    linkSync(draft, FILE); // whole at once: nobody ever reads a lock without its owner
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAlive(holder())) rmSync(FILE, { force: true }); // its owner was killed
    return false;
  } finally {
    rmSync(draft);
  }
}

function holder() {
  try {
    return Number(readFileSync(FILE, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
