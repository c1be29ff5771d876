// Starts a workflow anew on the main branch: what became stale while it waited for an approval is planned and asked for again.
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { githubOf } from './api.mjs';

const COMMAND = {
  name: 'dispatch',
  program: 'node scripts/github/dispatch.mjs',
  about: 'Starts a workflow. Reads GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL.',
  options: {
    workflow: { type: 'string', value: 'FILE', about: 'Its file in .github/workflows' },
    ref: { type: 'string', value: 'BRANCH', default: 'main', about: 'Branch that it runs on' },
  },
};

await main(async () => {
  const { workflow, ref } = commandLine(COMMAND).values;
  if (!/^[\w-]+\.yml$/.test(workflow ?? '')) throw new UserError('a workflow must be named', '--workflow FILE');
  await githubOf().post(`actions/workflows/${workflow}/dispatches`, { ref });
  say(`Started ${workflow} on ${ref}.`);
});
