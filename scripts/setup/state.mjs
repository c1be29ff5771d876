// What an installation keeps for itself in .local/: the state of the stacks, the passphrase that encrypts secrets in it, the id
// that is part of all names, and the key from which the program derives the passwords of its services.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { keysOf, refuseLostKeys } from '../lib/keys.mjs';
import { local } from '../lib/project.mjs';
import { ownBackend } from '../lib/pulumi.mjs';

const KEY_BYTES = 32;

export async function state() {
  refuseLostKeys(local);
  mkdirSync(local.folder, { recursive: true, mode: 0o700 });
  chmodSync(local.folder, 0o700);
  mkdirSync(local.state, { recursive: true, mode: 0o700 });
  const made = makeKeys(local);
  const backend = ownBackend();
  const where = backend ? `in your own backend (${backend})` : 'in .local/state';
  return `${where}${made ? ', new keys in .local' : ''}`;
}

/**
 * Makes what is missing. An id without a key is that of another installation, which can be previewed here and not deployed.
 *
 * @returns whether there was something to make.
 */
export function makeKeys(places) {
  const { installationId, installationKey } = places;
  const made = keysOf(places).filter((file) => writeOnce(file, randomBytes(KEY_BYTES).toString('base64url')));
  if (existsSync(installationKey)) writeOnce(installationId, idOf(readFileSync(installationKey, 'utf8')));
  return made.length > 0;
}

/** The id of an installation that has none yet. It says nothing about the key. */
export function idOf(key) {
  return createHash('sha256')
    .update('installation')
    .update(Buffer.from(key.trim(), 'base64url'))
    .digest('hex')
    .slice(0, 4);
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
