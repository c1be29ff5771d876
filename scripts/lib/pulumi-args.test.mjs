import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandAt, placeOptions, withRefresh } from './pulumi-args.mjs';

test('the command is found behind options of every command, with and without a value', () => {
  assert.equal(commandAt(['up', '--yes']), 0);
  assert.equal(commandAt(['--non-interactive', '--color', 'never', 'up']), 3);
  assert.equal(commandAt(['-C', 'infra', '--color=never', 'preview']), 3);
  assert.equal(commandAt(['--version']), -1);
});

test('what says which stack is meant goes on to other commands', () => {
  const here = ['--cwd', process.cwd()];
  assert.deepEqual(placeOptions(['up', '--yes']), here);
  assert.deepEqual(placeOptions(['up', '--stack', 'dev', '--yes']), ['--stack', 'dev', ...here]);
  assert.deepEqual(placeOptions(['up', '--stack=dev', '-C', 'x']), ['--stack', 'dev', '--cwd', 'x']);
});

test('everything is read again, unless the options say whether it shall', () => {
  assert.deepEqual(withRefresh(['up', '--yes']), ['up', '--refresh', '--yes']);
  assert.deepEqual(withRefresh(['--color', 'never', 'up']), ['--color', 'never', 'up', '--refresh']);
  for (const option of ['--refresh', '--refresh=false', '-r'])
    assert.deepEqual(withRefresh(['up', option]), ['up', option]);
});
