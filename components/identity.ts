import { createHash } from 'node:crypto';
import type { Identity } from './platform';

/** Labels by which people and programs find what belongs together; the names are Kubernetes' recommended ones. */
export const LABEL = {
  partOf: 'app.kubernetes.io/part-of',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

/** Room for `-<service>-<suffix>`: names of services have at most 40 characters. */
const MAX_READABLE = 16;
const PREFIX_HASH = 6;

/** First characters of a hash: the same everywhere, for the same input. */
export function shortHash(text: string, length = 6): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** A name as it is, or its beginning and a hash of all of it where it is longer than `max`. */
export function shortened(name: string, max: number): string {
  return name.length <= max ? name : `${name.slice(0, max - 7).replace(/[^A-Za-z0-9]+$/, '')}-${shortHash(name)}`;
}

/** A whole number from 0 to `size - 1` that follows from a text. */
export function hashNumber(text: string, size: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % size;
}

/**
 * Prefix of all names of an application on an engine: what people recognize, `<project>-<stack>` and the application's
 * name where it is another than the project's, and a hash that makes it unique whatever the names consist of.
 */
export function namePrefix({ project, stack, installation = '' }: Identity, application: string): string {
  const parts = [project, stack, ...(application === project ? [] : [application])];
  const readable = parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_READABLE)
    .replace(/-+$/, '');
  const hash = shortHash(JSON.stringify([project, stack, application, installation]), PREFIX_HASH);
  return `${readable || 'app'}-${hash}`;
}
