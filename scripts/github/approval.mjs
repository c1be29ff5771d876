// What a reviewer approves: a commit, and exactly the changes that it makes to one stack. Pure.
import { createHash } from 'node:crypto';
import { diagnosticsOf } from '../lib/preview-summary.mjs';

/** Steps of a preview in which something happens. Reading is not: what is read is in the arguments of what uses it. */
const stepsOf = ({ steps = [] }) => steps.filter(({ op }) => !['same', 'read', 'refresh'].includes(op));

/** The first error of a preview, or undefined. */
export const errorOf = (preview) => diagnosticsOf(preview).find(({ severity }) => severity === 'error')?.message;

export const changes = (preview) => stepsOf(preview).length > 0;

/**
 * The hash of a commit, a stack and what a preview says would happen to it: each step with the arguments before and after. Two
 * previews have the same exactly if they would do the same. Values of secrets are masked in a preview, so they do not count.
 *
 * @param preview what `pulumi preview --json` prints, parsed.
 */
export function fingerprint(preview, { stack, commit }) {
  const steps = stepsOf(preview)
    .map(({ op, urn, oldState, newState, replaceReasons = [], diffReasons = [] }) => ({
      op,
      urn,
      before: argumentsOf(oldState),
      after: argumentsOf(newState),
      replaceReasons: [...replaceReasons].sort(),
      diffReasons: [...diffReasons].sort(),
    }))
    .map((step) => JSON.stringify(sorted(step)))
    .sort();
  return createHash('sha256').update(JSON.stringify({ stack, commit, steps })).digest('hex');
}

const argumentsOf = (state) =>
  state && { id: state.id, inputs: state.inputs, provider: state.provider, protect: state.protect };

/** The same value whatever the order of its keys was. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
