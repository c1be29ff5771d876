import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './api-server';
import { root } from './environment';

interface Resource {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What a stack puts into its cluster, from its golden dump: what a review sees is what is checked. */
export function goldenObjects(stack: string): Manifest[] {
  const text = readFileSync(join(root, 'test', 'golden', `${stack}.json`), 'utf8');
  return (JSON.parse(text) as Resource[]).filter(({ type }) => type.startsWith('kubernetes:')).map(manifest);
}

/** The pod of each template, which nothing looks at before a controller makes it. */
export function podsOf(objects: readonly Manifest[]): Manifest[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const template = (spec as { template?: { metadata: { labels: Record<string, string> }; spec: object } } | undefined)
      ?.template;
    if (kind !== 'Deployment' && kind !== 'Job') return [];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template!.metadata, generateName: `${metadata.name ?? metadata.generateName!}-` },
      spec: template!.spec,
    };
  });
}

/** An object in another namespace; what belongs to none stays, and so does what is the cluster's own. */
export function movedTo(namespace: string, own: string | undefined, manifest: Manifest): Manifest {
  if (manifest.metadata.namespace !== own && manifest.kind !== 'Pod') return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

/** A dump shows neither secrets nor made-up names, and texts by the line. */
function manifest({ name, inputs }: Resource): Manifest {
  const { metadata, data, ...rest } = inputs as unknown as Manifest & { data?: unknown };
  return {
    ...rest,
    metadata: metadata.name === undefined ? { ...metadata, generateName: `${name}-` } : metadata,
    ...(data === undefined ? {} : { data: data === '[secret]' ? { value: 'c2VjcmV0' } : joined(data) }),
  };
}

function joined(data: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data as Record<string, string | string[]>).map(([key, value]) => [key, [value].flat().join('\n')]),
  );
}
