import type { KubernetesObject } from '@kubernetes/client-node';
import type { Cluster } from './cluster';
import type { Belongings } from './target';

interface List {
  items: KubernetesObject[];
}

/** The objects of a namespace that somebody has made, by kind. */
function lists({ apps, autoscaling, batch, core, networking, policy }: Cluster, namespace: string) {
  return {
    pod: core.listNamespacedPod({ namespace }),
    service: core.listNamespacedService({ namespace }),
    secret: core.listNamespacedSecret({ namespace }),
    configmap: core.listNamespacedConfigMap({ namespace }),
    deployment: apps.listNamespacedDeployment({ namespace }),
    job: batch.listNamespacedJob({ namespace }),
    networkpolicy: networking.listNamespacedNetworkPolicy({ namespace }),
    poddisruptionbudget: policy.listNamespacedPodDisruptionBudget({ namespace }),
    horizontalpodautoscaler: autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace }),
  } satisfies Record<string, Promise<List>>;
}

/** What is left of an application: claims and the namespace that holds them are its data. */
export async function belongings(cluster: Cluster, namespace: string): Promise<Belongings> {
  const { items } = await cluster.core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
  if (items.length === 0) return { objects: [], data: [] };
  const named = await Promise.all(
    Object.entries<Promise<List>>(lists(cluster, namespace)).map(async ([kind, list]) =>
      (await list).items.map(({ metadata }) => `${kind} ${metadata?.name}`),
    ),
  );
  const claims = await cluster.core.listNamespacedPersistentVolumeClaim({ namespace });
  return {
    objects: named
      .flat()
      // Every namespace has it.
      .filter((name) => name !== 'configmap kube-root-ca.crt')
      .sort(),
    data: [`namespace ${namespace}`, ...claims.items.map(({ metadata }) => `claim ${metadata?.name}`)].sort(),
  };
}

/** All that the API says of a namespace, except the data of its Secrets, whose place that is. */
export async function described(cluster: Cluster, namespace: string): Promise<string> {
  const { secret, ...others } = lists(cluster, namespace);
  const [secrets, events, replicaSets, accounts, ...all] = await Promise.all<List>([
    secret,
    cluster.events.listNamespacedEvent({ namespace }),
    cluster.apps.listNamespacedReplicaSet({ namespace }),
    cluster.core.listNamespacedServiceAccount({ namespace }),
    ...Object.values<Promise<List>>(others),
  ]);
  return JSON.stringify([secrets!.items.map(({ metadata }) => metadata), events, replicaSets, accounts, all]);
}
