import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fingerprint, startTime } from './processes.mjs';

const stat = (name, state, started) =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 ${started} 1000 200 18446744073709551615`;

test('the start of a process is found behind any name', () => {
  for (const name of ['etcd', 'a b', 'odd) S 1 2', '((']) assert.equal(startTime(stat(name, 'S', 777)), '777', name);
});

test('a process that waits to be buried has ended', () => {
  assert.equal(startTime(stat('etcd', 'Z', 777)), undefined);
  assert.equal(startTime(stat('etcd', 'X', 777)), undefined);
});

test('the start is the one that this kernel reports', () => {
  const began = Number(startTime(readFileSync('/proc/self/stat', 'utf8')));
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  assert.ok(began > 0 && began / 100 <= uptime, `${began} ticks, ${uptime} s`);
});

test('another program, argument or content of a file is noticed, and nothing else', () => {
  const one = { program: '/bin/etcd', args: ['--a'], files: ['/f'] };
  const facts = { size: 1, mtimeMs: 2, content: 'x' };
  const mark = (process, { size, mtimeMs, content }) =>
    fingerprint(
      process,
      () => ({ size, mtimeMs, atimeMs: Math.random() }),
      () => content,
    );
  const before = mark(one, facts);
  assert.equal(mark({ ...one }, facts), before);
  const others = [
    mark({ ...one, program: '/bin/other' }, facts),
    mark({ ...one, args: ['--b'] }, facts),
    mark({ ...one, files: [] }, facts),
    mark(one, { ...facts, size: 9 }),
    mark(one, { ...facts, mtimeMs: 9 }),
    mark(one, { ...facts, content: 'y' }),
  ];
  assert.equal(new Set([before, ...others]).size, others.length + 1);
});
