import type * as client from '@kubernetes/client-node';
import type { ClusterApis } from './api-cluster';
import type { PreflightApis } from './preflight';

/**
 * The parts of a cluster's API that a deployment uses, over one kubeconfig.
 *
 * @param library `@kubernetes/client-node`, which is loaded only where a cluster is asked.
 */
export function clusterApis(
  library: typeof client,
  kubeconfig: client.KubeConfig,
): { deployment: ClusterApis; preflight: PreflightApis } {
  const core = kubeconfig.makeApiClient(library.CoreV1Api);
  return {
    deployment: {
      apps: kubeconfig.makeApiClient(library.AppsV1Api),
      batch: kubeconfig.makeApiClient(library.BatchV1Api),
      core,
      objects: library.KubernetesObjectApi.makeApiClient(kubeconfig),
    },
    preflight: {
      version: kubeconfig.makeApiClient(library.VersionApi),
      core,
      storage: kubeconfig.makeApiClient(library.StorageV1Api),
      networking: kubeconfig.makeApiClient(library.NetworkingV1Api),
      registration: kubeconfig.makeApiClient(library.ApiregistrationV1Api),
    },
  };
}
