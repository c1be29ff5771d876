// From what two revisions ask Pulumi for to the steps of a preview, in the form of `pulumi preview --json`.
import type { Identity } from '../../components';
import { differences } from '../lib/preview-changes.mjs';
import { fits, type PropertyChange } from './consequence';
import type { PlannedResource } from './planned';
import { consequenceOf } from './replacements';
import { urnOf } from './urn';

export interface State {
  urn: string;
  type: string;
  parent: string;
  inputs: Record<string, unknown>;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  protect: boolean;
}

export type Op = 'same' | 'create' | 'update' | 'replace' | 'delete';

export interface Step {
  op: Op;
  urn: string;
  oldState?: State;
  newState?: State;
  /** Properties whose change makes it a replacement. */
  replaceReasons?: string[];
  /** What is replaced in a component, whose children are not known. */
  replacedParts?: string[];
  /** Properties of which it is not known whether their change replaces it, or something in it. */
  mayReplace?: string[];
  /** Secrets that change: what two values of the inputs do not show. */
  detailedDiff?: Record<string, { kind: 'update' }>;
}

/** Pure. Steps of what is there before and after, then of what goes. */
export function steps(before: readonly PlannedResource[], after: readonly PlannedResource[], stack: Identity): Step[] {
  const byUrn = (resources: readonly PlannedResource[]) => new Map(resources.map((one) => [urnOf(one, stack), one]));
  const [old, now] = [byUrn(before), byUrn(after)];
  const kept = [...now].map(([urn, one]) => step(urn, old.get(urn), one));
  const gone = [...old].filter(([urn]) => !now.has(urn));
  return [...kept, ...gone.map(([urn, one]): Step => ({ op: 'delete', urn, oldState: stateOf(urn, one) }))];
}

function step(urn: string, before: PlannedResource | undefined, after: PlannedResource): Step {
  const newState = stateOf(urn, after);
  if (before === undefined) return { op: 'create', urn, newState };
  const oldState = stateOf(urn, before);
  for (const path of after.ignoreChanges) keep(path.split('.'), oldState.inputs, newState.inputs);
  const changed = differences(oldState.inputs, newState.inputs);
  const secrets = changedSecrets(before.secrets, after.secrets).filter((path) => !isIgnored(path, after));
  if (changed.length === 0 && secrets.length === 0) return { op: 'same', urn, oldState, newState };
  const changes: PropertyChange[] = [...changed, ...secrets.map((path) => ({ path: path.split('.') }))];
  const found = changes.map((change) => ({
    path: change.path.join('.'),
    consequence: consequenceOf(after.type, change),
  }));
  const reasons = found.filter(({ consequence }) => consequence.op === 'replace').map(({ path }) => path);
  const parts = found.flatMap(({ consequence }) => (consequence.op === 'replace' ? (consequence.part ?? []) : []));
  const unknown = found.filter(({ consequence }) => consequence.op === 'unknown').map(({ path }) => path);
  // What is replaced as a whole is so whatever else changes.
  const mayReplace = reasons.length > parts.length ? [] : unknown;
  return {
    op: reasons.length > 0 ? 'replace' : 'update',
    urn,
    oldState,
    newState,
    ...(reasons.length > 0 ? { replaceReasons: reasons } : {}),
    ...(parts.length > 0 ? { replacedParts: [...new Set(parts)] } : {}),
    ...(mayReplace.length > 0 ? { mayReplace } : {}),
    ...(secrets.length > 0
      ? { detailedDiff: Object.fromEntries(secrets.map((one) => [one, { kind: 'update' }])) }
      : {}),
  };
}

function changedSecrets(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((path) => before[path] !== undefined && before[path] !== after[path]);
}

/** Whether a property, or what it lies in, is one whose change is none. */
function isIgnored(path: string, { ignoreChanges }: PlannedResource): boolean {
  return ignoreChanges.some((ignored) => fits(ignored, path.split('.')));
}

/** Gives the new inputs the old value at a path. */
function keep([name, ...rest]: readonly string[], before: unknown, after: unknown): void {
  if (name === undefined || !isObject(after)) return;
  const old = isObject(before) ? before[name] : undefined;
  if (rest.length > 0) keep(rest, old, after[name]);
  else if (old === undefined) Reflect.deleteProperty(after, name);
  else after[name] = old;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function stateOf(urn: string, one: PlannedResource): State {
  const { type, retainOnDelete, deleteBeforeReplace, protect, parentUrn: parent } = one;
  return { urn, type, parent, inputs: structuredClone(one.inputs), retainOnDelete, deleteBeforeReplace, protect };
}
