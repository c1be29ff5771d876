import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What tells this checkout's stacks from those of another one. */
export interface Installation {
  /** In every name. It says nothing about the key. */
  id: string;
  /** What generated passwords follow from; a preview has none. */
  key?: Buffer | undefined;
}

/** The installation's id or key is missing or damaged. Thrown before anything is created. */
export class InstallationError extends pulumi.RunError {}

const KEY_BYTES = 32;

/**
 * Reads what set-up has made once for an installation; it lies outside the repository's files, so names and passwords survive
 * `down`, `up` and new stacks. A preview reads no key: what is previewed may be somebody else's program.
 *
 * @throws InstallationError
 */
export function readInstallation(projectFolder: string, isPreview = pulumi.runtime.isDryRun()): Installation {
  const folder = join(projectFolder, '.local');
  const id = readId(join(folder, 'installation-id'));
  return isPreview ? { id } : { id, key: readKey(join(folder, 'installation-key')) };
}

function readId(file: string): string {
  const id = read(file)?.trim();
  if (id === undefined) {
    throw new InstallationError(
      'this checkout is not set up: .local/installation-id does not exist. Run `npm run setup`, which makes one. To preview or ' +
        'deploy what another installation has deployed, copy the file from there.',
    );
  }
  if (!/^[0-9a-f]{4}$/.test(id)) {
    throw new InstallationError(
      `.local/installation-id is damaged: it holds ${JSON.stringify(id)} instead of four hexadecimal digits. Put the right one back from a backup.`,
    );
  }
  return id;
}

function readKey(file: string): Buffer {
  const text = read(file);
  if (text === undefined) {
    throw new InstallationError(
      'secrets are missing: .local/installation-key does not exist. Previews do without; to deploy, copy it from the ' +
        'installation whose data you want to go on using.',
    );
  }
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== KEY_BYTES) {
    throw new InstallationError(
      `.local/installation-key is damaged: it has ${key.length} bytes instead of ${KEY_BYTES}. Put the right one back from a backup.`,
    );
  }
  return key;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
