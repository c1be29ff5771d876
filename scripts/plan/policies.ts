// What the policy pack finds in the stacks of a plan, before and after a change.
import type { Identity } from '../../components';
import { CONFIG } from '../../policy/config';
import { judge, type PackConfig, type Violation } from '../../policy/judge';
import type { Resource } from '../../policy/rule';
import { Value } from '../../policy/value';
import type { PlannedResource } from './planned';
import { urnOf } from './urn';

export { withoutSuspects } from './suspects';

export interface PlannedPolicies {
  /** What the change brings in. */
  introduced: Violation[];
  /** What the base breaks as well. */
  existing: Violation[];
  /** What is exempted. */
  exempted: Violation[];
}

/** Pure. Planned resources as rules read them. */
export function asResources(planned: readonly PlannedResource[], stack: Identity): Resource[] {
  const providers = new Map(
    planned
      .filter(({ type }) => type.startsWith('pulumi:providers:'))
      .map(({ name, inputs }) => [name, new Value(inputs)]),
  );
  return planned.map((one) => ({
    type: one.type,
    name: one.name,
    urn: urnOf(one, stack),
    props: new Value(one.inputs),
    protect: one.protect,
    retainOnDelete: one.retainOnDelete,
    provider: providers.get(one.provider ?? ''),
    secrets: Object.keys(one.secrets),
  }));
}

/** Pure. Findings of a stack after a change, by whether they are there before it. */
export function policiesOf(
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
  stack: Identity,
  config: PackConfig = CONFIG,
): PlannedPolicies {
  const [old, now] = [before, after].map((planned) => judge(asResources(planned, stack), config)) as [
    Violation[],
    Violation[],
  ];
  const left = new Map<string, number>();
  const standing = (one: Violation) => one.exemption === undefined;
  for (const key of old.filter(standing).map(keyOf)) left.set(key, (left.get(key) ?? 0) + 1);
  const introduced: Violation[] = [];
  const existing: Violation[] = [];
  for (const violation of now.filter(standing)) {
    const key = keyOf(violation);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    (count > 0 ? existing : introduced).push(violation);
  }
  return {
    introduced,
    existing,
    exempted: now.filter(({ exemption }) => exemption !== undefined),
  };
}

/**
 * A resource whose name ends in a hash of its content is the same one with other content. An item of a list moves when another is added
 * before it, so its place does not count: as many as were there before are the same ones.
 */
const keyOf = ({ rule, urn, message }: Violation) =>
  `${rule} ${urn.replace(/-[\da-f]{10}$/, '')} ${message.replaceAll(/\[\d+\]/g, '[]')}`;
