// Values that look like secrets although no program marks them as such: a plan says that they are there, and which policy they break.
import { noPlaintextSecrets, noSecretsInEnvironment } from '../../policy/rules/secrets';
import { Value } from '../../policy/value';
import { mapInputs } from '../../test/support/map-inputs';
import type { State, Step } from './compare';

/** What stands in place of one. */
const SUSPECT = '[looks like a secret]';
const RULES = [noSecretsInEnvironment, noPlaintextSecrets];

/** Pure. Steps without the values that a policy takes for secrets. That one changes is still said. */
export function withoutSuspects(steps: readonly Step[]): Step[] {
  return steps.map((step) => {
    const [before, after] = [suspectsOf(step.oldState), suspectsOf(step.newState)];
    if (before.size === 0 && after.size === 0) return step;
    const changed = [...after].filter(([path, value]) => before.has(path) && before.get(path) !== value);
    const diff = Object.fromEntries(changed.map(([path]) => [path, { kind: 'update' as const }]));
    return {
      ...step,
      ...(step.oldState ? { oldState: without(step.oldState, before) } : {}),
      ...(step.newState ? { newState: without(step.newState, after) } : {}),
      ...(changed.length > 0 ? { detailedDiff: { ...step.detailedDiff, ...diff } } : {}),
    };
  });
}

/** Suspicious values of a resource by their paths, as text. */
function suspectsOf(state: State | undefined): Map<string, string> {
  const found = new Map<string, string>();
  if (state === undefined) return found;
  const { type, urn, inputs, protect } = state;
  const resource = { type, urn, name: urn.split('::').at(-1)!, props: new Value(inputs), protect };
  const paths = new Set(RULES.flatMap((rule) => rule.check!(resource, {}).map(({ path }) => path)));
  mapInputs(inputs, (value, path) => {
    if (!paths.has(path)) return undefined;
    found.set(path, JSON.stringify(value));
    return SUSPECT;
  });
  return found;
}

function without(state: State, suspects: ReadonlyMap<string, string>): State {
  const inputs = mapInputs(state.inputs, (_, path) => (suspects.has(path) ? SUSPECT : undefined));
  return { ...state, inputs: inputs as Record<string, unknown> };
}
