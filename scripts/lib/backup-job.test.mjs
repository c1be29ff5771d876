import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestamp } from './backup-job.mjs';

test('a moment is a word that sorts by time and names a backup', () => {
  const name = timestamp(new Date('2026-11-24T22:30:05.123Z'));
  assert.equal(name, '20261124-223005');
  assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  assert.ok(timestamp(new Date('2026-12-01T00:00:00Z')) > name);
});
