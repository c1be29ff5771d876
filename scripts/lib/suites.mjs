// Test suites of several kinds, each ending in one line: `unit: 120 passed, 0 failed (4.2 s)`. The same lines go into the
// file that SHOP_RESULTS names, for .ci/run.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './project.mjs';
import { duration, say } from './report.mjs';
import { foreground } from './run.mjs';

/** Runs jest and counts what it reports. Resolves to whether everything passed. */
export function jestSuite(name, args) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  return suite(name, (file) => ['node', [jest, ...args, '--json', '--outputFile', file]], countJest);
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
export function countedProgram(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line);
      const [result] = /^\S+: \d+ passed, \d+ failed/.exec(line) ?? [];
      if (result) record(result);
    });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

function record(line) {
  if (process.env.SHOP_RESULTS) appendFileSync(process.env.SHOP_RESULTS, `${line}\n`);
}

async function suite(name, commandFor, count) {
  const folder = mkdtempSync(join(tmpdir(), 'suite-'));
  const file = join(folder, 'results');
  const began = Date.now();
  try {
    const [program, args] = commandFor(file);
    const code = await foreground(program, args, { cwd: root });
    const { passed, failed } = count(readOr(file));
    // A runner that fails without a failed test (a broken file, a leak) must not look green.
    const broken = code !== 0 && failed === 0 ? ` (the runner ended with exit code ${code})` : '';
    const line = `${name}: ${passed} passed, ${failed} failed${broken}`;
    say(`\n${line} (${duration(Date.now() - began)})\n`);
    record(line);
    return code === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function countJest(text) {
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = text ? JSON.parse(text) : {};
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

export function countTap(text) {
  const number = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { passed: number('pass'), failed: number('fail') + number('cancelled') };
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the runner did not come so far
  }
}
