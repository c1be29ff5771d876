import dockerignore from '@balena/dockerignore';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Hash of what an image is built from: the files that the builder gets (the folder less what `.dockerignore` names,
 * with names and the executable bit, without times) and the build's other inputs.
 */
export function contentHash(folder: string, inputs: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha256').update(stableJson(inputs));
  for (const path of buildFiles(folder)) {
    const full = join(folder, path);
    const stats = lstatSync(full);
    const kind = stats.isSymbolicLink() ? 'link' : stats.mode & 0o111 ? 'program' : 'file';
    const content = stats.isSymbolicLink() ? Buffer.from(readlinkSync(full)) : readFileSync(full);
    // With the length no content can pass for the next file's head.
    hash.update(`\0${path}\0${kind}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Files of a build's folder that reach the builder, sorted, with forward slashes. */
export function buildFiles(folder: string): string[] {
  const ignoreFile = join(folder, '.dockerignore');
  const filter = dockerignore({ ignorecase: false });
  if (existsSync(ignoreFile)) filter.add(readFileSync(ignoreFile, 'utf8'));
  return filesBelow(folder, '')
    .filter((path) => !filter.ignores(path))
    .sort();
}

function filesBelow(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    // Installed packages are never sent, whatever the ignore file says; reading them would take seconds.
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name === '.git' ? [] : filesBelow(folder, path);
    return [path];
  });
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
