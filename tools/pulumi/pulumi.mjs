#!/usr/bin/env node
// `npx pulumi …`: the Pulumi CLI with what this project adds to its environment (scripts/lib/pulumi.mjs): the state in
// .local/ unless you have a backend of your own, its passphrase, and your docker context. Everything else, stdin, output,
// signals and exit code, is the CLI's own.
import { existsSync } from 'node:fs';
import { local, root } from '../../scripts/lib/project.mjs';
import { findCli, ownBackend, pulumiEnvironment } from '../../scripts/lib/pulumi.mjs';
import { UserError, main } from '../../scripts/lib/report.mjs';
import { foreground } from '../../scripts/lib/run.mjs';
import { readStackFiles, removeSalts } from '../../scripts/lib/stack-files.mjs';

await main(async () => {
  const cli = await findCli();
  if (!cli || !(ownBackend() || existsSync(local.passphrase))) {
    throw new UserError('this machine is not set up for the project yet', 'run `npm run setup`');
  }
  const env = await pulumiEnvironment(cli);
  const saltsAreOurs = env.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER === 'true' && !ownBackend();
  const before = saltsAreOurs ? readStackFiles(root) : {};
  try {
    return await foreground(cli, process.argv.slice(2), { env });
  } finally {
    if (saltsAreOurs) removeSalts(root, before);
  }
});
