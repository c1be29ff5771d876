// Logs Docker in to the registry that a stack pushes to: one whose credentials the environment gives, else the account's (ECR), with
// the role that the job has.
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { must } from '../lib/run.mjs';

const COMMAND = {
  name: 'registry-login',
  program: 'node scripts/github/registry-login.mjs',
  about:
    'Logs Docker in to REGISTRY as REGISTRY_USERNAME with REGISTRY_PASSWORD; without these to ECR, in the account of the credentials and\n' +
    'the region of AWS_REGION, which needs the AWS CLI.',
  options: { optional: { type: 'boolean', about: 'Do nothing where there is neither' } },
};

await main(async () => {
  const { optional } = commandLine(COMMAND).values;
  const { AWS_REGION: region, REGISTRY_USERNAME: username } = process.env;
  if (!username && !region && optional) return say('No credentials of a registry are given: nobody is logged in.');
  const { registry, user, password } = username ? given(username) : await ecr(region);
  // Through its input: arguments can be read by every process of the machine.
  await must('docker', ['login', '--username', user, '--password-stdin', registry], { input: password });
  say(`Logged in to ${registry}.`);
});

function given(user) {
  const { REGISTRY: registry, REGISTRY_PASSWORD: password } = process.env;
  if (!registry || !password) throw new UserError('REGISTRY_USERNAME needs REGISTRY and REGISTRY_PASSWORD');
  return { registry, user, password };
}

async function ecr(region) {
  if (!region) throw new UserError('AWS_REGION must be set, or REGISTRY_USERNAME with REGISTRY and REGISTRY_PASSWORD');
  const account = (await must('aws', ['sts', 'get-caller-identity', '--query', 'Account', '--output', 'text'])).trim();
  const password = await must('aws', ['ecr', 'get-login-password', '--region', region]);
  return { registry: `${account}.dkr.ecr.${region}.amazonaws.com`, user: 'AWS', password };
}
