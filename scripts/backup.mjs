// `npm run backup [-- --stack NAME] [-- pulumi options]`: backs the shop's database up, and changes nothing else.
import { runBackupJob, timestamp } from './lib/backup-job.mjs';
import { main, say } from './lib/report.mjs';
import { takeStack } from './lib/stack.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const { stack, rest } = takeStack(process.argv.slice(2));
  await setup({ stack });
  const name = timestamp();
  const code = await runBackupJob(stack, 'backup', name, rest);
  if (code === 0) say(`\nMade the backup ${name}. To go back to it: npm run restore -- ${name} --stack ${stack}`);
  return code;
});
