// What a provider does to a resource when one of its properties changes.

export interface PropertyChange {
  path: readonly string[];
  /** Undefined where there was none, and for secrets. */
  before?: unknown;
  /** Undefined where there is none any more, and for secrets. */
  after?: unknown;
}

export type Consequence =
  | { op: 'update' }
  /** `part` names what is replaced of a component, whose children a plan does not see. */
  | { op: 'replace'; part?: string }
  | { op: 'unknown' };

export const UPDATE: Consequence = { op: 'update' };
export const REPLACE: Consequence = { op: 'replace' };
export const UNKNOWN: Consequence = { op: 'unknown' };

/** Whether a pattern fits a path, or something that the path lies in. `*` stands for any item of a list, or any key. */
export function fits(pattern: string, path: readonly string[]): boolean {
  const parts = pattern.split('.');
  return parts.length <= path.length && parts.every((part, index) => part === '*' || part === path[index]);
}

/** Whether a property is added or removed, rather than given another value. */
export const comesOrGoes = ({ before, after }: PropertyChange) => (before === undefined) !== (after === undefined);
