// Refuses to go on where nobody would be asked: GitHub makes an environment without protection for a job that names one which does not
// exist, and ignores required reviewers in private repositories whose plan does not include them.
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { githubOf } from './api.mjs';

const HOW = 'docs/pull-requests.md, step 4';

const COMMAND = {
  name: 'reviewers',
  program: 'node scripts/github/reviewers.mjs',
  about:
    'Fails unless an environment of GitHub has required reviewers. Reads GITHUB_TOKEN, which needs `actions: read`,\n' +
    'GITHUB_REPOSITORY and GITHUB_API_URL.',
  options: { environment: { type: 'string', value: 'NAME', about: 'Environment of GitHub' } },
};

await main(async () => {
  const { environment } = commandLine(COMMAND).values;
  if (environment === undefined) throw new UserError('an environment must be named', '--environment NAME');
  const rules = await rulesOf(githubOf(), environment);
  if (rules === undefined) throw new UserError(`there is no environment "${environment}" on GitHub`, HOW);
  const reviewers = rules.flatMap((rule) => (rule.type === 'required_reviewers' ? (rule.reviewers ?? []) : []));
  if (reviewers.length === 0) {
    throw new UserError(
      `the environment "${environment}" has no required reviewers, so the deployment would not wait for an approval`,
      HOW,
    );
  }
  say(`A deployment to ${environment} waits for ${reviewers.length === 1 ? 'its reviewer' : 'one of its reviewers'}.`);
});

async function rulesOf(github, environment) {
  try {
    return (await github.get(`environments/${encodeURIComponent(environment)}`)).protection_rules ?? [];
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}
