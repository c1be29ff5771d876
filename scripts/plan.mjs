// `npm run plan`: what a change does to every environment, worked out from two revisions alone.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { environment, isQuiet, planMarkdown } from './lib/plan-markdown.mjs';
import { describeRevision, filesOf, inWorktree, renderRevision, resolveRevision } from './lib/plan-revisions.mjs';
import { plural } from './lib/preview-words.mjs';
import { root } from './lib/project.mjs';
import { main, say, step } from './lib/report.mjs';
import { setup } from './setup.mjs';

const IMAGE = 'docker:index/remoteImage:RemoteImage';

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
      return renderRevision(folder, { key });
    });
    const render = (folder) => {
      tell(`rendering ${values.head ?? 'the files as they are'}`);
      return renderRevision(folder, { key, before });
    };
    after = head === undefined ? await render(root) : await inWorktree(head, render);
  });
  const names = [...new Set([...Object.keys(after.stacks), ...Object.keys(before.stacks)])].sort();
  const environments = await Promise.all(
    names.map(async (name) => {
      const found = compared(before.stacks[name], after.stacks[name]);
      return environment(name, { ...found, sources: await sourcesOf(found, base, head) });
    }),
  );
  const plan = {
    base: `${values.base} (${base.slice(0, 7)})`,
    head: await describeRevision(values.head, head),
    environments,
    notes: await notes(base, head),
  };
  if (values.json) console.log(JSON.stringify(plan, undefined, 2));
  else {
    const text = planMarkdown(plan, values.whole ? Number.POSITIVE_INFINITY : undefined);
    if (values.markdown === undefined) process.stdout.write(`\n${text}`);
    else writeFileSync(values.markdown, text);
  }
  for (const { name, problem } of environments)
    if (problem !== undefined) say(`✗ ${name} cannot be rendered: ${problem}`);
  if (environments.some(({ problem }) => problem !== undefined)) return 1;
  return values['expect-no-changes'] && !environments.every(isQuiet) ? 1 : 0;
});

/** One stack before and after: whichever of them is there. */
function compared(before, after) {
  if (after === undefined) {
    const steps = (before.resources ?? []).map((one) => ({ op: 'delete', ...asStep(one) }));
    return { ...before, steps, state: 'removed' };
  }
  if (before?.problem !== undefined && after.problem === undefined) {
    return {
      ...after,
      steps: [],
      problem: `nothing is known of what changes, since the base cannot be rendered: ${before.problem}`,
    };
  }
  const changed = Object.keys(after.encrypted).filter((key) => before?.encrypted[key] !== after.encrypted[key]);
  return { ...after, reencrypted: before ? changed : [], ...(before ? {} : { state: 'added' }) };
}

function asStep({ urn, type, parentUrn, inputs, retainOnDelete }) {
  return { urn, oldState: { urn, type, parent: parentUrn, inputs, retainOnDelete } };
}

/** By the tag of an image that is new: which files of its folder have changed. */
async function sourcesOf({ steps = [] }, base, head) {
  const built = steps
    .map(({ op, newState }) => ({ op, type: newState?.type, inputs: newState?.inputs }))
    .filter(({ op, type, inputs }) => op !== 'same' && type === IMAGE && inputs?.build?.context);
  const entries = built.map(async ({ inputs: { name, build } }) => {
    const folder = relative(root, resolve(root, 'infra', build.context));
    const files = await filesOf(base, head, [folder]);
    return [name.split(':').at(-1), `${folder}: ${plural(files.length, 'file')}`];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function notes(base, head) {
  const files = await filesOf(base, head, ['package-lock.json']);
  return files.length === 0
    ? []
    : [
        '`package-lock.json` differs: both revisions are rendered with the packages that are installed, not each with its own.',
      ];
}
