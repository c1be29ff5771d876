// Labels, annotations and tags, wherever a kind of resource has them, and the stack that a URN names.
import type { Resource } from './rule';
import type { Value } from './value';

/** Labels of Docker objects, labels of Kubernetes objects, tags on AWS: by name. */
export function labelsOf({ type, props }: Resource): Map<string, Value> {
  if (type.startsWith('docker:')) {
    return new Map(
      props
        .get('labels')
        .items()
        .flatMap((label) => {
          const name = label.get('label').string;
          return name === undefined ? [] : [[name, label.get('value')] as const];
        }),
    );
  }
  if (type.startsWith('kubernetes:')) return new Map(props.at('metadata.labels').entries());
  return new Map([...props.get('tags').entries(), ...props.get('tagsAll').entries()]);
}

/** Labels and, on Kubernetes, annotations. */
export function markersOf(resource: Resource): Map<string, Value> {
  return new Map([...resource.props.at('metadata.annotations').entries(), ...labelsOf(resource)]);
}

/** Whether labels may be there that are not known yet. */
export function hasUnknownLabels({ props }: Resource): boolean {
  const labels = props.get('labels');
  const whole = [labels, ...['tags', 'tagsAll', 'metadata.labels'].map((path) => props.at(path))];
  return [...whole, ...labels.items().map((label) => label.get('label'))].some(({ isUnknown }) => isUnknown);
}

export const stackOf = ({ urn }: Resource) => urn.split('::')[0]!.split(':')[2] ?? '';
