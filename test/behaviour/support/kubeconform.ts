import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from './api-server';
import { command } from './command';
import { root } from './environment';

/** What an API server says of its objects: `/openapi/v2`. */
export interface OpenApi {
  definitions: Record<string, Schema>;
}

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  format?: string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  [keyword: string]: unknown;
}

export interface Verdict {
  /** As the manifests were given. */
  index: number;
  status: 'statusValid' | 'statusInvalid' | 'statusError' | 'statusSkipped';
  msg: string;
}

/** Builds kubeconform where it is not there yet; returns its path. */
export async function kubeconform(): Promise<string> {
  const args = ['run', '--silent', 'cluster', '--', '--program', 'kubeconform'];
  const { code, output } = await command('npm', args, { cwd: root, timeout: 540_000 });
  if (code !== 0) throw new Error(output);
  return output.trim().split('\n').at(-1)!;
}

/** Judges objects by a server's own schemas, without the server. */
export async function judged(program: string, api: OpenApi, manifests: readonly Manifest[]): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconform-'));
  try {
    const [schemas, objects] = [join(folder, 'schemas'), join(folder, 'objects')];
    for (const path of [schemas, objects]) mkdirSync(path);
    for (const { apiVersion, kind } of manifests) {
      const schema = schemaOf(api, apiVersion, kind);
      if (schema) writeFileSync(join(schemas, schemaFile(apiVersion, kind)), JSON.stringify(schema));
    }
    manifests.forEach((manifest, index) => {
      writeFileSync(join(objects, `${index}.json`), JSON.stringify(manifest));
    });
    const location = join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json');
    const { output } = await command(program, ['-output', 'json', '-verbose', '-schema-location', location, objects]);
    const { resources } = JSON.parse(output) as { resources: { filename: string; status: string; msg: string }[] };
    return resources
      .map(({ filename, status, msg }) => ({
        index: Number(/(\d+)\.json$/.exec(filename)![1]),
        status: status as Verdict['status'],
        msg,
      }))
      .sort((a, b) => a.index - b.index);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The name by which kubeconform asks for the schema of a kind: `deployment-apps-v1.json`. */
export function schemaFile(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : [undefined, apiVersion];
  const suffix = group === undefined ? version : `${group.split('.')[0]!}-${version}`;
  return `${kind}-${suffix}.json`.toLowerCase();
}

/** A kind's schema with all that it refers to. Stricter than the server's: a field that it does not list is an error. */
export function schemaOf({ definitions }: OpenApi, apiVersion: string, kind: string): Schema | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const isIt = (one: { group: string; version: string; kind: string }) =>
    one.group === group && one.version === version && one.kind === kind;
  const start = Object.keys(definitions).find((name) =>
    definitions[name]!['x-kubernetes-group-version-kind']?.some(isIt),
  );
  if (start === undefined) return undefined;
  const used: Record<string, Schema> = {};
  const queue = [start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name in used) continue;
    used[name] = strict(definitions[name]!);
    const references = JSON.stringify(definitions[name]).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g);
    queue.push(...[...references].map(([, reference]) => reference!));
  }
  return { $ref: `#/definitions/${start}`, definitions: used };
}

function strict(schema: Schema): Schema {
  // Kubernetes' own format for ports and the like, which is a text in its schema.
  if (schema.format === 'int-or-string') return { oneOf: [{ type: 'string' }, { type: 'integer' }] };
  if (schema.properties === undefined || 'additionalProperties' in schema) return schema;
  return { ...schema, additionalProperties: false };
}
