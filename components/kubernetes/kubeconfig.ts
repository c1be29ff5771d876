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
    throw new ClusterError(
      `${source} is not a valid kubeconfig (${error instanceof Error ? error.message : String(error)}). ` +
        'Set another with: npx pulumi config set --stack NAME kubeconfig PATH',
    );
  }
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new ClusterError(
      `${source} has no context ${JSON.stringify(context)}; it has ${names.join(', ') || 'none'}. ` +
        'Choose one with: npx pulumi config set --stack NAME context CONTEXT',
    );
  }
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) {
    throw new ClusterError(
      `context ${JSON.stringify(context)} of ${source} refers to a cluster that the file does not define. Fix the file, or choose another context.`,
    );
  }
  return config;
}
