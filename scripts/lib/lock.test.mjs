import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { LOCKS, changeOnce, describe, withLock } from './lock.mjs';
import { root } from './project.mjs';
import { step } from './report.mjs';

const top = mkdtempSync(join(tmpdir(), 'locks-'));
after(() => rmSync(top, { recursive: true, force: true }));
const fresh = () => ({ folder: mkdtempSync(join(top, 'one-')), poll: 5 });
const fileOf = ({ folder }, lock) => join(folder, `${lock.file}.lock`);

const library = (name) => pathToFileURL(join(root, 'scripts', 'lib', name)).href;

/** Another process, which has the locks at hand. */
function another(program, args, { stdio = ['ignore', 'inherit', 'inherit'] } = {}) {
  const text = `import { LOCKS, withLock } from ${JSON.stringify(library('lock.mjs'))};\n${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text, ...args], { stdio });
  return { child, ended: new Promise((resolve) => child.on('close', resolve)) };
}

/** What is printed while something runs. */
async function printed(body) {
  const lines = [];
  const { write } = process.stderr;
  process.stderr.write = (text) => lines.push(...text.trimEnd().split('\n'));
  try {
    await body();
  } finally {
    process.stderr.write = write;
  }
  return lines;
}

test('one thing is changed by one at a time, another thing meanwhile', async () => {
  const options = { ...fresh(), tell() {} };
  const events = [];
  const work = (name, lock) =>
    withLock(
      lock,
      async () => {
        events.push(`${name} begins`);
        await sleep(60);
        events.push(`${name} ends`);
      },
      options,
    );
  await Promise.all([work('a', LOCKS.cluster), work('b', LOCKS.cluster), work('c', LOCKS.toolchain)]);
  assert.deepEqual(events.slice(0, 2), ['a begins', 'c begins']);
  assert.ok(events.indexOf('a ends') < events.indexOf('b begins'));
  assert.ok(!existsSync(fileOf(options, LOCKS.cluster)));
});

test('what is there already needs no lock, and what another has made meanwhile is not made again', async () => {
  const options = fresh();
  const found = await withLock(
    LOCKS.baseImages,
    () =>
      changeOnce(
        LOCKS.baseImages,
        () => assert.fail('waits'),
        () => 'present',
        () => assert.fail('makes'),
        options,
      ),
    options,
  );
  assert.equal(found, 'present');

  let made = 0;
  const make = () =>
    changeOnce(
      LOCKS.baseImages,
      () => {},
      async () => (made > 0 ? 'present' : undefined),
      async () => {
        await sleep(20);
        made += 1;
        return 'made';
      },
      options,
    );
  assert.deepEqual((await Promise.all([make(), make(), make()])).sort(), ['made', 'present', 'present']);
  assert.equal(made, 1);
});

test('who waits says for what, whose it is, what is done with it and for how long, again and again', async () => {
  const { folder, poll } = fresh();
  const holder = another(
    `import { step } from ${JSON.stringify(library('report.mjs'))};
     await withLock(LOCKS.clusterPrograms, () => step('programs', async (tell) => {
       tell('building kubernetes');
       console.log('has it');
       await new Promise((done) => setTimeout(done, 400));
     }), { folder: process.argv[1] });`,
    [folder],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await once(holder.child.stdout, 'data');
  const lines = await printed(() =>
    step('kwok', (tell) => withLock(LOCKS.clusterPrograms, async () => 'built', { folder, poll, tell }), {
      signOfLife: 60,
    }),
  );
  await holder.ended;
  assert.match(
    lines[0],
    new RegExp(
      `^ {2}kwok: waiting for the cluster's programs: process ${holder.child.pid} \\(.* in .*\\) has had it ` +
        'since \\d\\d:\\d\\d:\\d\\d, for [\\d.]+ s, which is at "programs: building kubernetes"$',
    ),
  );
  assert.match(lines[1], /^ {2}kwok: still at it \([\d.]+ s\): waiting for the cluster's programs: process \d+/);
  assert.ok(lines.filter((line) => line.includes('waiting for')).length >= 3, lines.join('\n'));
  assert.match(lines.at(-1), /^✓ kwok: built/);
});

test('waiting outside a step is a step', async () => {
  const options = fresh();
  const lines = await printed(async () => {
    const holder = withLock(LOCKS.cluster, () => sleep(30), options);
    await withLock(LOCKS.cluster, () => {}, options);
    await holder;
  });
  assert.match(lines[0], /^ {2}lock on the cluster: waiting for the cluster: process \d+/);
  assert.match(lines[1], /^✓ lock on the cluster/);
});

test('the owner of a lock is described with its time', () => {
  const owner = { pid: 7, command: 'npm run cluster', folder: '/shop', since: Date.now() - 242_000 };
  assert.match(describe(owner), /^process 7 \(npm run cluster in \/shop\) has had it since [\d:]+, for 4 min 2 s$/);
  assert.equal(describe(undefined), 'it is free');
});

test('the lock of one who was killed, and of a number that another process has now, is taken over', async () => {
  for (const owner of ['{"pid":0}', 'nonsense', JSON.stringify({ pid: process.pid, began: '1' })]) {
    const options = fresh();
    writeFileSync(fileOf(options, LOCKS.engine), owner);
    const skip = !existsSync('/proc/self/stat') && owner.includes('began');
    if (!skip) assert.equal(await withLock(LOCKS.engine, async () => 'done', options), 'done');
  }
});

test('of many who see a dead owner one at a time gets the lock', async () => {
  const { folder } = fresh();
  const count = join(folder, 'count');
  writeFileSync(count, '0');
  writeFileSync(join(folder, `${LOCKS.engine.file}.lock`), '{"pid":0}');
  // Reading, waiting and writing loses an addition if two do it at once.
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs';
    const [folder, count] = process.argv.slice(1);
    const add = async () => {
      const before = Number(readFileSync(count, 'utf8'));
      await new Promise((done) => setTimeout(done, 5));
      writeFileSync(count, String(before + 1));
    };
    for (let times = 5; times > 0; times -= 1) await withLock(LOCKS.engine, add, { folder, poll: 2, tell() {} });`;
  const codes = await Promise.all(Array.from({ length: 4 }, () => another(program, [folder, count]).ended));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.equal(readFileSync(count, 'utf8'), '20');
});
