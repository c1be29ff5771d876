import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const PROJECT_FOLDER = join(__dirname, '..');

/** What set-up found out about this machine. */
export interface Machine {
  /** Registry prefix of the base images, with its closing slash, or nothing. */
  imagePrefix: string;
  /** Network of the build steps where the builder's own has no way out. */
  buildNetwork?: 'host';
}

/** On a machine that set-up never ran on, the defaults of one with internet. */
export function readMachine(imagePrefix: string | undefined): Machine {
  const file = join(PROJECT_FOLDER, '.local', 'environment.json');
  const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<string, unknown>>) : {};
  return {
    imagePrefix: imagePrefix ?? (typeof found['imagePrefix'] === 'string' ? found['imagePrefix'] : ''),
    ...(found['buildNetwork'] === 'host' ? { buildNetwork: 'host' } : {}),
  };
}
