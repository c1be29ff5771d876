// The two revisions of a plan: where their files are, and what their stacks ask Pulumi for.
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFolder, root } from './project.mjs';
import { UserError } from './report.mjs';
import { capture, must } from './run.mjs';

/** Until a program that does not end is ended: 200 services take some 20 s. */
const RENDER_MS = 300_000;
/** Exit code of `capture` for what ran out of time. */
const TIMED_OUT = 124;

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
export async function renderRevision(folder, input, { timeout = RENDER_MS } = {}) {
  if (!existsSync(join(folder, PROGRAM))) {
    throw new UserError(
      'that revision cannot be planned: it is from before `npm run plan`',
      'name a later one: npm run plan -- --base REVISION',
    );
  }
  const sucrase = join(folder, 'node_modules', 'sucrase', 'register', 'ts.js');
  // Some of what the program asks for names paths from where Pulumi runs it.
  const options = { cwd: programFolder(folder), input: JSON.stringify(input), timeout };
  const result = await capture(process.execPath, ['--require', sucrase, join(folder, PROGRAM)], options);
  if (result.code === 0 && result.stdout !== '') return JSON.parse(result.stdout);
  throw new UserError(`the stacks cannot be rendered: ${whyNot(result, folder, timeout)}`);
}

/** What a person needs of the output of a rendering that has failed: the error, and its place in the checkout. Pure. */
export function whyNot({ code, stderr }, folder, timeout) {
  if (code === TIMED_OUT) return `not done after ${timeout / 1_000} s; does a definition loop for ever?`;
  const lines = stderr.replaceAll(`${folder}/`, '').split('\n');
  const error = lines.findIndex((line) => /^(?:\w*Error|Uncaught)\b/.test(line.trim()));
  if (error < 0)
    return (
      lines
        .filter((line) => line.trim() !== '')
        .slice(-5)
        .join('\n') || `exit code ${code}, without a word`
    );
  // Above an error of syntax Node.js shows the line and its place.
  const place = lines.slice(0, error).find((line) => /^(?!.*node_modules)\S+\.[cm]?[jt]s:\d+$/.test(line));
  const frame = lines
    .slice(error)
    .find((line) => /^\s+at .*\.ts:\d+/.test(line) && !/node_modules|scripts\/plan/.test(line));
  return [lines[error].trim(), ...[place, frame?.trim()].filter(Boolean)].join('\n  ');
}
