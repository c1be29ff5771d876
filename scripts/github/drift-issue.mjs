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
const STATES = ['none', 'drift', 'unknown'];
/** Characters of one stack's part. */
const SHARE = 20_000;

const COMMAND = {
  name: 'drift-issue',
  program: 'node scripts/github/drift-issue.mjs',
  about:
    'Opens, updates or closes the issue on drift, from the artifacts `drift-STACK` of this run. Reads GITHUB_TOKEN,\n' +
    'GITHUB_REPOSITORY, GITHUB_RUN_ID and GITHUB_API_URL.',
};

await main(async () => {
  commandLine(COMMAND);
  const github = githubOf();
  const found = await findings(github, process.env.GITHUB_RUN_ID);
  if (found.length === 0) return say('Nothing is deployed, so nothing was compared.');
  const bad = found.filter(({ state }) => state !== 'none');
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
      throw new UserError(`the artifact ${name} is none of drift.mjs`);
    }
    found.push({ stack, state, text });
  }
  return found;
}

function issueOf(found) {
  const names = (wanted) => found.flatMap(({ stack, state }) => (state === wanted ? [stack] : []));
  const [drifted, unknown] = [names('drift'), names('unknown')];
  const title = [
    ...(drifted.length > 0 ? [`Drift in ${drifted.join(' and ')}`] : []),
    ...(unknown.length > 0 ? [`Drift in ${unknown.join(' and ')} cannot be looked for`] : []),
  ].join('; ');
  const advice =
    'What is deployed is not what the deployed commit says. Deploy it again to undo what was changed by hand, or change the program. ' +
    'This issue is updated every night, and closed when the difference is gone.';
  return { title, body: [advice, ...found.map(({ text }) => harmless(text, { limit: SHARE }))].join('\n\n') };
}
