// `npm run restore -- BACKUP [--stack NAME] [pulumi options]`: the shop's database becomes what it was at that backup.
import { runBackupJob, timestamp } from './lib/backup-job.mjs';
import { UserError, main, say } from './lib/report.mjs';
import { takeStack } from './lib/stack.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const { stack, rest } = takeStack(process.argv.slice(2));
  const [backup, ...options] = rest;
  if (backup === undefined || backup.startsWith('-')) {
    throw new UserError(
      'which backup is to be restored?',
      'npm run restore -- NAME; "latest" is the newest, and a name that does not exist lists all',
    );
  }
  await setup({ stack });
  const code = await runBackupJob(stack, 'restore', `${backup}@${timestamp()}`, options);
  if (code === 0) say(`\nRestored the backup ${backup} of the stack ${stack}.`);
  return code;
});
