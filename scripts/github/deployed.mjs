// Which commit is deployed: that of the last deployment to an environment of GitHub that succeeded.
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { githubOf } from './api.mjs';
import { setOutput } from './run.mjs';

const COMMAND = {
  name: 'deployed',
  program: 'node scripts/github/deployed.mjs',
  about:
    'Finds the commit that was last deployed to an environment of GitHub with success. Outputs `commit`, which is empty if there is\n' +
    'none. Reads GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL.',
  options: { environment: { type: 'string', value: 'NAME', about: 'Environment of GitHub' } },
};

await main(async () => {
  const { environment } = commandLine(COMMAND).values;
  if (environment === undefined) throw new UserError('an environment must be named', '--environment NAME');
  const github = githubOf();
  // Newest first. One that was followed by another is "inactive", which it becomes only after a success.
  for (const { id, sha } of await github.list('deployments', { environment })) {
    const statuses = await github.list(`deployments/${id}/statuses`);
    if (!statuses.some(({ state }) => state === 'success')) continue;
    if (!/^[0-9a-f]{40}$/.test(sha)) throw new UserError(`deployment ${id} has no commit`);
    say(`${environment} has the commit ${sha}.`);
    setOutput('commit', sha);
    return;
  }
  say(`Nothing has been deployed to ${environment} yet.`);
  setOutput('commit', '');
});
