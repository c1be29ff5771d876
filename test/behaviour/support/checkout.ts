import { mkdirSync, copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, type CommandOptions, type CommandResult } from './command';
import { root } from './environment';

/** A checkout of its own, whose files a test may change: of the files as they are, committed or not. */
export class Checkout {
  private constructor(readonly folder: string) {}

  /** @param prepare what belongs to its first commit as well. */
  static async create(prepare: (checkout: Checkout) => void = () => {}): Promise<Checkout> {
    const checkout = new Checkout(mkdtempSync(join(tmpdir(), 'shop-')));
    await checkout.must('git', ['clone', '--quiet', root, '.']);
    const changed = await command('git', ['-C', root, 'diff', '--binary', 'HEAD']);
    if (changed.stdout !== '') {
      const patch = checkout.path('changes.patch');
      writeFileSync(patch, changed.stdout);
      await checkout.must('git', ['apply', patch]);
      rmSync(patch);
    }
    prepare(checkout);
    await checkout.must('git', ['add', '--all']);
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    await checkout.must('git', [...author, 'commit', '--quiet', '--allow-empty', '--message', 'base']);
    // Not before: Git would take a link for a file of the project.
    symlinkSync(join(root, 'node_modules'), checkout.path('node_modules'));
    return checkout;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Makes files of `.local` its own as well, such as those that say where the cluster is. */
  shareLocal(...files: string[]): void {
    mkdirSync(this.path('.local'), { recursive: true, mode: 0o700 });
    for (const file of files) copyFileSync(join(root, '.local', file), this.path('.local', file));
  }

  run(program: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
    return command(program, args, { ...options, cwd: this.folder });
  }

  /**
   * Runs a program that must succeed.
   *
   * @returns what it prints on standard output.
   */
  async must(program: string, args: string[], options: CommandOptions = {}): Promise<string> {
    const { code, output, stdout } = await this.run(program, args, options);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`);
    return stdout;
  }

  edit(file: string, from: string, to: string): void {
    const text = readFileSync(this.path(file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
    writeFileSync(this.path(file), text.replace(from, to));
  }

  /** Takes every change back. */
  async reset(): Promise<void> {
    await this.must('git', ['checkout', '--quiet', '.']);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
