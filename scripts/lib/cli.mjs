// Running the Pulumi CLI from our scripts, with the same environment and the same care for the stack files as `npx pulumi`.
import { existsSync } from 'node:fs';
import { refuseLostKeys } from './keys.mjs';
import { local, root } from './project.mjs';
import { findCli, ownBackend, pulumiEnvironment } from './pulumi.mjs';
import { UserError, notSetUp } from './report.mjs';
import { capture, foreground } from './run.mjs';
import { readStackFiles, removeSalts } from './stack-files.mjs';
import { suggest } from './suggest.mjs';
import { removeTornFiles } from './torn-files.mjs';

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

/**
 * Lets the CLI judge options before anything is done, since it would refuse them only when it is started. Does nothing where
 * it is not installed yet: then nothing is deployed either, and it judges after set-up.
 *
 * @param own names of our command's own options, one of which may have been meant.
 * @returns whether it has judged.
 */
export async function judgeOptions(command, options, own = []) {
  const cli = await findCli();
  if (!cli) return false;
  if (options.length === 0) return true;
  // With --help it looks at the options, and does no more. First, so that no option takes it for its value.
  const { code, stderr } = await capture(cli, [command, '--help', ...options], { env: quiet(process.env) });
  if (code === 0) return true;
  const meant = suggest(/unknown flag: --([\w-]+)/.exec(stderr)?.[1] ?? '', own);
  const hint = meant ? `did you mean --${meant}?` : `\`npx pulumi ${command} --help\` shows what there is`;
  throw new UserError(`pulumi ${command}: ${said(stderr)}`, hint);
}

function quiet(env) {
  return { ...env, PULUMI_SKIP_UPDATE_CHECK: 'true' };
}

function said(stderr) {
  const [line = 'the Pulumi CLI refuses these options'] = stderr.split('\n').filter((text) => text.trim() !== '');
  return line.replace(/^error: /, '');
}

async function prepared(run) {
  const cli = await findCli();
  const own = ownBackend();
  if (!cli || !(own || existsSync(local.passphrase))) {
    if (!own) refuseLostKeys(local);
    throw notSetUp();
  }
  if (!own) removeTornFiles();
  const env = await pulumiEnvironment(cli);
  const before = own ? {} : readStackFiles(root);
  try {
    return await run(cli, env);
  } finally {
    if (!own) removeSalts(root, before);
  }
}
