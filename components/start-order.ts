import type { ApplicationSpec } from './application-spec';

/** A workload, and what must be up or done before it is created or updated. */
export interface Start {
  name: string;
  after: string[];
}

/**
 * The order in which workloads are created or updated: each after those that it names in `after`. What is deployed already
 * is updated after those of its callees that are new: its next version may need them from its first request on. That is left
 * out where it would contradict `after`.
 *
 * Depth first, in the order of definition, so that adding a workload moves no other.
 */
export function startOrder(
  { services, jobs }: Pick<ApplicationSpec, 'services' | 'jobs'>,
  isDeployed: (name: string) => boolean,
): Start[] {
  const workloads = [...services, ...jobs];
  const edges = new Map(workloads.map(({ name, after }) => [name, [...after]]));
  const reaches = (from: string, to: string): boolean =>
    from === to || (edges.get(from) ?? []).some((next) => reaches(next, to));
  for (const { name, calls } of workloads.filter((workload) => isDeployed(workload.name))) {
    const after = edges.get(name)!;
    for (const callee of calls.filter((one) => !isDeployed(one) && !after.includes(one)))
      if (!reaches(callee, name)) after.push(callee);
  }
  const result = new Map<string, Start>();
  const visit = (name: string) => {
    const after = edges.get(name);
    if (!after || result.has(name)) return;
    for (const dependency of after) visit(dependency);
    result.set(name, { name, after });
  };
  for (const { name } of workloads) visit(name);
  return [...result.values()];
}
