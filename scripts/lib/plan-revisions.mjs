// The two revisions of a plan: where their files are, and what their stacks ask Pulumi for.
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFolder, root } from './project.mjs';
import { UserError } from './report.mjs';
import { capture, must } from './run.mjs';

const git = (args) => must('git', ['-C', root, ...args]);

/** The commit that a revision means. */
export async function resolveRevision(revision) {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { code, stdout } = await capture('git', ['-C', root, ...asked]);
  if (code === 0) return stdout.trim();
  throw new UserError(
    `${JSON.stringify(revision)} is not a revision of this repository`,
    'fetch it, or name another one: npm run plan -- --base REVISION',
  );
}

/** As people name what is planned. */
export async function describeRevision(name, commit) {
  if (commit !== undefined) return `${name} (${commit.slice(0, 7)})`;
  const [branch, short, status] = await Promise.all([
    git(['rev-parse', '--abbrev-ref', 'HEAD']),
    git(['rev-parse', '--short=7', 'HEAD']),
    git(['status', '--porcelain', '--untracked-files=normal']),
  ]);
  return `${branch.trim()} (${short.trim()}${status.trim() === '' ? '' : ' and uncommitted changes'})`;
}

/** Files that differ between two revisions; `undefined` is the files as they are. */
export async function changedFiles(base, head) {
  const text = await git(['diff', '--name-only', '-z', base, ...(head === undefined ? [] : [head]), '--']);
  const added = head === undefined ? await git(['ls-files', '--others', '--exclude-standard', '-z']) : '';
  return [text, added].flatMap((list) => list.split('\0')).filter(Boolean);
}

/** Calls a function with a folder that has the files of a commit, and the packages that are installed here. */
export async function inWorktree(commit, use) {
  const folder = mkdtempSync(join(tmpdir(), 'shop-plan-'));
  const tree = join(folder, 'tree');
  try {
    await git(['worktree', 'add', '--quiet', '--detach', '--force', tree, commit]);
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    return await use(tree);
  } finally {
    await capture('git', ['-C', root, 'worktree', 'remove', '--force', tree]);
    rmSync(folder, { recursive: true, force: true });
  }
}

const PROGRAM = join('scripts', 'plan', 'render.ts');

/** What the stacks of a revision ask Pulumi for; `before` is what those of another one do. */
export async function renderRevision(folder, input) {
  if (!existsSync(join(folder, PROGRAM))) {
    throw new UserError(
      'that revision cannot be planned: it is from before `npm run plan`',
      'name a later one: npm run plan -- --base REVISION',
    );
  }
  const sucrase = join(folder, 'node_modules', 'sucrase', 'register', 'ts.js');
  // Some of what the program asks for names paths from where Pulumi runs it.
  const options = { cwd: programFolder(folder), input: JSON.stringify(input) };
  const text = await must(process.execPath, ['--require', sucrase, join(folder, PROGRAM)], options);
  return JSON.parse(text);
}
