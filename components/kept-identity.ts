import * as pulumi from '@pulumi/pulumi';

/** What all names and all data of a deployed application follow from, in words of its platform. */
export type IdentityFacts = Readonly<Record<string, string>>;

/** Tells what to do where an application that runs would become another one. */
export type IdentityAdvice = (before: IdentityFacts, now: IdentityFacts) => string;

/** An application that runs would become another one, without its data. Thrown in preview, before anything is changed. */
export class IdentityChangedError extends Error {}

/**
 * Keeps an application from becoming another one: with another identity every object would be deleted and created under
 * another name, with empty storage. The facts are inputs of the component, so the state has those of the last deployment.
 */
export function identityHook(
  name: string,
  advice?: IdentityAdvice,
  others: pulumi.ResourceHookBinding = {},
): pulumi.ResourceHookBinding {
  const keep = new pulumi.ResourceHook(
    `${name}-identity`,
    ({ oldInputs, newInputs }) => {
      const [before, now] = [oldInputs, newInputs].map((inputs) => (inputs as Inputs | undefined)?.identity);
      const message = identityProblem(name, before, now, advice);
      if (message !== undefined) throw new IdentityChangedError(message);
    },
    { onDryRun: true },
  );
  return { ...others, beforeUpdate: [keep, ...(others.beforeUpdate ?? [])] };
}

const shown = (fact: string | undefined) => (fact === undefined ? 'none' : JSON.stringify(fact));

interface Inputs {
  identity?: IdentityFacts;
}

/** Names of the facts that differ; none for a deployment of a version that did not keep them. */
export function changedFacts(before: IdentityFacts | undefined, now: IdentityFacts | undefined): string[] {
  if (!before || !now) return [];
  return Object.keys({ ...before, ...now }).filter((key) => before[key] !== now[key]);
}

/** @returns undefined where the identity stays, and for a deployment of a version that did not keep it. */
export function identityProblem(
  name: string,
  before: IdentityFacts | undefined,
  now: IdentityFacts | undefined,
  advice?: IdentityAdvice,
): string | undefined {
  const changed = changedFacts(before, now);
  if (!before || !now || changed.length === 0) return undefined;
  const what = changed.map((key) => `${key} ${shown(before[key])} → ${shown(now[key])}`);
  return (
    `application ${JSON.stringify(name)} would be replaced: ${what.join(', ')}. The names of all objects and data are derived from it, ` +
    'so everything would be deleted and recreated with empty storage. Nothing was changed. ' +
    (advice?.(before, now) ?? 'Restore the previous value, or run `pulumi destroy` first to deploy a new application.')
  );
}
