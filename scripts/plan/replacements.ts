// What providers cannot change in place, for the types that the components create.
import dockerProperties from './replacements-docker.json';
import { fits, REPLACE, UNKNOWN, UPDATE, type Consequence, type PropertyChange } from './consequence';
import { onAws } from './replacements-aws';
import { inComponent } from './replacements-components';

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

/** What a change of a property of a type does; unknown for a type that is not known here. */
export function consequenceOf(type: string, change: PropertyChange): Consequence {
  const [provider] = type.split(':');
  switch (provider) {
    case 'kubernetes':
      return byPattern([...IDENTITY, ...(KUBERNETES[type.slice('kubernetes:'.length)] ?? [])], change);
    case 'docker': {
      const patterns = (dockerProperties as Record<string, string[]>)[type];
      return patterns === undefined ? UNKNOWN : byPattern(patterns, change);
    }
    case 'aws':
      return onAws(type, change);
    case 'awsx':
    case 'eks':
      return inComponent(type, change);
    case 'shop':
      // Components are only a name for their children.
      return UPDATE;
    default:
      // A provider may be replaced and what it has made with it, which only that provider can say.
      return type.startsWith('pulumi:pulumi:') ? UPDATE : UNKNOWN;
  }
}

const byPattern = (patterns: readonly string[], { path }: PropertyChange) =>
  patterns.some((pattern) => fits(pattern, path)) ? REPLACE : UPDATE;
