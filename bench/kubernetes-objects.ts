/** A Kubernetes object as it is given to the API. */
export interface Manifest {
  kind: string;
  metadata: { name: string };
  spec?: { minReadySeconds?: number };
}

/** A resource of `pulumi stack export`, in the parts that matter here. */
interface StateResource {
  urn: string;
  type: string;
  dependencies?: string[];
  inputs?: unknown;
}

export interface Objects {
  /** Everything but Deployments, in the order in which it was registered. */
  ground: Manifest[];
  /** Deployments by stage: those of one depend only on those of the stages before it. */
  stages: Manifest[][];
}

const DEPLOYMENT = 'kubernetes:apps/v1:Deployment';

/** Reads from a stack's state what the stack has put into a cluster, moved to another namespace. */
export function objectsOf(state: string, namespace: string, moved: string): Objects {
  const { deployment } = JSON.parse(state.replaceAll(namespace, moved)) as {
    deployment: { resources: StateResource[] };
  };
  const objects = deployment.resources.filter(({ type }) => /^kubernetes:.+:.+$/.test(type));
  const byUrn = new Map(deployment.resources.map((resource) => [resource.urn, resource]));
  const stageOf = new Map<string, number>();
  // The engine writes a resource after all that it depends on, so that one pass is enough.
  for (const { urn, type, dependencies = [] } of deployment.resources) {
    const before = Math.max(0, ...dependencies.filter((one) => byUrn.has(one)).map((one) => stageOf.get(one) ?? 0));
    stageOf.set(urn, before + (type === DEPLOYMENT ? 1 : 0));
  }
  const stages: Manifest[][] = [];
  for (const { urn, type, inputs } of objects) {
    if (type === DEPLOYMENT) (stages[stageOf.get(urn)! - 1] ??= []).push(inputs as Manifest);
  }
  return { ground: objects.filter(({ type }) => type !== DEPLOYMENT).map(({ inputs }) => inputs as Manifest), stages };
}

/**
 * Seconds for which a rollout watches replicas that are ready before it calls them available: once where all start together,
 * and once a stage where they start one after the other.
 */
export function watchedFor({ stages }: Objects): { together: number; inStages: number } {
  const each = stages.map((stage) => Math.max(...stage.map(({ spec }) => spec?.minReadySeconds ?? 0)));
  return { together: Math.max(...each), inStages: each.reduce((sum, seconds) => sum + seconds, 0) };
}
