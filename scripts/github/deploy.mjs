// Deploys what was approved, and nothing else. `--plan` says what a deployment would do, for those who approve it; `--approved` does
// it if it would still do the same.
import { commandLine } from '../lib/command.mjs';
import { markdown } from '../lib/preview-summary.mjs';
import { root } from '../lib/project.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { must } from '../lib/run.mjs';
import { changes, fingerprint } from './approval.mjs';
import { npmRun, previewOf } from './commands.mjs';
import { harmless } from './harmless.mjs';
import { setOutput, summarize } from './run.mjs';

const HASH = /^[0-9a-f]{64}$/;
/** A summary may have a mebibyte. */
const SUMMARY = 500_000;
/** What the plan of a pull request has been judged by, and its reviewers may have passed over. */
const POLICIES = ['--policy-pack', 'policy'];

const COMMAND = {
  name: 'deploy',
  program: 'node scripts/github/deploy.mjs',
  about:
    'Deploys a stack in two steps, between which somebody approves it. The hash of the first covers the commit and every change\n' +
    'that a preview shows; the second refuses if its own preview has another.',
  options: {
    stack: { type: 'string', short: 's', value: 'NAME', about: 'The stack' },
    plan: { type: 'boolean', about: 'Preview it; outputs `hash` and `changes`, and the preview in the summary' },
    approved: {
      type: 'string',
      value: 'HASH',
      about: 'Deploy it if that is still what would happen; else output `stale`',
    },
  },
  examples: [
    'node scripts/github/deploy.mjs --stack prod --plan',
    'node scripts/github/deploy.mjs --stack prod --approved "$HASH"',
  ],
};

await main(async () => {
  const { stack, plan = false, approved } = commandLine(COMMAND).values;
  if (stack === undefined) throw new UserError('a stack must be named', '--stack NAME');
  if (plan === (approved !== undefined)) throw new UserError('specify exactly one of --plan and --approved HASH');
  if (approved !== undefined && !HASH.test(approved)) throw new UserError('--approved must be a hash that --plan gave');
  const commit = (await must('git', ['-C', root, 'rev-parse', 'HEAD'])).trim();
  const preview = await previewOf(stack, POLICIES);
  const hash = fingerprint(preview, { stack, commit });
  const text = harmless(markdown(preview, { stack }), { limit: SUMMARY });
  if (plan) {
    setOutput('hash', hash);
    setOutput('changes', String(changes(preview)));
    summarize(`${text}\n\n<sub>Commit ${commit}, plan \`${hash}\`</sub>`);
    return 0;
  }
  if (hash !== approved) {
    setOutput('stale', 'true');
    summarize(
      `### ${stack} is not deployed\n\nThe plan has changed since it was approved. The current plan:\n\n${text}`,
    );
    say(`\nThe plan of ${stack} has changed since it was approved: nothing is deployed. Approve the new one.`);
    return 1;
  }
  await npmRun('up', ['--stack', stack, ...POLICIES]);
  return 0;
});
