// What an installation keeps for itself in .local/: the state of the stacks, the passphrase that encrypts secrets in it,
// and the key from which the program derives the passwords of its services.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesBelow } from '../lib/backend-files.mjs';
import { local } from '../lib/project.mjs';
import { ownBackend } from '../lib/pulumi.mjs';
import { UserError } from '../lib/report.mjs';

const KEY_BYTES = 32;

export async function state() {
  refuseLostKeys(local);
  mkdirSync(local.folder, { recursive: true, mode: 0o700 });
  chmodSync(local.folder, 0o700);
  mkdirSync(local.state, { recursive: true, mode: 0o700 });
  const made = [local.passphrase, local.installationKey].filter((file) =>
    writeOnce(file, randomBytes(KEY_BYTES).toString('base64url')),
  );
  const backend = ownBackend();
  const where = backend ? `in your own backend (${backend})` : 'in .local/state';
  return `${where}${made.length ? ', new keys in .local' : ''}`;
}

/**
 * New keys in place of lost ones would fit neither the state nor the data of the stacks that are deployed.
 *
 * @throws UserError
 */
export function refuseLostKeys({ state: folder, passphrase, installationKey }) {
  const files = filesBelow(join(folder, '.pulumi', 'stacks'), '.json');
  const stacks = files.map((file) => basename(file, '.json')).join(', ');
  const lost = [passphrase, installationKey].filter((file) => !existsSync(file));
  if (stacks === '' || lost.length === 0) return;
  const names = lost.map((file) => `.local/${basename(file)}`).join(' and ');
  throw new UserError(
    `${names} ${lost.length === 1 ? 'is' : 'are'} missing, and without ${lost.length === 1 ? 'it' : 'them'} these stacks cannot be deployed: ${stacks}`,
    'put it back from a backup of .local. Without one, to begin anew: delete what these stacks have deployed with the tools of Docker or Kubernetes, then .local/state',
  );
}

/**
 * Writes a file unless it exists, whole or not at all: a lost or half-written key would lock its owner out of the state
 * and of the databases. Returns whether it was written.
 */
export function writeOnce(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file); // fails if the file exists, so that two set-ups at once agree on one key
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}
