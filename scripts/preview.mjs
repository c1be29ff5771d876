// `npm run preview`: what `npm run up` would change, by service and in words.
import { writeFileSync } from 'node:fs';
import { pulumiCapture } from './lib/cli.mjs';
import { STACK } from './lib/command.mjs';
import { pulumiMending } from './lib/interrupted.mjs';
import { prepare } from './lib/prepare.mjs';
import { markdown, readPreview, summary } from './lib/preview-summary.mjs';
import { UserError, main, say, step } from './lib/report.mjs';
import { createStack } from './lib/stack-choice.mjs';

const COMMAND = {
  name: 'preview',
  about: 'Shows what `npm run up` would change: by service what changes, what restarts, and how.',
  options: {
    ...STACK,
    markdown: {
      type: 'string',
      value: 'FILE',
      about: 'Write the summary to a file as well, as Markdown for a comment on a pull request',
    },
  },
  pulumi: 'preview',
  passesTo: 'pulumi preview',
  more: ['With --diff, --json or --policy-pack it shows what `pulumi preview` shows, and nothing else.'],
  examples: [
    'npm run preview',
    'npm run preview -- --stack staging --diff',
    'npm run preview -- --refresh --expect-no-changes',
    'npm run preview -- --markdown preview.md',
    'npm run preview -- --policy-pack policy',
  ],
};

/** Output of Pulumi's own that somebody has asked for. */
const OWN_OUTPUT = /^(--diff|--json)(=true)?$|^-[a-z]*j/;
/** What a pack finds is not in Pulumi's JSON. */
const POLICY_PACK = /^--policy-pack(=|$)/;

await main(async () => {
  const { stack, options, values } = await prepare(COMMAND);
  await createStack(stack);
  const args = ['preview', '--stack', stack, ...options];
  const judged = options.some((option) => POLICY_PACK.test(option));
  if (judged && values.markdown !== undefined) {
    throw new UserError(
      'findings of a policy pack are not in the summary that --markdown writes',
      'leave one of them out, or see `npm run plan -- --markdown FILE`',
    );
  }
  const asked = judged || options.some((option) => OWN_OUTPUT.test(option));
  if (values.markdown === undefined && asked) return pulumiMending(args);
  let result;
  await step('preview', async (tell) => {
    tell('asking the program, the providers and what runs');
    // Without its steps of replacements Pulumi is silent on what an earlier `up` has replaced and still has to delete.
    const all = ['--json', '--show-sames', '--show-replacement-steps'];
    result = await pulumiMending([...args, ...all], { run: pulumiCapture });
  });
  const { code, stdout, stderr } = result;
  const preview = readPreview(stdout);
  if (preview === undefined) process.stdout.write(stdout);
  else {
    console.log(`\n${summary(preview, { stack })}`);
    if (values.markdown !== undefined) writeFileSync(values.markdown, markdown(preview, { stack }));
  }
  if (stderr.trim() !== '') say(stderr.trimEnd());
  return code;
});
