// What should be there of a stack, as Pulumi's state has it: the engine lists only what is there. Pure, for its tests.
import { COMPONENT, NAME } from './stack.mjs';

/** Kinds of resources that have a row in `npm run status`, and how their name, labels and replicas are read. */
const KINDS = {
  'docker:index/service:Service': docker,
  'docker:index/container:Container': docker,
  'kubernetes:apps/v1:Deployment': kubernetes,
  'kubernetes:batch/v1:Job': kubernetes,
};

/** A container has no mode. */
function docker({ name, labels, mode }) {
  return {
    name,
    labels: Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value])),
    replicas: mode?.replicated?.replicas ?? 1,
  };
}

function kubernetes({ metadata = {}, spec = {} }) {
  return { name: metadata.name, labels: metadata.labels ?? {}, replicas: spec.replicas ?? 1 };
}

/** From `pulumi stack export`: name, labels and replicas of each object that has a row. */
export function expectedObjects(exported) {
  return (exported.deployment?.resources ?? []).flatMap(({ type, delete: replaced, outputs }) =>
    KINDS[type] && !replaced && outputs ? [KINDS[type](outputs)] : [],
  );
}

/** A row for each object that is not there. */
export function missingRows(expected, present) {
  return expected
    .filter(({ name }) => !present.includes(name))
    .map(({ name, labels, replicas }) => ({
      service: labels[NAME] ?? name,
      component: labels[COMPONENT] ?? '',
      replicas: `0/${replicas}`,
      health: 'missing',
      update: '',
      image: '',
    }));
}
