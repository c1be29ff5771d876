import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Engine } from '../../components/docker/engine';
import { readConfig, type ConfigOf } from '../../infra/config';
import { deployShop } from '../../stacks/docker';
import { deploy, type Registration } from './deployment';

const PROJECT = 'shop';
const ROOT = join(__dirname, '..', '..');
export const GOLDEN = join(ROOT, 'test', 'golden', 'dev.json');
/** Passwords in the dump follow from this key, and from no installation's. */
const KEY = Buffer.alloc(32, 'golden');

/**
 * Everything that the `dev` stack asks Pulumi for, as text: sorted, without secrets, and without what changes with each
 * edit of the shop's programs. A review of its changes shows what a change of the components does to a real stack.
 */
export async function devDump(): Promise<string> {
  const { registrations } = await devDeployment();
  const sorted = registrations.sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(dumped);
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** The registrations themselves, with the passwords in them. */
export function devDeployment() {
  const engine: Engine = {
    deployed: () => Promise.resolve(new Map()),
    converged: () => Promise.resolve(),
    attach: () => Promise.resolve(),
    detachOthers: () => Promise.resolve(),
    ownVolume: () => Promise.resolve(),
  };
  return deploy(
    () =>
      deployShop(
        readConfig(PROJECT, stackConfig('dev')) as ConfigOf<'docker'>,
        { project: PROJECT, stack: 'dev' },
        {
          engine,
          engineInfo: { OSType: 'linux', Architecture: 'x86_64', NCPU: 8, MemTotal: 16 * 2 ** 30 },
          deployed: new Map(),
          key: KEY,
          imagePrefix: '',
        },
      ),
    { project: PROJECT, stack: 'dev' },
  );
}

/** The plain keys of a stack's file; structured ones are not needed here and refused. */
function stackConfig(stack: string): Record<string, string> {
  const lines = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), 'utf8').split('\n');
  const start = lines.indexOf('config:');
  const entries: [string, string][] = [];
  for (const line of lines.slice(start + 1)) {
    if (line !== '' && !line.startsWith(' ')) break;
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const match = /^ {2}([\w-]+:\w+): (\S.*)$/.exec(line);
    if (!match) throw new Error(`Pulumi.${stack}.yaml: this test does not understand the line "${line}"`);
    entries.push([match[1]!, match[2]!]);
  }
  return Object.fromEntries(entries);
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
    name,
    parent,
    ...(dependencies.length > 0 ? { dependencies } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    ...(deleteBeforeReplace ? { deleteBeforeReplace } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges } : {}),
    ...(Object.keys(hooks).length > 0 ? { hooks } : {}),
    inputs: shown(inputs, '', type, secrets),
  }) as Record<string, unknown>;
}

function shown(value: unknown, path: string, type: string, secrets: readonly string[]): unknown {
  if (secrets.includes(path)) return '[secret]';
  if (Array.isArray(value)) return value.map((inner, index) => shown(inner, `${path}[${index}]`, type, secrets));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        shown(inner, path === '' ? name : `${path}.${name}`, type, secrets),
      ]),
    );
  }
  if (typeof value !== 'string') return value;
  if (type.endsWith(':ServiceConfig') && path === 'data') return content(Buffer.from(value, 'base64'));
  if (path === 'build.context') return relative(ROOT, resolve(value));
  return value.replace(/^(shop\/[a-z-]+):[0-9a-f]{12}$/, '$1:[content]');
}

/** A text as its lines, a program as its hash. */
function content(bytes: Buffer): unknown {
  if (bytes.includes(0)) return `[sha256 ${createHash('sha256').update(bytes).digest('hex')}]`;
  return bytes.toString().split('\n');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortKeys(inner)]),
  );
}
