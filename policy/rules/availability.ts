// What production needs so that a lost machine, or one that is drained, is no outage.
import { matchesAny } from '../globs';
import { stackOf } from '../metadata';
import { shown, stackRule, type Resource, type StackFinding } from '../rule';
import { PRODUCTION } from '../settings';
import { DOCKER_SERVICE } from '../workloads';
import { UNKNOWN, type Value } from '../value';

const SCALABLE = /^kubernetes:apps\/v\w+:(Deployment|StatefulSet)$/;
const AUTOSCALER = /^kubernetes:autoscaling\/v\w+:HorizontalPodAutoscaler$/;
const BUDGET = /^kubernetes:policy\/v\w+:PodDisruptionBudget$/;
const ENOUGH = 2;

/** Whether two objects may be in one namespace: unless both say which, and say different ones. */
function sameNamespace(a: Resource, b: Resource): boolean {
  const [one, other] = [a, b].map(({ props }) => props.at('metadata.namespace').string);
  return one === undefined || other === undefined || one === other;
}

/** Where the least number of replicas is said: by an autoscaler, or by the workload itself. */
function leastReplicas(workload: Resource, resources: readonly Resource[]): Value {
  if (workload.type === DOCKER_SERVICE) {
    // One on each node; how many nodes there are is not the program's decision.
    const everywhere = workload.props.at('mode.global');
    const replicas = workload.props.at('mode.replicated.replicas');
    return everywhere.isOff ? replicas : replicas.replaced(UNKNOWN);
  }
  const name = workload.props.at('metadata.name');
  const kind = workload.type.split(':').at(-1);
  for (const { type, props } of resources) {
    if (!AUTOSCALER.test(type)) continue;
    const target = props.at('spec.scaleTargetRef');
    if (target.get('kind').isSet && target.get('kind').string !== kind) continue;
    // A name that Pulumi makes up is known to nobody in a preview.
    const maybe = [target.get('kind'), target.get('name'), name].some((one) => !one.isSet);
    if (maybe) return name.replaced(UNKNOWN);
    if (target.get('name').string === name.string) return props.at('spec.minReplicas');
  }
  return workload.props.at('spec.replicas');
}

const inProduction = (resources: readonly Resource[], production: readonly string[]) =>
  resources.filter((resource) => matchesAny(production, stackOf(resource)));

export const productionReplicas = stackRule<{ production: readonly string[] }>({
  name: 'production-replicas',
  level: 'mandatory',
  description:
    'In production, Deployments, StatefulSets and Swarm services have at least two replicas, unless they are scaled to zero.',
  remedy: 'Set at least two replicas; exempt workloads that cannot run more than one',
  settings: { production: PRODUCTION },
  checkStack: (resources, { production }) =>
    inProduction(resources, production)
      .filter(({ type }) => SCALABLE.test(type) || type === DOCKER_SERVICE)
      .flatMap((resource): StackFinding[] => {
        const replicas = leastReplicas(resource, resources);
        // Zero is a decision to stop it; absent is one.
        const few = replicas.isAbsent || replicas.number === 1;
        const found = replicas.isAbsent ? 'is not set, which means 1' : `${shown(replicas)} is not enough`;
        return few ? [{ resource, path: replicas.path, problem: `${found}; must be ${String(ENOUGH)} or more` }] : [];
      }),
});

/** Whether a budget may be for the pods of a workload. */
function covers(budget: Resource, workload: Resource): boolean {
  const labels = workload.props.at('spec.template.metadata.labels');
  const selector = budget.props.at('spec.selector');
  if (selector.isAbsent) return false;
  if (labels.isUnknown || selector.isUnknown || selector.get('matchLabels').isUnknown) return true;
  if (selector.get('matchExpressions').items().length > 0) return true;
  return selector
    .get('matchLabels')
    .entries()
    .every(([name, value]) => value.isUnknown || labels.get(name).isUnknown || labels.get(name).raw === value.raw);
}

export const productionBudgets = stackRule<{ production: readonly string[] }>({
  name: 'production-disruption-budgets',
  level: 'mandatory',
  description:
    'In production, Deployments and StatefulSets with several replicas have a PodDisruptionBudget, so that some stay available while nodes are drained.',
  remedy: 'Add a PodDisruptionBudget that selects its pods, with `maxUnavailable: 1`',
  settings: { production: PRODUCTION },
  checkStack: (resources, { production }) => {
    const judged = inProduction(resources, production);
    const budgets = judged.filter(({ type }) => BUDGET.test(type));
    return judged
      .filter(({ type }) => SCALABLE.test(type))
      .filter((workload) => (leastReplicas(workload, resources).number ?? 0) >= ENOUGH)
      .filter((workload) => !budgets.some((budget) => sameNamespace(budget, workload) && covers(budget, workload)))
      .map((resource) => ({
        resource,
        path: 'spec.template.metadata.labels',
        problem: 'no PodDisruptionBudget in the stack selects these pods',
      }));
  },
});
