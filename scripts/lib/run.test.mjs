import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capture, must } from './run.mjs';

test('the exit code, both streams and the input of a program are its own', async () => {
  const script =
    "process.stdin.on('data', (d) => process.stdout.write(d)).on('end', () => { console.error('e'); process.exit(3); })";
  assert.deepEqual(await capture('node', ['-e', script], { input: 'in' }), { code: 3, stdout: 'in', stderr: 'e\n' });
});

test('a missing program, a signal and a time-out have the codes of a shell', async () => {
  assert.equal((await capture('there-is-no-such-program', [])).code, 127);
  assert.equal(
    (await capture('node', ['-e', "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9999)"])).code,
    143,
  );
  assert.equal((await capture('node', ['-e', 'setTimeout(() => {}, 9999)'], { timeout: 200 })).code, 124);
});

test('a failure shows the command and its last lines, and what to do', async () => {
  await assert.rejects(must('node', ['-e', "console.error('why'); process.exit(2)"], { mend: 'do this' }), (error) => {
    assert.match(error.message, /node -e .*exit code 2[\s\S]*why/);
    assert.equal(error.mend, 'do this');
    return true;
  });
});
