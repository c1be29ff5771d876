import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { breakStaleLocks, isLocked, isRunning } from './stale-locks.mjs';

const top = mkdtempSync(join(tmpdir(), 'stale-'));
after(() => rmSync(top, { recursive: true, force: true }));

const DEAD = spawnSync(process.execPath, ['--eval', '']).pid;
const NOW = new Date().toISOString();

/** A lock as Pulumi's file backend writes it. */
function lock({ pid, host = hostname(), timestamp = NOW, stack = 'dev' }) {
  const folder = mkdtempSync(join(top, 'one-'));
  const file = join(folder, 'organization', 'shop', stack, 'a.json');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify({ pid, username: 'somebody', hostname: host, timestamp }));
  return { folder, file };
}

test('the lock of a process of this machine that is gone is broken', () => {
  const { folder, file } = lock({ pid: DEAD });
  assert.equal(isLocked('dev', 'shop', folder), false);
  breakStaleLocks(folder);
  assert.equal(existsSync(file), false);
});

test('that of a process whose number another one has now is broken, too', () => {
  const { folder, file } = lock({ pid: process.pid, timestamp: '2001-01-01T00:00:00Z' });
  breakStaleLocks(folder);
  assert.equal(existsSync(file), process.platform !== 'linux');
});

test('that of a process that runs stays, and so does that of another machine', () => {
  for (const one of [lock({ pid: process.pid }), lock({ pid: DEAD, host: 'another' })]) {
    breakStaleLocks(one.folder);
    assert.equal(existsSync(one.file), true);
    assert.equal(isLocked('dev', 'shop', one.folder), true);
    assert.equal(isLocked('staging', 'shop', one.folder), false);
    assert.equal(isLocked('dev', 'another', one.folder), false);
  }
});

test('where nothing was ever locked there is nothing to break', () => {
  breakStaleLocks(join(top, 'none'));
});

test(
  'a process that has ended and that nobody has asked for does not run',
  { skip: process.platform !== 'linux' },
  () => {
    // The shell becomes a program that never asks for its children.
    const { stdout } = spawnSync('sh', ['-c', 'true & echo $!; exec sleep 0.5'], { encoding: 'utf8' });
    assert.equal(isRunning(Number(stdout.trim()), Date.now()), false);
  },
);
