import * as pulumi from '@pulumi/pulumi';
import { createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VersionedSecret } from '../components';
import type { ShopSecrets } from './shop';

/** The installation's key is missing or damaged. Thrown before anything is created. */
export class InstallationKeyError extends pulumi.RunError {}

const KEY_BYTES = 32;
const PASSWORD_BYTES = 24;

/**
 * Reads the key that all generated passwords follow from. Set-up makes it once for an installation; it lies outside the
 * repository's files, so passwords survive `down`, `up` and new stacks, and none is ever written down.
 *
 * @throws InstallationKeyError
 */
export function readInstallationKey(projectFolder: string): Buffer {
  const file = join(projectFolder, '.local', 'installation-key');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new InstallationKeyError(
      'secrets are missing: .local/installation-key does not exist. Run `npm run setup`, which makes one, or copy it from the ' +
        'installation whose data you want to go on using.',
    );
  }
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== KEY_BYTES) {
    throw new InstallationKeyError(
      `.local/installation-key is damaged: it has ${key.length} bytes instead of ${KEY_BYTES}. Put the right one back from a backup.`,
    );
  }
  return key;
}

/**
 * A short name of an installation: two checkouts of the project on one engine, each with a state of its own, have
 * different ones. It says nothing about the key.
 */
export function installationId(key: Buffer): string {
  return createHash('sha256').update('installation').update(key).digest('hex').slice(0, 4);
}

/**
 * Derives a password (RFC 5869). The same key, stack, name and generation give the same password; another generation
 * gives one that has nothing in common with it.
 */
export function derivePassword(
  key: Buffer,
  identity: { project: string; stack: string },
  name: string,
  generation: number,
): pulumi.Output<string> {
  const info = JSON.stringify([identity.project, identity.stack, name, generation]);
  return pulumi.secret(Buffer.from(hkdfSync('sha256', key, '', info, PASSWORD_BYTES)).toString('base64url'));
}

/** The passwords of a stack of the shop, each a version of its own for each generation. */
export function shopSecrets(
  key: Buffer,
  identity: { project: string; stack: string },
  generation: number,
): ShopSecrets {
  const secret = (name: keyof ShopSecrets): VersionedSecret => ({
    value: derivePassword(key, identity, name, generation),
    version: String(generation),
  });
  return {
    'postgres-password': secret('postgres-password'),
    'user-password': secret('user-password'),
    'product-password': secret('product-password'),
    'order-password': secret('order-password'),
    'token-key': secret('token-key'),
  };
}
