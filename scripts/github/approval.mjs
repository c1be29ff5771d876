// What a reviewer approves: a commit, and exactly the changes that it makes to one stack. Pure.
import { createHash } from 'node:crypto';
import { QUIET } from '../lib/preview-changes.mjs';
import { diagnosticsOf } from '../lib/preview-summary.mjs';

/** Steps of a preview in which something happens. Reading is not: what is read is in the arguments of what uses it. */
const stepsOf = ({ steps = [] }) => steps.filter(({ op }) => !QUIET.has(op));

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
  const found = stepsOf(preview);
  const names = randomNames(found);
  const steps = found
    .map(({ op, urn, oldState, newState, replaceReasons = [], diffReasons = [] }) => ({
      op,
      urn,
      before: argumentsOf(oldState),
      after: argumentsOf(newState),
      replaceReasons: [...replaceReasons].sort(),
      diffReasons: [...diffReasons].sort(),
    }))
    .map((step) => withoutRandom(JSON.stringify(sorted(step)), names))
    .sort();
  return createHash('sha256').update(JSON.stringify({ stack, commit, steps })).digest('hex');
}

/** What Pulumi and its Kubernetes provider add to the name of a resource that the program does not name: 7 or 8 digits. */
const RANDOM = /-[0-9a-f]{7,8}$/;

/**
 * Names that this preview has made up, with what they begin with: every preview makes up others, for what is created and for what
 * refers to it.
 */
function randomNames(steps) {
  return steps.flatMap(({ urn, oldState, newState }) => {
    const { metadata, ...inputs } = newState?.inputs ?? {};
    const known = JSON.stringify(oldState?.inputs ?? {});
    const begin = urn.split('::').slice(3).join('::');
    const named = [metadata?.name, ...Object.values(inputs)].filter(
      (value) => typeof value === 'string' && RANDOM.test(value) && value.replace(RANDOM, '') === begin,
    );
    return [...new Set(named)].filter((value) => !known.includes(JSON.stringify(value))).map((value) => [value, begin]);
  });
}

const withoutRandom = (text, names) =>
  names.reduce((done, [name, begin]) => done.replaceAll(name, `${begin}-(random)`), text);

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
