import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInstallation } from '../../../stacks/installation';
import { command, type CommandOptions, type CommandResult } from './command';
import { root } from './environment';
import { mergeConfig, type StackConfig } from './stack-config';
import { target } from './target';

/** What `npx pulumi` runs, without the second that npx takes to find it. */
const CLI = join(root, 'node_modules', '.bin', 'pulumi');

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

  /** Name that everything of the stack has on its target; see Target.scopeOf. */
  get scope(): string {
    const { id } = readInstallation(root, true);
    return target.scopeOf({ project: this.project, stack: this.name, installation: id }, this.project);
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
    // What the user has selected stays so: our commands act on it.
    const made = await this.pulumi(['stack', 'init', this.name, '--no-select']);
    if (made.code !== 0 && !made.output.includes('already exists')) throw new Error(made.output);
    this.selected = true;
  }

  /**
   * Deploys with some keys changed.
   *
   * @param started gets the command's process.
   */
  async up(
    changes: StackConfig = {},
    started?: CommandOptions['started'],
    args: string[] = [],
  ): Promise<CommandResult> {
    await this.configure(changes);
    return this.pulumi(['up', '--yes', '--skip-preview', '--diff=false', ...args, ...this.options()], started);
  }

  /** Deploys, and fails with the program's own words if that fails. */
  async mustUp(changes: StackConfig = {}): Promise<CommandResult> {
    const result = await this.up(changes);
    if (result.code !== 0) throw new Error(`pulumi up of ${this.scope} failed:\n${lastLines(result.output)}`);
    return result;
  }

  /** Deploys, and fails if that works. */
  async mustNotUp(changes: StackConfig = {}): Promise<CommandResult> {
    const result = await this.up(changes);
    if (result.code === 0)
      throw new Error(`pulumi up of ${this.scope} should have failed:\n${lastLines(result.output)}`);
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

  /** The state as `pulumi stack export` prints it: secrets stay encrypted, unless they are asked for. */
  async state({ showSecrets = false } = {}): Promise<string> {
    const secrets = showSecrets ? ['--show-secrets'] : [];
    const result = await this.pulumi(['stack', 'export', ...secrets, '--stack', this.name]);
    if (result.code !== 0) throw new Error(result.output);
    return result.stdout;
  }

  async destroy({ remove = false, refresh = false } = {}): Promise<CommandResult> {
    const args = refresh ? ['--refresh'] : [];
    const result = await this.pulumi(['destroy', '--yes', '--skip-preview', ...args, ...this.options()]);
    if (remove && result.code === 0) await this.remove();
    return result;
  }

  /** Forgets a stack that has no resources, with its configuration. */
  async remove(): Promise<void> {
    await this.pulumi(['stack', 'rm', '--yes', this.name]);
    rmSync(this.configFile, { force: true });
  }

  pulumi(args: string[], started?: CommandOptions['started']): Promise<CommandResult> {
    return command(CLI, ['--non-interactive', '--color', 'never', ...args], {
      cwd: this.folder,
      env: { PULUMI_SKIP_UPDATE_CHECK: 'true', ...this.env },
      started,
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
