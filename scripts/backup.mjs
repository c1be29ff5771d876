// `npm run backup`: backs the shop's database up, and changes nothing else.
import { runBackupJob, timestamp } from './lib/backup-job.mjs';
import { STACK } from './lib/command.mjs';
import { prepare } from './lib/prepare.mjs';
import { main, say } from './lib/report.mjs';

const COMMAND = {
  name: 'backup',
  about: "Backs the shop's database up, and changes nothing else.",
  options: STACK,
  pulumi: 'up',
  passesTo: 'pulumi up',
  examples: ['npm run backup', 'npm run backup -- --stack staging'],
};

await main(async () => {
  const { stack, options } = await prepare(COMMAND);
  const name = timestamp();
  const code = await runBackupJob(stack, 'backup', name, options);
  if (code === 0) say(`\nMade the backup ${name}. To go back to it: npm run restore -- ${name} --stack ${stack}`);
  return code;
});
