import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namePrefix } from '../../../components/identity';
import { installationId, readInstallationKey } from '../../../stacks/passwords';
import { root } from './environment';
import { mergeConfig, type StackConfig } from './stack-config';

export interface CommandResult {
  code: number;
  /** Both streams, in the order in which they came. */
  output: string;
  stdout: string;
  seconds: number;
}

const TEN_MINUTES = 600_000;

/** Runs a program without a shell, bounded in time. A failure is a result, not an exception. */
export function command(
  program: string,
  args: string[],
  {
    cwd = root,
    env = {},
    timeout = TEN_MINUTES,
  }: { cwd?: string; env?: Record<string, string | undefined>; timeout?: number } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
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

/**
 * One stack of a Pulumi project, driven through the command line as a user does. Its configuration is written to a file
 * outside the repository, so that a test never changes what is committed.
 */
export class Stack {
  readonly configFile: string;
  private selected = false;
  private changed: string[] = [];

  constructor(
    readonly project: string,
    readonly name: string,
    /** Folder with Pulumi.yaml. */
    readonly folder: string,
    /** Configuration that is always given; from the project's own file for the stack, if it has one. */
    private readonly base: StackConfig = {},
    readonly env: Record<string, string | undefined> = {},
  ) {
    const files = join(root, '.local', 'behaviour');
    mkdirSync(files, { recursive: true });
    this.configFile = join(files, `Pulumi.${project}.${name}.yaml`);
  }

  /** Prefix of everything that the stack makes on the engine. */
  get prefix(): string {
    const installation = installationId(readInstallationKey(root));
    return namePrefix({ project: this.project, stack: this.name, installation }, this.project);
  }

  /** Creates the stack if there is none, and writes its configuration. */
  async configure(changes: StackConfig = {}): Promise<void> {
    const own = join(this.folder, `Pulumi.${this.name}.yaml`);
    // What the CLI itself has written, such as the salt of the encryption, stays.
    const from = [this.configFile, own].find((file) => existsSync(file));
    const text = from === undefined ? '' : readFileSync(this.selected ? from : existsSync(own) ? own : from, 'utf8');
    const unset = Object.fromEntries(this.changed.map((key) => [key, undefined]));
    writeFileSync(this.configFile, mergeConfig(text, { ...unset, ...this.base, ...changes }));
    this.changed = Object.keys({ ...this.base, ...changes });
    if (this.selected) return;
    const select = await this.pulumi(['stack', 'select', '--create', this.name]);
    if (select.code !== 0) throw new Error(select.output);
    this.selected = true;
  }

  /** Deploys with some keys changed. */
  async up(changes: StackConfig = {}): Promise<CommandResult> {
    await this.configure(changes);
    return this.pulumi(['up', '--yes', '--skip-preview', '--diff=false', ...this.options()]);
  }

  /** Deploys, and fails with the program's own words if that fails. */
  async mustUp(changes: StackConfig = {}): Promise<CommandResult> {
    const result = await this.up(changes);
    if (result.code !== 0) throw new Error(`pulumi up of ${this.prefix} failed:\n${lastLines(result.output)}`);
    return result;
  }

  /** Deploys, and fails if that works. */
  async mustNotUp(changes: StackConfig = {}): Promise<CommandResult> {
    const result = await this.up(changes);
    if (result.code === 0)
      throw new Error(`pulumi up of ${this.prefix} should have failed:\n${lastLines(result.output)}`);
    return result;
  }

  async preview(changes: StackConfig = {}, args: string[] = []): Promise<CommandResult> {
    await this.configure(changes);
    return this.pulumi(['preview', ...args, ...this.options()]);
  }

  async outputs<T>(): Promise<T> {
    const result = await this.pulumi(['stack', 'output', '--json', '--show-secrets', '--stack', this.name]);
    if (result.code !== 0) throw new Error(result.output);
    return JSON.parse(result.stdout) as T;
  }

  async url(): Promise<string> {
    return (await this.outputs<{ url: string }>()).url;
  }

  /** The state as `pulumi stack export` prints it: secrets stay encrypted. */
  async state(): Promise<string> {
    const result = await this.pulumi(['stack', 'export', '--stack', this.name]);
    if (result.code !== 0) throw new Error(result.output);
    return result.stdout;
  }

  async destroy({ remove = false, refresh = false } = {}): Promise<CommandResult> {
    const args = refresh ? ['--refresh'] : [];
    const result = await this.pulumi(['destroy', '--yes', '--skip-preview', ...args, ...this.options()]);
    if (remove && result.code === 0) {
      await this.pulumi(['stack', 'rm', '--yes', this.name]);
      rmSync(this.configFile, { force: true });
    }
    return result;
  }

  pulumi(args: string[]): Promise<CommandResult> {
    return command('npx', ['--no-install', 'pulumi', '--non-interactive', '--color', 'never', ...args], {
      cwd: this.folder,
      env: { PULUMI_SKIP_UPDATE_CHECK: 'true', ...this.env },
    });
  }

  private options(): string[] {
    return ['--stack', this.name, '--config-file', this.configFile];
  }
}

/** The end of a long output, where the diagnostics are. */
function lastLines(text: string, count = 40): string {
  const lines = text.trimEnd().split('\n');
  return lines.length <= count ? text : ['…', ...lines.slice(-count)].join('\n');
}
