import type { KubeConfig } from '@kubernetes/client-node';
import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { ClusterError } from '../components/kubernetes/kubeconfig';
import type { AwsClusterOutputs } from './aws-cluster';

const text = z.string();

/** What the shop needs of the stack of a cluster. */
const schema = z.object({
  account: text,
  clusterName: text,
  costTags: z.record(z.string(), text),
  dnsAddress: z.ipv4(),
  kubeconfig: text,
  loadBalancerClass: text,
  platform: z.enum(['linux/amd64', 'linux/arm64']),
  readinessGateLabel: text,
  region: text,
  registry: text,
  repositories: z.record(z.string(), text),
  storageClass: text,
  vpcCidr: z.cidrv4(),
} satisfies Partial<Record<keyof AwsClusterOutputs, z.ZodType>>);

/** A cluster as its own stack describes it. */
export interface JoinedCluster extends z.output<typeof schema> {
  /** What stands for the cluster among the resources of this stack. */
  reference: pulumi.Resource;
}

/**
 * Reads what the stack of a cluster has made. Known in every preview, so that all of it can be validated.
 *
 * @param stackName `prod-cluster`, of the same project and organization, or `organization/project/stack`.
 * @throws ClusterError naming the outputs that are missing or not what they should be.
 */
export async function joinCluster(stackName: string): Promise<JoinedCluster> {
  const full = fullName(stackName);
  const reference = new pulumi.StackReference('cluster', { name: full });
  const read = Object.keys(schema.shape).map(async (key) => {
    const details: { value?: unknown; secretValue?: unknown } = await reference.getOutputDetails(key);
    return [key, details.secretValue ?? details.value];
  });
  const result = schema.safeParse(Object.fromEntries(await Promise.all(read)));
  if (result.success) return { ...result.data, reference };
  // Names only: one of the values is a secret.
  const wrong = [...new Set(result.error.issues.map(({ path }) => String(path[0])))].sort().join(', ');
  throw new ClusterError(
    `stack ${full} describes no cluster for this program: outputs missing or wrong: ${wrong}. Name the cluster's stack with ` +
      `\`npx pulumi config set clusterStack NAME\`, and deploy that one first: npx pulumi up --stack ${stackName}`,
  );
}

/** Every backend knows a stack by its full name; a short one, not all of them. */
function fullName(stackName: string): string {
  return stackName.includes('/') ? stackName : `${pulumi.getOrganization()}/${pulumi.getProject()}/${stackName}`;
}

/**
 * Reads the kubeconfig that a stack gives. Its current context is the right one: a program wrote it, and no person changes it.
 *
 * @throws ClusterError
 */
export function readKubeconfig(config: KubeConfig, { kubeconfig, clusterName }: JoinedCluster): KubeConfig {
  try {
    config.loadFromString(kubeconfig);
  } catch {
    // Without the parser's words, which may quote what is secret.
    throw new ClusterError(`the kubeconfig that the stack of cluster ${clusterName} gives can't be read.`);
  }
  if (!config.getCurrentCluster()) {
    throw new ClusterError(`the kubeconfig that the stack of cluster ${clusterName} gives names no cluster.`);
  }
  return config;
}
