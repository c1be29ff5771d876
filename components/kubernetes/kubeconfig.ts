import type { KubeConfig } from '@kubernetes/client-node';
import * as pulumi from '@pulumi/pulumi';

/** The cluster that a deployment is for can't take it. Thrown before anything is created. */
export class ClusterError extends pulumi.RunError {}

/**
 * Chooses a context of a kubeconfig. Never the current one: that is a person's, and changes.
 *
 * @param source where the kubeconfig is from, for messages.
 * @throws ClusterError listing the contexts there are.
 */
export function chooseContext(config: KubeConfig, text: string, context: string, source: string): KubeConfig {
  try {
    config.loadFromString(text);
  } catch (error) {
    throw new ClusterError(`${source} is no kubeconfig (${error instanceof Error ? error.message : String(error)}).`);
  }
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new ClusterError(
      `${source} has no context ${JSON.stringify(context)}; it has ${names.join(', ') || 'none'}. ` +
        'Choose one with: pulumi config set context NAME',
    );
  }
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) {
    throw new ClusterError(`context ${JSON.stringify(context)} of ${source} names a cluster that is not in it.`);
  }
  return config;
}
