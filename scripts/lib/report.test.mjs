import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration } from './report.mjs';

test('durations are short and readable', () => {
  assert.equal(duration(40), '0.0 s');
  assert.equal(duration(9_940), '9.9 s');
  assert.equal(duration(59_400), '59 s');
  assert.equal(duration(185_000), '3 min 5 s');
});
