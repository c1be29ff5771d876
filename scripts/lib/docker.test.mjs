import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from './docker.mjs';

test('what has gone between being listed and being asked for is left out', () => {
  for (const stderr of [
    'Error response from daemon: No such container: 0f5d\n',
    'Error: no such service: pbgj\nno such service: abcd\n',
    'Error response from daemon: service pbgj not found\n',
  ])
    assert.equal(present({ code: 1, stdout: '[]\n', stderr }), '[]\n');
  assert.equal(present({ code: 0, stdout: '[{}]', stderr: '' }), '[{}]');
});

test('any other failure is told in the words of the engine, without what it had printed', () => {
  for (const stderr of [
    'Cannot connect to the Docker daemon',
    'dial tcp: lookup engine: no such host',
    'no such service: a\ntimeout',
  ])
    assert.throws(
      () => present({ code: 1, stdout: '[{"secret": 1}]', stderr }),
      (error) => {
        assert.ok(error.message.includes(stderr));
        assert.ok(!error.message.includes('secret'));
        return true;
      },
    );
  assert.throws(() => present({ code: 124, stdout: '', stderr: '' }), /exit code 124/);
});
