import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeStack } from './stack.mjs';

test('the stack is taken from the arguments in each way of writing it; everything else goes on', () => {
  for (const written of [['--stack', 'pr-1'], ['-s', 'pr-1'], ['--stack=pr-1']]) {
    assert.deepEqual(takeStack(['--diff', ...written, '--target', 'x']), {
      stack: 'pr-1',
      rest: ['--diff', '--target', 'x'],
    });
  }
});

test('without one it is dev', () => {
  assert.deepEqual(takeStack(['--refresh']), { stack: 'dev', rest: ['--refresh'] });
});
