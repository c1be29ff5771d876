// The labels of everything that belongs to a stack.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { local, projectName, root } from './project.mjs';
import { notSetUp } from './report.mjs';

export const PART_OF = 'app.kubernetes.io/part-of';
export const NAME = 'app.kubernetes.io/name';
export const COMPONENT = 'app.kubernetes.io/component';

/**
 * The value of the label part-of, as components/identity.ts (namePrefix) works it out; a test holds them together.
 */
export function applicationOf(stack, installation = readInstallationId()) {
  const project = projectName();
  const short = stack.split('/').at(-1); // a backend of one's own may want organization/project/stack
  const name = renamedFrom(project, short) ?? short;
  const readable = `${project}-${name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 16)
    .replace(/-+$/, '');
  const hash = createHash('sha256')
    .update(JSON.stringify([project, name, project, installation]))
    .digest('hex');
  return `${readable || 'app'}-${hash.slice(0, 6)}`;
}

/** The name that a stack had before it was renamed, by which its objects and data are called. */
export function renamedFrom(project, stack, folder = root) {
  let text;
  try {
    text = readFileSync(join(folder, `Pulumi.${stack}.yaml`), 'utf8');
  } catch {
    return undefined; // a stack need not have a file
  }
  return new RegExp(`^\\s+["']?${project}:renamedFrom["']?:\\s*["']?([\\w.-]+)`, 'm').exec(text)?.[1];
}

export function labelOf(stack) {
  return `${PART_OF}=${applicationOf(stack)}`;
}

export function readInstallationId(file = local.installationId) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error.code === 'ENOENT') throw notSetUp();
    throw error;
  }
}
