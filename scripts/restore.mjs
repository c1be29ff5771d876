// `npm run restore`: the shop's database becomes what it was at a backup.
import { runBackupJob, timestamp } from './lib/backup-job.mjs';
import { STACK } from './lib/command.mjs';
import { prepare } from './lib/prepare.mjs';
import { UserError, main, say } from './lib/report.mjs';

const COMMAND = {
  name: 'restore',
  about: "Makes the shop's database what it was at a backup: everything since then goes.",
  positionals: { usage: 'BACKUP' },
  options: STACK,
  pulumi: 'up',
  passesTo: 'pulumi up',
  more: [
    'BACKUP is the name that `npm run backup` printed; `latest` is the newest. A name that does not exist lists all.',
    'Without --stack it acts on dev only, since it overwrites data.',
  ],
  examples: ['npm run restore -- 20261124-223005', 'npm run restore -- latest --stack staging'],
  refuse: (_, [backup, ...options]) => {
    if (backup !== undefined && !backup.startsWith('-')) return options;
    throw new UserError(
      'which backup is to be restored?',
      'npm run restore -- NAME; "latest" is the newest, and a name that does not exist lists all',
    );
  },
};

await main(async () => {
  const { stack, options, rest } = await prepare(COMMAND, { deletes: 'overwrites the database' });
  const [backup] = rest;
  const code = await runBackupJob(stack, 'restore', `${backup}@${timestamp()}`, options);
  if (code === 0) say(`\nRestored the backup ${backup} of the stack ${stack}.`);
  return code;
});
