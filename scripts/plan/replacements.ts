// What providers cannot change in place, for the types that the components create. A resource is replaced where one of these
// properties changes; `*` stands for any item of a list, or any key.
import dockerProperties from './replacements-docker.json';

/**
 * Of Kubernetes. `metadata.name` and `metadata.namespace` are an object's identity; the rest is the provider's own table
 * (`forceNew` in provider/pkg/provider/diff.go of pulumi-kubernetes 4.25), for kinds in use.
 */
const IDENTITY = ['metadata.name', 'metadata.namespace'];
const SELECTOR = 'spec.selector';
const KUBERNETES: Record<string, readonly string[]> = {
  'apps/v1:Deployment': [SELECTOR],
  'batch/v1:Job': [SELECTOR, 'spec.completions', 'spec.parallelism', 'spec.template'],
  'core/v1:ConfigMap': ['data', 'binaryData'],
  'core/v1:PersistentVolumeClaim': [SELECTOR, 'spec.accessModes', 'spec.storageClassName', 'spec.volumeName'],
  'core/v1:Secret': ['data', 'stringData', 'type'],
  'core/v1:Service': ['spec.clusterIP'],
  'storage.k8s.io/v1:StorageClass': ['parameters', 'provisioner'],
};

/** Patterns of properties whose change replaces a resource of a type; `undefined` for a type that is not known here. */
export function replacedBy(type: string): readonly string[] | undefined {
  if (type.startsWith('kubernetes:')) return [...IDENTITY, ...(KUBERNETES[type.slice('kubernetes:'.length)] ?? [])];
  if (type.startsWith('docker:')) return (dockerProperties as Record<string, string[]>)[type];
  // Components are only a name for their children.
  if (type.startsWith('shop:components:') || type === 'pulumi:pulumi:Stack') return [];
  // A provider may be replaced and what it has made with it, which only that provider can say.
  return undefined;
}

/** Whether a pattern fits a path, or something that the path lies in. */
export function fits(pattern: string, path: readonly string[]): boolean {
  const parts = pattern.split('.');
  return parts.length <= path.length && parts.every((part, index) => part === '*' || part === path[index]);
}
