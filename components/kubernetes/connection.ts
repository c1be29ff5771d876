import type * as client from '@kubernetes/client-node';
import type { ClusterApis } from './api-cluster';
import type { PreflightApis } from './preflight';

type Library = typeof client;

/** Milliseconds that one answer may take. */
export interface AnswerTimes {
  /** Of the first question: a cluster that takes longer to say its version does not take a deployment either. */
  first: number;
  /** Of all others. Lists of a namespace take fractions of a second. */
  later: number;
}

const ANSWER: AnswerTimes = { first: 5_000, later: 15_000 };

/**
 * The parts of a cluster's API that a deployment uses, over one kubeconfig.
 *
 * @param library `@kubernetes/client-node`, which is loaded only where a cluster is asked.
 */
export function clusterApis(
  library: Library,
  kubeconfig: client.KubeConfig,
  times = ANSWER,
): { deployment: ClusterApis; preflight: PreflightApis } {
  const first = configuration(library, kubeconfig, times.first);
  const later = configuration(library, kubeconfig, times.later);
  const core = new library.CoreV1Api(later);
  return {
    deployment: {
      apps: new library.AppsV1Api(later),
      batch: new library.BatchV1Api(later),
      core,
      objects: new library.KubernetesObjectApi(later),
    },
    preflight: {
      version: new library.VersionApi(first),
      core,
      storage: new library.StorageV1Api(later),
      networking: new library.NetworkingV1Api(later),
      registration: new library.ApiregistrationV1Api(later),
    },
  };
}

/** As the kubeconfig makes it, but each request ends: one that nobody answers would keep the whole program alive. */
function configuration(library: Library, kubeconfig: client.KubeConfig, time: number): client.Configuration {
  const { httpApi } = library.createConfiguration();
  const send = async (request: client.RequestContext): Promise<client.ResponseContext> => {
    const signal = AbortSignal.timeout(time);
    request.setSignal(signal);
    try {
      return await httpApi.send(request).toPromise();
    } catch (error) {
      throw signal.aborted ? new Error(`no answer within ${time / 1_000} s`) : error;
    }
  };
  return library.createConfiguration({
    baseServer: new library.ServerConfiguration(kubeconfig.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: kubeconfig },
    httpApi: library.wrapHttpLibrary({ send }),
  });
}
