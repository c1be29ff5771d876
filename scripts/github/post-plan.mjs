// Posts what a run of the workflow `preview` has found as the comment on its pull request. Runs on the main branch's code, with
// nothing of the pull request: the run's artifacts are the only thing that comes from there, and may be hostile.
import { readFileSync } from 'node:fs';
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { githubOf } from './api.mjs';
import { artifactsOf, textOf } from './artifacts.mjs';
import { setSection } from './comment.mjs';
import { harmless } from './harmless.mjs';
import { isFork, pullRequestOf } from './pull-request.mjs';
import { runUrl } from './run.mjs';

const WORKFLOW = '.github/workflows/preview.yml';
/** Each with the name of the artifact, and its share of the comment in characters. The first one is expected of every run. */
const PARTS = [
  { artifact: 'plan', share: 40_000 },
  { artifact: 'preview-dev', title: '`dev`, previewed on a real engine', share: 8_000 },
  { artifact: 'preview-prod-cluster', title: '`prod-cluster`, previewed in AWS', share: 8_000, cloud: true },
  { artifact: 'preview-prod', title: '`prod`, previewed in AWS', share: 8_000, cloud: true },
];
const FILE = 'plan.md';

const COMMAND = {
  name: 'post-plan',
  program: 'node scripts/github/post-plan.mjs',
  about:
    'Posts the plan that a run of the workflow `preview` has left as an artifact, as one comment on its pull request. Reads\n' +
    'GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL.',
  options: {
    event: { type: 'string', value: 'FILE', about: 'Event `workflow_run`; by default that of GITHUB_EVENT_PATH' },
  },
};

await main(async () => {
  const { values } = commandLine(COMMAND);
  const file = values.event ?? process.env.GITHUB_EVENT_PATH;
  if (!file) throw new UserError('there is no event', '--event FILE names one');
  const { workflow_run: run, repository } = JSON.parse(readFileSync(file, 'utf8'));
  // Any workflow may call itself "preview".
  if (run?.event !== 'pull_request' || run.path?.split('@')[0] !== WORKFLOW)
    return say('This run has no plan to post.');
  const github = githubOf();
  const pullRequest = await pullRequestOf(github, run, repository.default_branch);
  if (!pullRequest) return say(`No open pull request has the commit ${run.head_sha} as its head: nothing is posted.`);
  // Nothing of a fork's is previewed with credentials: an artifact of that name is forged.
  const expected = PARTS.filter(({ cloud = false }) => !(cloud && isFork(pullRequest)));
  const parts = await partsOf(github, run.id, expected);
  await setSection(github, pullRequest.number, 'plan', sectionOf(parts, run));
  say(`Posted on #${pullRequest.number}.`);
});

async function partsOf(github, runId, expected) {
  const artifacts = await artifactsOf(github, runId);
  const parts = [];
  for (const part of expected) {
    const found = artifacts.filter(({ name }) => name === part.artifact).at(-1);
    if (found) parts.push({ ...part, ...(await contentOf(github, found)) });
  }
  return parts;
}

async function contentOf(github, artifact) {
  try {
    return { markdown: await textOf(github, artifact, FILE) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: error.message };
  }
}

/** What is ours comes first: a text that hides what comes after it hides nothing that we say. */
function sectionOf(parts, run) {
  const link = `[the run](${runUrl(process.env, run.id)})`;
  const commit = /^[0-9a-f]{40}$/.exec(run.head_sha)?.[0].slice(0, 7);
  const by = `<sub>For ${commit}, by ${link}, from code of this pull request.</sub>`;
  if (!parts.some(({ artifact }) => artifact === PARTS[0].artifact)) {
    return [`### Plan`, `There is none: see ${link}.`, by].join('\n\n');
  }
  const texts = parts.map(({ title, markdown, problem, share }) => {
    const text = problem === undefined ? harmless(markdown, { limit: share }) : `> ${harmless(problem)}`;
    const more = text.endsWith('…') ? `\n\nThis is cut off; ${link} has all of it.` : '';
    return title === undefined ? `${text}${more}` : `#### ${title}\n\n${text}${more}`;
  });
  return [by, ...texts].join('\n\n');
}
