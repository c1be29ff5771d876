// Logs Docker in to the account's registry (ECR), with the role that the job has.
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { must } from '../lib/run.mjs';

const COMMAND = {
  name: 'registry-login',
  program: 'node scripts/github/registry-login.mjs',
  about: 'Logs Docker in to ECR, in the account of the credentials and the region of AWS_REGION. Needs the AWS CLI.',
};

await main(async () => {
  commandLine(COMMAND);
  const { AWS_REGION: region } = process.env;
  if (!region) throw new UserError('AWS_REGION must be set');
  const account = (await must('aws', ['sts', 'get-caller-identity', '--query', 'Account', '--output', 'text'])).trim();
  const password = await must('aws', ['ecr', 'get-login-password', '--region', region]);
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
  // Through its input: arguments can be read by every process of the machine.
  await must('docker', ['login', '--username', 'AWS', '--password-stdin', registry], { input: password });
  say(`Logged in to ${registry}.`);
});
