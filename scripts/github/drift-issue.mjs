// Turns what a run of the workflow `drift` has found into one issue: opened, updated, and closed when the drift is gone.
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { githubOf } from './api.mjs';
import { artifactsOf, textOf } from './artifacts.mjs';
import { harmless } from './harmless.mjs';
import { keepIssue } from './issue.mjs';
import { runUrl } from './run.mjs';

const LABEL = 'drift';
const ARTIFACT = /^drift-[a-z][a-z0-9-]*$/;
/** "absent" has never been deployed; of "unknown" the comparison failed. */
const STATES = ['none', 'drift', 'unknown', 'absent'];
/** Characters of one stack's part. */
const SHARE = 20_000;

const COMMAND = {
  name: 'drift-issue',
  program: 'node scripts/github/drift-issue.mjs',
  about:
    'Opens, updates or closes the issue on drift, from the artifacts `drift-STACK` of this run. Reads GITHUB_TOKEN,\n' +
    'GITHUB_REPOSITORY, GITHUB_RUN_ID and GITHUB_API_URL.',
  options: {
    stack: {
      type: 'string',
      short: 's',
      multiple: true,
      value: 'NAME',
      default: [],
      about: 'A stack that was looked at, once or more: without an artifact, its comparison failed',
    },
  },
};

await main(async () => {
  const { stack: expected } = commandLine(COMMAND).values;
  const github = githubOf();
  const found = withMissing(await findings(github, process.env.GITHUB_RUN_ID), expected);
  if (found.every(({ state }) => state === 'absent')) return say('Nothing is deployed, so nothing was compared.');
  const bad = found.filter(({ state }) => state === 'drift' || state === 'unknown');
  const done = await keepIssue(github, LABEL, bad.length > 0 ? issueOf(bad) : undefined, {
    closing: `What is deployed is again what the deployed commit says: ${runUrl()}`,
  });
  say(`Issue: ${done}`);
});

async function findings(github, run) {
  const artifacts = (await artifactsOf(github, run)).filter(({ name }) => ARTIFACT.test(name));
  const newest = new Map(artifacts.map((artifact) => [artifact.name, artifact]));
  const found = [];
  for (const [name, artifact] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { stack, state, text } = JSON.parse(await textOf(github, artifact, 'drift.json'));
    if (name !== `drift-${stack}` || !STATES.includes(state) || typeof text !== 'string') {
      throw new UserError(`the artifact ${name} was not written by drift.mjs`);
    }
    found.push({ stack, state, text });
  }
  return found;
}

/** A job that fails early leaves nothing: that is not a sign of health. */
function withMissing(found, expected) {
  const missing = expected.filter((stack) => !found.some((one) => one.stack === stack));
  const text = `The job failed before it compared anything: ${runUrl()}`;
  return [...found, ...missing.map((stack) => ({ stack, state: 'unknown', text: `### ${stack}\n\n${text}` }))];
}

function issueOf(found) {
  const names = (wanted) => found.flatMap(({ stack, state }) => (state === wanted ? [stack] : []));
  const [drifted, unknown] = [names('drift'), names('unknown')];
  const title = [
    ...(drifted.length > 0 ? [`Drift in ${drifted.join(' and ')}`] : []),
    ...(unknown.length > 0 ? [`Drift detection failed for ${unknown.join(' and ')}`] : []),
  ].join('; ');
  const advice = [
    ...(drifted.length > 0
      ? [
          `What is deployed in ${drifted.join(' and ')} differs from the deployed commit. Deploy it again to undo manual changes, ` +
            'or change the program.',
        ]
      : []),
    ...(unknown.length > 0 ? [`Whether ${unknown.join(' and ')} has drifted is not known: see the error below.`] : []),
    'This issue is updated every night, and closed when there is no difference any more.',
  ].join(' ');
  return { title, body: [advice, ...found.map(({ text }) => harmless(text, { limit: SHARE }))].join('\n\n') };
}
