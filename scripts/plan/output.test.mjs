import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { root } from '../lib/project.mjs';
import { capture } from '../lib/run.mjs';

const output = join(dirname(fileURLToPath(import.meta.url)), 'output.ts');

/** Runs a program that begins as a rendering does. */
async function run(body) {
  const program = `const output = require(${JSON.stringify(output)}); void (async () => { ${body} })();`;
  return capture(process.execPath, ['--require', 'sucrase/register/ts', '--eval', program], { cwd: root });
}

test('what a definition prints is not part of the result', async () => {
  const { stdout, stderr } = await run("console.log('hello'); process.stdout.write('again'); output.print({ a: 1 });");
  assert.equal(stdout, '{"a":1}');
  assert.match(stderr, /hello[^]*again/);
});

test('a definition that ends the process is an error, which can be told', async () => {
  const { stdout } = await run('try { process.exit(0); } catch ({ message }) { output.print({ message }); }');
  assert.deepEqual(JSON.parse(stdout), { message: 'the program ended itself by process.exit(0)' });
});

test('so is a promise that is rejected and that nobody waits for', async () => {
  const { code, stdout } = await run(`
    void Promise.reject(new Error('late'));
    try { await output.throwRejections(); } catch ({ message }) { output.print({ message }); }
    await output.throwRejections();`);
  assert.deepEqual([code, JSON.parse(stdout)], [0, { message: 'late' }]);
});
