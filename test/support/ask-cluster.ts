import * as client from '@kubernetes/client-node';
import { clusterApis } from '../../components/kubernetes/connection';

/** Asks the server of its first argument as a deployment does, and says how each question ended. */
async function main(server: string): Promise<void> {
  const kubeconfig = new client.KubeConfig();
  // The library speaks plain HTTP only to those who say that they mean it.
  const cluster = { name: 'test', server, skipTLSVerify: true };
  kubeconfig.loadFromClusterAndUser(cluster, { name: 'test', token: 'token' });
  const { preflight, deployment } = clusterApis(client, kubeconfig, { first: 200, later: 400 });
  const questions = {
    version: () => preflight.version.getCode(),
    namespaces: () => preflight.core.listNamespace(),
    deployments: () => deployment.apps.listNamespacedDeployment({ namespace: 'shop' }),
    patch: () =>
      deployment.objects.patch({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'b' } }),
  };
  for (const [name, ask] of Object.entries(questions)) {
    const answer = await ask().then(
      (found) => JSON.stringify(found),
      (error: unknown) => (error as Error).message.split('\n')[0],
    );
    console.log(`${name}: ${answer}`);
  }
}

void main(process.argv[2]!);
