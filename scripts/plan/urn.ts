// The URN of a planned resource.
import type { Identity } from '../../components';
import type { PlannedResource } from './planned';

/** As the engine forms it, but for grandparents, whose types the mocks do not pass on. */
export function urnOf({ type, name, parentUrn }: PlannedResource, { project, stack }: Identity): string {
  const parent = parentUrn.split('::')[2]?.split('$').at(-1);
  const qualified = parent === undefined || parent === 'pulumi:pulumi:Stack' ? type : `${parent}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}
