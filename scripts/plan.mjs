// `npm run plan`: what a change does to every environment, worked out from two revisions alone.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { environment, isQuiet, planMarkdown } from './lib/plan-markdown.mjs';
import { breaksPolicies } from './lib/plan-policies.mjs';
import { changedFiles, describeRevision, inWorktree, renderRevision, resolveRevision } from './lib/plan-revisions.mjs';
import { plural } from './lib/preview-words.mjs';
import { programFolder, root } from './lib/project.mjs';
import { UserError, main, say, step } from './lib/report.mjs';
import { setup } from './setup.mjs';

const IMAGE = 'docker:index/remoteImage:RemoteImage';
/** Exit code of a change that breaks a mandatory rule which its base does not break. */
const POLICIES = 3;
const OTHER_PACKAGES =
  '`package-lock.json` differs: both revisions are rendered with the packages that are installed, not each with its own.';
const OTHER_RULES =
  'This change edits the policy pack in `policy/`. Both revisions are judged by the rules of this checkout: review those edits first.';

const COMMAND = {
  name: 'plan',
  about:
    'Shows what a change would do to every environment, as Markdown for a pull request: renders all stacks at two revisions, and\n' +
    'compares them. Needs no network, no credentials, no engine and no cluster.',
  options: {
    base: { type: 'string', value: 'REVISION', default: 'main', about: 'Revision to compare with' },
    head: { type: 'string', value: 'REVISION', about: 'Revision that is planned; by default the files as they are' },
    markdown: { type: 'string', value: 'FILE', about: 'Write the plan to a file instead of printing it' },
    json: { type: 'boolean', about: 'Print the plan as JSON' },
    whole: { type: 'boolean', about: 'Leave nothing out, however long it gets' },
    'expect-no-changes': { type: 'boolean', about: 'End with exit code 1 if anything changes' },
  },
  more: [
    `Ends with exit code ${POLICIES} if a change breaks a mandatory rule of the policy pack that its base does not break.`,
  ],
  examples: [
    'npm run plan',
    'npm run plan -- --base origin/main --markdown plan.md',
    'npm run plan -- --base HEAD~1 --head HEAD',
  ],
};

await main(async () => {
  const { values } = commandLine(COMMAND);
  await setup({ nodeOnly: true });
  const base = await resolveRevision(values.base);
  const head = values.head === undefined ? undefined : await resolveRevision(values.head);
  // Secrets are compared by digests that nobody can try out later.
  const key = randomBytes(32).toString('hex');
  let before;
  let after;
  await step('plan', async (tell) => {
    before = await inWorktree(base, (folder) => {
      tell(`rendering ${values.base}`);
      return renderBase(folder, { key });
    });
    const render = (folder) => {
      tell(`rendering ${values.head ?? 'the files as they are'}`);
      return renderRevision(folder, { key, ...(before.problem === undefined ? { before } : {}) });
    };
    after = head === undefined ? await render(root) : await inWorktree(head, render);
  });
  const files = await changedFiles(base, head);
  const { tsImport } = await import('tsx/esm/api');
  // Once for both: each import reads the rules anew.
  const { policiesOf, withoutSuspects } = await tsImport('./plan/policies.ts', import.meta.url);
  const policies = judged(before, after, policiesOf);
  const environments = Object.entries(after.stacks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, stack]) => {
      const found = compared(before.problem === undefined ? before.stacks[name] : before, stack);
      const steps = found.steps && withoutSuspects(found.steps);
      return environment(name, { ...found, steps, policies: policies[name], sources: sourcesOf(found, files) });
    });
  const plan = {
    base: `${values.base} (${base.slice(0, 7)})`,
    head: await describeRevision(values.head, head),
    environments,
    notes: [
      ...(files.includes('package-lock.json') ? [OTHER_PACKAGES] : []),
      ...(files.some((file) => file.startsWith('policy/')) ? [OTHER_RULES] : []),
    ],
  };
  if (values.json) console.log(JSON.stringify(plan, undefined, 2));
  else {
    const text = planMarkdown(plan, values.whole ? Number.POSITIVE_INFINITY : undefined);
    if (values.markdown === undefined) process.stdout.write(`\n${text}`);
    else writeFileSync(values.markdown, text);
  }
  for (const { name, problem, refused } of environments)
    if (problem !== undefined) say(`✗ ${name} ${refused ? 'is refused' : 'cannot be rendered'}: ${problem}`);
  if (environments.some(({ problem }) => problem !== undefined)) return 1;
  if (environments.some(breaksPolicies)) return POLICIES;
  return values['expect-no-changes'] && !environments.every(isQuiet) ? 1 : 0;
});

/** A base that fails as a whole must not keep anybody from mending it. */
async function renderBase(folder, input) {
  try {
    return await renderRevision(folder, input);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { stacks: {}, problem: error.message };
  }
}

/** By stack, what the policy pack of this checkout finds before and after. */
function judged(before, after, policiesOf) {
  const { project } = after;
  const stacks = Object.entries(after.stacks).filter(([, { resources, removed }]) => resources && !removed);
  return Object.fromEntries(
    stacks.map(([stack, { resources }]) => [
      stack,
      policiesOf(before.stacks[stack]?.resources ?? [], resources, { project, stack }),
    ]),
  );
}

/** What is said of a stack, from what it is before, if it is, and after. */
function compared(before, after) {
  if (after.removed) return { ...after, state: 'removed' };
  if (before?.problem !== undefined && after.problem === undefined) {
    return {
      ...after,
      steps: [],
      problem: `nothing is known of what changes, since the base cannot be rendered: ${before.problem}`,
    };
  }
  if (after.refused !== undefined) {
    return {
      ...after,
      steps: [],
      refused: true,
      problem:
        `\`npm run preview\` and \`npm run up\` refuse this: ${after.refused}. The stack would begin anew, without its data. ` +
        'docs/operations.md says how a stack is renamed or moved.',
    };
  }
  const changed = Object.keys(after.encrypted).filter((key) => before?.encrypted[key] !== after.encrypted[key]);
  const decrypted = Object.keys(before?.encrypted ?? {}).filter((key) => after.plain?.includes(key));
  return { ...after, reencrypted: before ? changed : [], decrypted, ...(before ? {} : { state: 'added' }) };
}

/** By the tag of an image that is new: which files of its folder have changed. */
function sourcesOf({ steps = [] }, files) {
  const built = steps.filter(({ op, newState }) => op !== 'same' && newState?.type === IMAGE && newState.inputs.build);
  return Object.fromEntries(
    built.map(({ newState: { inputs } }) => {
      const folder = relative(root, resolve(programFolder(), inputs.build.context));
      const own = files.filter((file) => file.startsWith(`${folder}/`));
      // Without a file, such as of a new stack, the folder is all that is known.
      const source = own.length > 0 ? `${folder}: ${plural(own.length, 'file')}` : folder;
      return [inputs.name.split(':').at(-1), source];
    }),
  );
}
