import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countJest, countTap } from './suites.mjs';

test('jest: a file that cannot run counts as failed', () => {
  assert.deepEqual(countJest('{"numPassedTests":5,"numFailedTests":1,"numRuntimeErrorTestSuites":1}'), {
    passed: 5,
    failed: 2,
  });
  assert.deepEqual(countJest(''), { passed: 0, failed: 0 });
});

test('tap: cancelled tests count as failed', () => {
  assert.deepEqual(countTap('# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n'), { passed: 2, failed: 2 });
});
