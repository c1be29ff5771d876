import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';
import { which } from './run.mjs';
import { SAME_SIGNAL_MS, oncePer } from './signals.mjs';

const folder = mkdtempSync(join(tmpdir(), 'signals-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Notes each signal that it gets, and ends a while after the first one of `last`. */
const CHILD = `
  const { appendFileSync } = require('node:fs');
  const [file, linger] = process.argv.slice(1);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      appendFileSync(file, signal + '\\n');
      setTimeout(() => process.exit(7), Number(linger));
    });
  }
  appendFileSync(file, 'began ' + process.pid + '\\n');
  setInterval(() => {}, 1000);`;

let count = 0;

/** A script that runs the child in the foreground, as ours do, and then does something else for a while. */
function script({ linger = 900, instead = {}, more = 0 } = {}) {
  const name = join(folder, `${(count += 1)}`);
  const [file, program] = [`${name}.log`, `${name}.mjs`];
  const child = JSON.stringify(['-e', CHILD, file, `${linger}`]);
  writeFileSync(
    program,
    `import { foreground } from ${JSON.stringify(pathToFileURL(join(root, 'scripts', 'lib', 'run.mjs')).href)};
     const code = await foreground(process.execPath, ${child}, ${JSON.stringify({ instead })});
     await new Promise((done) => setTimeout(done, ${more}));
     console.log('ended ' + code);
     process.exitCode = code;`,
  );
  return { program, file, said: () => lines(file).filter((line) => !line.startsWith('began')) };
}

function lines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return []; // it has not begun
  }
}

async function began(file) {
  for (let tries = 400; lines(file).length === 0; tries -= 1) {
    assert.ok(tries > 0, 'the child did not begin');
    await sleep(50);
  }
}

/** Starts a program as the leader of a group of its own, as a shell does. */
function start(program, args) {
  const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  return { child, ended };
}

const ON_TERMINAL = {
  skip: !(process.platform === 'linux' && which('script')) && 'there is no `script` to make a terminal',
};

// Each of them waits for most of its time.
describe('programs in the foreground', { concurrency: 8 }, () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    const ways = {
      'to us alone': ({ pid }) => process.kill(pid, signal),
      'to the whole group': ({ pid }) => process.kill(-pid, signal),
      'to us and to the group': ({ pid }) => {
        process.kill(pid, signal);
        process.kill(-pid, signal);
      },
      'to the group, and once more as npm passes it on': async ({ pid }) => {
        process.kill(-pid, signal);
        await sleep(200);
        process.kill(pid, signal);
      },
    };
    for (const [way, send] of Object.entries(ways)) {
      test(`${signal} ${way} reaches the child once`, async () => {
        const { program, file, said } = script();
        const { child, ended } = start(process.execPath, [program]);
        await began(file);
        await send(child);
        assert.deepEqual(await ended, { code: 7, output: 'ended 7\n' });
        assert.deepEqual(said(), [signal]);
      });
    }
  }

  test('a second one that is meant gets through', async () => {
    const { program, file, said } = script({ linger: SAME_SIGNAL_MS + 2_000 });
    const { child, ended } = start(process.execPath, [program]);
    await began(file);
    process.kill(-child.pid, 'SIGINT');
    await sleep(SAME_SIGNAL_MS + 300);
    process.kill(-child.pid, 'SIGINT');
    await ended;
    assert.deepEqual(said(), ['SIGINT', 'SIGINT']);
  });

  test('a copy that comes after the child has ended does not end the script', async () => {
    const { program, file, said } = script({ linger: 0, more: 1_000 });
    const { child, ended } = start(process.execPath, [program]);
    await began(file);
    process.kill(child.pid, 'SIGTERM');
    await sleep(100);
    process.kill(child.pid, 'SIGTERM');
    assert.deepEqual(await ended, { code: 7, output: 'ended 7\n' });
    assert.deepEqual(said(), ['SIGTERM']);
  });

  test('a signal that the child does not know is replaced by one that it does', async () => {
    const { program, file, said } = script({ instead: { SIGHUP: 'SIGTERM' } });
    const { child, ended } = start(process.execPath, [program]);
    await began(file);
    process.kill(-child.pid, 'SIGHUP');
    process.kill(-child.pid, 'SIGTERM');
    await ended;
    assert.deepEqual(said(), ['SIGTERM']);
  });

  test('`npm run` and the group: once', { skip: !which('npm') && 'there is no npm' }, async () => {
    const { program, file, said } = script();
    const project = mkdtempSync(join(folder, 'project-'));
    const scripts = { up: `node ${program}` };
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'one', version: '1.0.0', scripts }));
    const { child, ended } = start('npm', ['--prefix', project, 'run', 'up']);
    await began(file);
    process.kill(-child.pid, 'SIGINT');
    await ended;
    assert.deepEqual(said(), ['SIGINT']);
  });

  test('`timeout`: once', { skip: !which('timeout') && 'there is no timeout' }, async () => {
    const { program, file, said } = script();
    const { ended } = start('timeout', ['--signal=TERM', '3', process.execPath, program]);
    await ended;
    assert.deepEqual(said(), ['SIGTERM']);
    assert.ok(lines(file)[0].startsWith('began'));
  });

  test('Ctrl-C on a terminal: once', ON_TERMINAL, async () => {
    const { program, file, said } = script();
    const { child, ended } = start('script', ['-qec', `${process.execPath} ${program}`, '/dev/null']);
    await began(file);
    child.stdin.write('\x03');
    const { output } = await ended;
    assert.match(output, /ended 7/);
    assert.deepEqual(said(), ['SIGINT']);
  });

  test('the child may ask on the terminal, without echo as well', ON_TERMINAL, async () => {
    const program = join(folder, 'asks.mjs');
    const asks = `
      const { stdin, stdout } = process;
      stdin.setRawMode(true);
      stdout.write('password? ' + stdout.isTTY + stdin.isTTY);
      stdin.once('data', (text) => { stdin.setRawMode(false); console.log(' got ' + text); process.exit(0); });`;
    writeFileSync(
      program,
      `import { foreground } from ${JSON.stringify(pathToFileURL(join(root, 'scripts', 'lib', 'run.mjs')).href)};
       process.exitCode = await foreground(process.execPath, ['-e', ${JSON.stringify(asks)}]);`,
    );
    const { child, ended } = start('script', ['-qec', `${process.execPath} ${program}`, '/dev/null']);
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
      if (/password\? truetrue$/.test(output)) child.stdin.write('secret');
    });
    assert.equal((await ended).code, 0);
    assert.match(output, /got secret/);
  });
});

test('the same signal counts again after a moment, another one at once', () => {
  let now = 0;
  const isNew = oncePer(100, () => now);
  assert.deepEqual([isNew('A'), isNew('A'), isNew('B')], [true, false, true]);
  now = 99;
  assert.equal(isNew('A'), false);
  now = 100;
  assert.equal(isNew('A'), true);
});
