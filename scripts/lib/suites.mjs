// Test suites of several kinds, each ending in one line: `unit: 120 passed, 0 failed (4.2 s)`. The same lines go into the
// file that SHOP_RESULTS names, for .ci/run, each with the names of the tests that failed.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './project.mjs';
import { UserError, duration, say } from './report.mjs';
import { foreground } from './run.mjs';
import { suggest } from './suggest.mjs';

const MESSAGE_LENGTH = 300;

/**
 * Runs jest and counts what it reports. Resolves to whether everything passed.
 *
 * @param timed whether the seconds of each file are kept as well.
 */
export function jestSuite(name, args, { timed = false } = {}) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  return suite(name, (file) => ['node', [jest, ...args, '--json', '--outputFile', file]], countJest, timed);
}

/**
 * Refuses options that jest does not know before anything is run: it would refuse them itself, but only after set-up, and
 * the suites after it would run all the same. Where jest is not installed yet, they are left to it.
 */
export async function judgeJestOptions(argv) {
  const jest = await import('jest-cli').catch(() => undefined);
  if (!jest) return;
  const names = Object.entries(jest.yargsOptions).flatMap(([name, { alias = [] }]) => [name, alias].flat());
  const unknown = unknownOptions(argv, names);
  if (unknown.length === 0) return;
  const meant = suggest(unknown[0].replace(/^-+/, ''), names);
  throw new UserError(
    `jest has no option ${unknown[0]}`,
    meant ? `did you mean --${meant}?` : '`npx jest --help` shows what there is',
  );
}

/** Of some arguments those that are an option of none of these names, written in any way that yargs takes. Pure. */
export function unknownOptions(argv, names) {
  const end = argv.indexOf('--');
  const options = argv.slice(0, end < 0 ? argv.length : end).filter((text) => /^-[^\d]/.test(text));
  return options
    .map((text) => text.split('=')[0])
    .filter((text) => {
      const long = /^--(?:no-)?(.+)$/.exec(text)?.[1];
      if (long === undefined) return !names.includes(text[1]);
      return !names.includes(long.split('.')[0].replace(/-(\w)/g, (_, letter) => letter.toUpperCase()));
    });
}

/** Runs node's own test runner over the given files or folders. */
export function nodeSuite(name, files) {
  const reporters = (file) => [
    ...['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'],
    ...['--test-reporter', 'tap', '--test-reporter-destination', file],
  ];
  return suite(name, (file) => ['node', ['--test', ...reporters(file), ...files]], countTap);
}

/** Runs a program that prints such lines itself. */
export async function countedProgram(program, args) {
  const onLine = (line) => {
    console.log(line);
    const [result] = /^\S+: \d+ passed, \d+ failed/.exec(line) ?? [];
    if (result) record(result);
  };
  return (await foreground(program, args, { cwd: root, onLine })) === 0;
}

function record(line) {
  if (process.env.SHOP_RESULTS) appendFileSync(process.env.SHOP_RESULTS, `${line}\n`);
}

async function suite(name, commandFor, count, timed = false) {
  const folder = mkdtempSync(join(tmpdir(), 'suite-'));
  const file = join(folder, 'results');
  const began = Date.now();
  try {
    const [program, args] = commandFor(file);
    const code = await foreground(program, args, { cwd: root });
    const { passed, failed, names, times = [] } = count(readOr(file));
    // A runner that fails without a failed test (a broken file, a leak) must not look green.
    const broken = code !== 0 && failed === 0 ? ` (the runner ended with exit code ${code})` : '';
    const line = `${name}: ${passed} passed, ${failed} failed${broken}`;
    say(`\n${line} (${duration(Date.now() - began)})\n`);
    const taken = timed && times.length > 0 ? [`  took: ${times.join(', ')}`] : [];
    record([line, ...names.map((one) => `  failed: ${one}`), ...taken].join('\n'));
    return code === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function countJest(text) {
  const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = text ? JSON.parse(text) : {};
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failed = testResults.flatMap((file) => file.assertionResults).filter((one) => one.status === 'failed');
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    names: [
      ...broken.map((file) => `${relative(root, file.name)}: ${shortened(file.message)}`),
      ...failed.map((one) => `${one.fullName}: ${shortened(one.failureMessages[0])}`),
    ],
    times: testResults.map(({ name, startTime, endTime }) => {
      return `${basename(name).split('.')[0]} ${Math.round((endTime - startTime) / 1_000)} s`;
    }),
  };
}

export function countTap(text) {
  const number = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const names = [...text.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name);
  return { passed: number('pass'), failed: number('fail') + number('cancelled'), names };
}

/** What a message says before it names where, in one line. */
function shortened(message = '') {
  const [said] = stripVTControlCharacters(message).split(/\n\s+at /);
  return said.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LENGTH);
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the runner did not come so far
  }
}
