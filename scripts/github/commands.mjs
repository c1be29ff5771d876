// The project's own commands, as a person types them, from the scripts of the workflows.
import { readPreview } from '../lib/preview-summary.mjs';
import { root } from '../lib/project.mjs';
import { UserError } from '../lib/report.mjs';
import { NPM, capture, foreground } from '../lib/run.mjs';
import { changes, errorOf } from './approval.mjs';

/** @throws UserError if it fails. */
export async function npmRun(script, args, { cwd = root, start = foreground } = {}) {
  const code = await start(NPM, ['run', script, '--', ...args], { cwd });
  if (code !== 0) throw new UserError(`npm run ${script} -- ${args.join(' ')} failed (exit code ${code})`);
}

/**
 * The preview of a stack, as `pulumi preview --json` gives it.
 *
 * @throws UserError if it comes to none, with what Pulumi says.
 */
export async function previewOf(stack, args = [], { cwd = root, start = capture } = {}) {
  const options = ['--stack', stack, '--json', '--show-sames', '--show-replacement-steps', ...args];
  const { code, stdout, stderr } = await start(NPM, ['run', '--silent', 'preview', '--', ...options], { cwd });
  const preview = readPreview(stdout);
  const said = stderr.trim().split('\n').slice(-10).join('\n');
  // It also ends with an error if it was to find no changes and has found some.
  const expected = code === 0 || (args.includes('--expect-no-changes') && preview && changes(preview));
  const error = preview && (errorOf(preview) ?? (expected ? undefined : said));
  if (!preview || error !== undefined) throw new UserError(`the preview of ${stack} failed: ${error ?? said}`);
  return preview;
}
