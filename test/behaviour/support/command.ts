import { spawn, type ChildProcess } from 'node:child_process';
import { root } from './environment';

export interface CommandResult {
  code: number;
  /** Both streams, in the order in which they came. */
  output: string;
  stdout: string;
  seconds: number;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Milliseconds. */
  timeout?: number;
  /** Gets the process as soon as it runs. */
  started?: ((child: ChildProcess) => void) | undefined;
}

const TEN_MINUTES = 600_000;

/** Runs a program without a shell, bounded in time. A failure is a result, not an exception. */
export function command(
  program: string,
  args: string[],
  { cwd = root, env = {}, timeout = TEN_MINUTES, started }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    started?.(child);
    let output = '';
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const timer = setTimeout(() => {
      output += `\n(stopped after ${timeout} ms)`;
      child.kill('SIGTERM');
    }, timeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, output, stdout, seconds: (performance.now() - began) / 1_000 });
    });
  });
}
