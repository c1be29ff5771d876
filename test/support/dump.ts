import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Installation } from '../../stacks/installation';
import { type Registration } from './deployment';
import { mapInputs } from './map-inputs';

export const PROJECT = 'shop';
export const ROOT = join(__dirname, '..', '..');
/** Names and passwords in a dump follow from these. */
export const INSTALLATION: Installation = { id: '3670', key: Buffer.alloc(32, 'golden') };

/** The file that a stack's dump is compared with. */
export function goldenFile(stack: string): string {
  return join(ROOT, 'test', 'golden', `${stack}.json`);
}

/**
 * Everything that a stack asks Pulumi for, as text: sorted, without secrets, and without what changes with each edit of the
 * shop's programs. A review of its changes shows what a change of the components does to a real stack.
 */
export function dump(registrations: readonly Registration[]): string {
  const sorted = [...registrations].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(dumped);
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** What a stack's file says, as Pulumi hands it over. */
export function stackConfig(stack: string): Record<string, string> {
  const { config } = parse(readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), 'utf8')) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function key({ type, name }: Registration): string {
  return `${name} ${type}`;
}

function dumped({
  type,
  name,
  parent,
  inputs,
  dependencies,
  secrets,
  ...options
}: Registration): Record<string, unknown> {
  const { retainOnDelete, deleteBeforeReplace, ignoreChanges, hooks } = options;
  return sortKeys({
    type,
    name: withoutContent(name),
    parent,
    ...(dependencies.length > 0 ? { dependencies: dependencies.map(withoutContent) } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    ...(deleteBeforeReplace ? { deleteBeforeReplace } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges } : {}),
    ...(Object.keys(hooks).length > 0 ? { hooks } : {}),
    inputs: shown(inputs, type, secrets),
  }) as Record<string, unknown>;
}

function shown(inputs: unknown, type: string, secrets: readonly string[]): unknown {
  return mapInputs(inputs, (value, path) => {
    if (secrets.includes(path)) return '[secret]';
    if (typeof value !== 'string') return undefined;
    if (type.endsWith(':ServiceConfig') && path === 'data') return content(Buffer.from(value, 'base64'));
    if (type.endsWith(':ConfigMap') && path.startsWith('data')) return value.split('\n');
    if (path === 'build.context') return relative(ROOT, resolve(value));
    return withoutContent(value);
  });
}

/** The name of an image without the part that follows from its content. */
function withoutContent(text: string): string {
  return text
    .replace(/^((?:[\w.:-]+\/)?shop\/[a-z-]+):[0-9a-f]{12}$/, '$1:[content]')
    .replace(/^([a-z-]+-(?:build|push))-[0-9a-f]{12}$/, '$1-[content]');
}

/** A text as its lines, a program as its hash. */
function content(bytes: Buffer): unknown {
  if (bytes.includes(0)) return `[sha256 ${createHash('sha256').update(bytes).digest('hex')}]`;
  return bytes.toString().split('\n');
}

/** A value in which the order of keys says nothing. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortKeys(inner)]),
  );
}
