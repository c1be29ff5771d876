import dockerignore from '@balena/dockerignore';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** Something that a build sends to the builder. */
export interface BuildEntry {
  /** Below the build's folder, with forward slashes. */
  path: string;
  kind: 'file' | 'folder' | 'link' | 'fifo' | 'device';
  /** Permissions, of those bits that count; none of a link. */
  mode: string;
  /** Which ignore file lets it through, in the order of `ignoreFiles`: one digit each. */
  sentBy: string;
}

/** Bits of a mode that reach the image: all but the one that a umask of 002 adds to every file of a checkout. */
const MODE = 0o7777 & ~0o020;

/**
 * Hash of what an image is built from: what the builder reads of the folder (the Dockerfile, whatever the ignore files
 * say of it; names, contents and permissions of all that they let through; no times) and the build's other inputs.
 *
 * @throws Error of the file system for what cannot be read.
 */
export function contentHash(folder: string, dockerfile: string, inputs: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha256').update(stableJson(inputs));
  // With the length no content can pass for the next entry's head.
  const add = (head: readonly string[], content: Buffer) =>
    hash.update(`\0${head.join('\0')}\0${content.length}\0`).update(content);
  add(['Dockerfile'], readFileSync(join(folder, dockerfile)));
  for (const { path, kind, mode, sentBy } of buildEntries(folder, dockerfile))
    add([path, kind, mode, sentBy], contentOf(join(folder, path), kind));
  return hash.digest('hex');
}

function contentOf(path: string, kind: BuildEntry['kind']): Buffer {
  if (kind === 'file') return readFileSync(path);
  return Buffer.from(kind === 'link' ? readlinkSync(path) : '');
}

/** What reaches the builder, sorted. */
export function buildEntries(folder: string, dockerfile: string): BuildEntry[] {
  const filters = ignoreFiles(dockerfile)
    .map((file) => join(folder, file))
    .filter((file, index) => index === 0 || existsSync(file))
    .map((file) => new IgnoreFilter(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  return entriesBelow(folder, '', filters).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * BuildKit reads the second instead of the first, if it is there; the classic builder knows only the first. Which of them
 * builds is the engine's business, so the hash covers both.
 */
function ignoreFiles(dockerfile: string): string[] {
  return ['.dockerignore', `${dockerfile}.dockerignore`];
}

class IgnoreFilter {
  private readonly rules = dockerignore({ ignorecase: false });
  /** Of each exception what stands before its first wildcard. */
  private readonly exceptions: string[];

  constructor(text: string) {
    this.rules.add(text);
    this.exceptions = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line.startsWith('!'))
      .map((line) =>
        line
          .slice(1)
          .trim()
          .replace(/^(\.?\/)+/, '')
          .replace(/[*?[\\].*$/, ''),
      );
  }

  sends(path: string): boolean {
    return !this.rules.ignores(path);
  }

  /** Whether anything in a folder may be sent. To walk through ignored folders would take seconds. */
  reaches(folder: string): boolean {
    return (
      this.sends(folder) ||
      this.exceptions.some((start) => start.startsWith(`${folder}/`) || `${folder}/`.startsWith(start))
    );
  }
}

function entriesBelow(folder: string, below: string, filters: readonly IgnoreFilter[]): BuildEntry[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    const stats = lstatSync(join(folder, path));
    const kind = kindOf(stats);
    // Docker leaves out sockets.
    if (kind === undefined) return [];
    const inside =
      kind === 'folder' && filters.some((one) => one.reaches(path)) ? entriesBelow(folder, path, filters) : [];
    const sentBy = filters.map((one) => Number(one.sends(path))).join('');
    const mode = kind === 'link' ? '' : (stats.mode & MODE).toString(8);
    return sentBy.includes('1') ? [{ path, kind, mode, sentBy }, ...inside] : inside;
  });
}

function kindOf(stats: Stats): BuildEntry['kind'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? undefined : 'device';
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
