/** A Kubernetes object as it is given to the API. */
export interface Manifest {
  kind: string;
  metadata: { name: string };
  spec?: { minReadySeconds?: number };
}

/** A resource of `pulumi stack export`, in the parts that matter here. */
interface StateResource {
  type: string;
  inputs?: unknown;
}

export interface Objects {
  /** Everything but Deployments, in the order in which it was registered. */
  ground: Manifest[];
  deployments: Manifest[];
}

const DEPLOYMENT = 'kubernetes:apps/v1:Deployment';

/** Reads from a stack's state what the stack has put into a cluster, moved to another namespace. */
export function objectsOf(state: string, namespace: string, moved: string): Objects {
  const { deployment } = JSON.parse(state.replaceAll(namespace, moved)) as {
    deployment: { resources: StateResource[] };
  };
  const objects = deployment.resources.filter(({ type }) => /^kubernetes:.+:.+$/.test(type));
  const manifests = (deployments: boolean) =>
    objects.filter(({ type }) => (type === DEPLOYMENT) === deployments).map(({ inputs }) => inputs as Manifest);
  return { ground: manifests(false), deployments: manifests(true) };
}

/** Seconds for which a rollout watches replicas that are ready before it calls them available, at most. */
export function watchedFor({ deployments }: Objects): number {
  return Math.max(...deployments.map(({ spec }) => spec?.minReadySeconds ?? 0));
}
