// Starting other programs: argument arrays only, never a shell.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { accessSync, constants as fsConstants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from './report.mjs';
import { OWN_SESSION, handOnSignals } from './signals.mjs';

/** npm's own program. */
export const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const TAIL = 30;

/**
 * Runs a program and collects its output. Never rejects because of an exit code: look at `code` (127 when the program
 * does not exist, 124 when `timeout` milliseconds passed).
 *
 * @param instead for a program that must end in good order: signals reach it as in `foreground`, and do not end us.
 */
export function capture(program, args, { timeout, input, instead, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...options,
      ...(instead && OWN_SESSION),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const done = instead ? handOnSignals(child, instead) : () => {};
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = timeout
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeout)
      : undefined;
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', (error) => {
      clearTimeout(timer);
      done();
      resolve({ code: error.code === 'ENOENT' ? 127 : 126, stdout, stderr: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done();
      resolve({ code: timedOut ? 124 : exitCode(code, signal), stdout, stderr });
    });
    if (input !== undefined) {
      child.stdin.on('error', () => {}); // a program that exits early says so by its exit code
      child.stdin.end(input);
    }
  });
}

/** Like `capture`, but a failure is an error that shows the command and the last lines it printed. */
export async function must(program, args, { mend, ...options } = {}) {
  const result = await capture(program, args, options);
  if (result.code === 0) return result.stdout;
  const shown = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-TAIL);
  throw new UserError(
    `\`${[program, ...args].join(' ')}\` failed (exit code ${result.code}):\n    ${shown.join('\n    ')}`,
    mend,
  );
}

/**
 * Runs a program in the foreground with our own terminal and resolves to its exit code. Signals that reach us reach it
 * exactly once; see signals.mjs.
 *
 * @param instead see `handOnSignals`.
 * @param onLine gets each line of its output, in place of our own standard output.
 */
export function foreground(program, args, { instead, onLine, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = onLine ? ['inherit', 'pipe', 'inherit'] : 'inherit';
    const child = spawn(program, args, { stdio, ...options, ...OWN_SESSION });
    const done = handOnSignals(child, instead);
    if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
    child.on('error', (error) => {
      done();
      reject(new UserError(`cannot start \`${program}\`: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      done();
      resolve(exitCode(code, signal));
    });
  });
}

/** The full path of a program on PATH, or undefined. */
export function which(program, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, program);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return undefined;
}

export function isExecutable(file) {
  try {
    accessSync(file, fsConstants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function exitCode(code, signal) {
  return signal ? 128 + (constants.signals[signal] ?? 0) : code;
}
