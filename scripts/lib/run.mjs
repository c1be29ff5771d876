// Starting other programs: argument arrays only, never a shell.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { accessSync, constants as fsConstants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from './report.mjs';

const TAIL = 30;

/**
 * Runs a program and collects its output. Never rejects because of an exit code: look at `code` (127 when the program
 * does not exist, 124 when `timeout` milliseconds passed).
 */
export function capture(program, args, { timeout, input, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...options,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
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
      resolve({ code: error.code === 'ENOENT' ? 127 : 126, stdout, stderr: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
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
 * Runs a program in the foreground with our own terminal and resolves to its exit code. Ctrl-C reaches the child from the
 * terminal itself (a second one would make Pulumi give up at once); without a terminal, and for other signals, what is
 * sent to us is handed on.
 */
export function foreground(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const listener = () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    const done = () => listeners.forEach((off) => off());
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
