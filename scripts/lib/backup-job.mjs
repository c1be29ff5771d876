// Running the shop's job `backup` for one request of an operator.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pulumi, pulumiCapture } from './cli.mjs';
import { local, root } from './project.mjs';
import { say } from './report.mjs';

/** The job's one resource, whatever the stack runs on: everything else stays as it is deployed. */
export const TARGETS = ['--target', '**::shop-backup-service', '--target', '**::shop-backup-job'];
const UP = ['up', '--yes', '--skip-preview', '--suppress-outputs', ...TARGETS];

/**
 * Deploys the job with a configuration key that stands in no file afterwards, and removes it again: the request is carried
 * out, and the next preview shows no change. Nothing else is deployed, so it does not matter what the checkout has that the
 * stack has not.
 *
 * @returns the exit code.
 */
export async function runBackupJob(stack, key, value, options = []) {
  const code = await withConfigFile(stack, (file) =>
    pulumi([...UP, '--stack', stack, '--config-file', file, '--config', `${key}=${value}`, ...options]),
  );
  const { code: removed, stdout, stderr } = await pulumiCapture([...UP, '--stack', stack, '--non-interactive']);
  if (removed === 0) return code;
  say(`${stdout}${stderr}\nThe job could not be removed; \`npm run up -- --stack ${stack}\` does it.`);
  return code || removed;
}

/** Pulumi saves the keys that it is given; it does so in a copy of the stack's file. */
async function withConfigFile(stack, work) {
  const name = `Pulumi.${stack.split('/').at(-1)}.yaml`;
  const folder = mkdtempSync(join(local.folder, 'request-'));
  try {
    const own = join(root, name);
    if (existsSync(own)) copyFileSync(own, join(folder, name));
    return await work(join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A moment as a word: 20261124-223005, in UTC. */
export function timestamp(date = new Date()) {
  return date
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
}
