import type { Resource } from '../../policy/rule';
import { Value } from '../../policy/value';

export interface Given {
  type: string;
  props: unknown;
  name?: string;
  stack?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  /** Types of the components around it. */
  parents?: string[];
}

/** A resource of somebody's stack `prod`. */
export function resource({ type, props, name = 'it', stack = 'prod', parents = [], ...more }: Given): Resource {
  return {
    type,
    name,
    urn: `urn:pulumi:${stack}::others::${[...parents, type].join('$')}::${name}`,
    props: new Value(props),
    protect: more.protect ?? false,
    retainOnDelete: more.retainOnDelete,
  };
}
