// Running the Pulumi CLI from our scripts, with the same environment and the same care for the stack files as `npx pulumi`.
import { existsSync } from 'node:fs';
import { local, root } from './project.mjs';
import { findCli, ownBackend, pulumiEnvironment } from './pulumi.mjs';
import { UserError } from './report.mjs';
import { capture, foreground } from './run.mjs';
import { readStackFiles, removeSalts } from './stack-files.mjs';

/** A closed terminal would end the CLI in the middle of an update: it does not know SIGHUP. */
const INSTEAD = { SIGHUP: 'SIGTERM' };

/** Runs `pulumi` in the foreground; resolves to its exit code. */
export function pulumi(args) {
  return prepared((cli, env) => foreground(cli, args, { env, instead: INSTEAD }));
}

/** Runs `pulumi` in the project's folder and collects its output. */
export function pulumiCapture(args) {
  return prepared((cli, env) => capture(cli, args, { env, cwd: root, instead: INSTEAD }));
}

/** Makes the stack the current one, after making it if need be, so that `npx pulumi up` means the same stack. */
export async function selectStack(stack) {
  const { code, stderr } = await pulumiCapture(['stack', 'select', '--stack', stack, '--create', '--non-interactive']);
  if (code !== 0) throw new UserError(`the stack ${stack} cannot be selected: ${stderr.trim()}`);
}

async function prepared(run) {
  const cli = await findCli();
  const own = ownBackend();
  if (!cli || !(own || existsSync(local.passphrase))) {
    throw new UserError('this machine is not set up for the project yet', 'run `npm run setup`');
  }
  const env = await pulumiEnvironment(cli);
  const before = own ? {} : readStackFiles(root);
  try {
    return await run(cli, env);
  } finally {
    if (!own) removeSalts(root, before);
  }
}
