import type { KubeConfig } from '@kubernetes/client-node';
import * as docker from '@pulumi/docker';
import * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { relative, resolve } from 'node:path';
import { Application, validateApplication, type Identity } from '../components';
import { namePrefix } from '../components/identity';
import { imageTag } from '../components/image';
import { ApiCluster } from '../components/kubernetes/api-cluster';
import type { Cluster, DeployedWorkload } from '../components/kubernetes/cluster';
import { clusterApis } from '../components/kubernetes/connection';
import { chooseContext, ClusterError } from '../components/kubernetes/kubeconfig';
import { namespaceName } from '../components/kubernetes/namespace';
import { KubernetesPlatform, type KubernetesPlatformArgs } from '../components/kubernetes/platform';
import { checkNamespace, inspectCluster, type ClusterFacts } from '../components/kubernetes/preflight';
import { isPublished, registryAuth } from '../components/registry';
import { exposureOf, type ExposureConfig } from './exposure';
import { identityAdvice } from './identity-advice';
import type { ShopImages } from './image-bases';
import { pushedImageArgs, pushedImages, UNBUILT_IMAGES } from './images';
import { readInstallation, type Installation } from './installation';
import { PROJECT_FOLDER, readMachine, type Machine } from './machine';
import { shopSecrets } from './passwords';
import { shop } from './shop';
import type { ShopSettings } from './shop-settings';

const APPLICATION = 'shop';

/** The shop on a cluster, however that is found. */
export interface ClusterShopArgs extends ExposureConfig, ShopSettings {
  namespace?: string | undefined;
  namespaceLabels: Record<string, string>;
  /** Registry that images are pushed to. */
  registry: string;
  /** Secrets of the namespace with which nodes pull images. */
  pullSecrets: string[];
  architecture: 'amd64' | 'arm64';
  storageClass?: string | undefined;
  dnsCidrs: string[];
  nodesOnDemand: boolean;
  /** CIDRs of proxies in front of the gateway that may say who the client is. */
  trustedProxies: string[];
  /** Services with a proxy of their own. */
  serviceProxies: string[];
  /** CIDRs of what is in front of the gateway; anywhere by default. */
  gatewayFrom?: readonly string[];
  /** What members reach outside the application, by member. */
  reaches?: KubernetesPlatformArgs['reaches'];
}

export interface KubernetesStackArgs extends ClusterShopArgs {
  /** Path of the kubeconfig, from the project folder or absolute. */
  kubeconfig: string;
  /** Context of the kubeconfig. */
  context: string;
}

/** How the provider of what is in the cluster reaches it. */
export type Connection = Pick<kubernetes.ProviderArgs, 'kubeconfig' | 'context'>;

/** What the deployment finds in the cluster and on the machine. */
export interface KubernetesHost extends Machine {
  connection: Connection;
  cluster: Cluster;
  facts: ClusterFacts;
  /** What the cluster already runs of the application. */
  deployed: ReadonlyMap<string, DeployedWorkload>;
  installation: Installation;
}

/** What is made before the first pod, once the arguments are known to be valid; `members` are those that have pods. */
export type Preparation = (namespace: string, members: readonly string[]) => Promise<pulumi.Resource[]>;

/** Looks at the cluster and the machine, and deploys the shop to it. */
export async function deployToKubernetes(
  config: KubernetesStackArgs,
  identity: Identity,
): Promise<Record<string, unknown>> {
  const client = await import('@kubernetes/client-node');
  const file = kubeconfigFile(config.kubeconfig);
  const kubeconfig = chooseContext(new client.KubeConfig(), readKubeconfig(file), config.context, config.kubeconfig);
  // From where the program runs, so that the same checkout elsewhere is no change.
  const connection = { kubeconfig: relative(process.cwd(), file), context: config.context };
  return deployShop(config, identity, await inspectHost(config, identity, kubeconfig, connection));
}

/**
 * Looks at a cluster and at this machine.
 *
 * @throws ClusterError when the cluster can't take the shop.
 */
export async function inspectHost(
  config: Pick<ClusterShopArgs, 'namespace' | 'imagePrefix'>,
  identity: Identity,
  kubeconfig: KubeConfig,
  connection: Connection,
): Promise<KubernetesHost> {
  const installation = readInstallation(PROJECT_FOLDER);
  const ours = { ...identity, installation: installation.id };
  const [partOf, namespace] = [namePrefix(ours, APPLICATION), config.namespace ?? namespaceName(ours, APPLICATION)];
  const apis = clusterApis(await import('@kubernetes/client-node'), kubeconfig);
  const facts = await inspectCluster(apis.preflight, kubeconfig, namespace);
  await checkNamespace(apis.preflight.core, namespace, partOf);
  const cluster = new ApiCluster(apis.deployment);
  const deployed = await cluster.deployed(namespace, partOf);
  return { connection, cluster, facts, deployed, installation, ...readMachine(config.imagePrefix) };
}

/** The shop on a Kubernetes cluster. */
export async function deployShop(
  config: ClusterShopArgs,
  stack: Identity,
  host: KubernetesHost,
  prepare: Preparation = () => Promise.resolve([]),
): Promise<Record<string, unknown>> {
  const identity = { ...stack, installation: host.installation.id };
  const namespace = config.namespace ?? namespaceName(identity, APPLICATION);
  const platform = (proxyImage: pulumi.Input<string>) =>
    new KubernetesPlatform({
      identity,
      cluster: host.cluster,
      deployed: host.deployed,
      facts: host.facts,
      namespace,
      namespaceLabels: config.namespaceLabels,
      architecture: config.architecture,
      pullSecrets: config.pullSecrets,
      proxyImage,
      ...exposureOf(config),
      ...(config.storageClass === undefined ? {} : { storageClass: config.storageClass }),
      nodesOnDemand: config.nodesOnDemand,
      serviceProxies: config.serviceProxies,
      dns: config.dnsCidrs,
      ...(config.gatewayFrom === undefined ? {} : { gatewayFrom: config.gatewayFrom }),
      ...(config.reaches === undefined ? {} : { reaches: config.reaches }),
    });
  const definition = (images: ShopImages) =>
    shop({
      images,
      secrets: shopSecrets(host.installation.key, identity, config.passwordGeneration),
      replicas: config.replicas,
      revision: config.revision,
      backup: config.backup,
      restore: config.restore,
      trustedProxies: config.trustedProxies,
    });
  // Before the images, which would be built for nothing.
  const { spec } = validateApplication(APPLICATION, { platform: platform('gateway'), ...definition(UNBUILT_IMAGES) });
  const prepared = await prepare(
    namespace,
    [...spec.services, ...spec.jobs].map(({ name }) => name),
  );
  const { gateway, ...images } = await buildImages(config, host);
  const provider = new kubernetes.Provider(
    'cluster',
    // Without a namespace of its own: it would change before a renamed stack is refused.
    { ...host.connection, enableServerSideApply: true },
    // Nothing is made in the cluster before.
    { dependsOn: prepared },
  );
  const application = new Application(
    APPLICATION,
    { platform: platform(gateway), identityAdvice, ...definition(images) },
    { providers: [provider] },
  );
  return {
    application: namePrefix(identity, APPLICATION),
    namespace,
    url: application.url,
    services: Object.fromEntries(
      Object.entries(application.services).map(([name, { image, replicas }]) => [name, { image, replicas }]),
    ),
  };
}

/** Builds what the registry does not have yet. */
async function buildImages({ registry, architecture }: ClusterShopArgs, host: KubernetesHost) {
  const args = pushedImageArgs(
    {
      projectFolder: PROJECT_FOLDER,
      prefix: host.imagePrefix,
      ...(host.buildNetwork === undefined ? {} : { network: host.buildNetwork }),
    },
    { registry, platform: `linux/${architecture}` },
  );
  const provider = new docker.Provider('registry', { registryAuth: [registryAuth(registry)] });
  const tags = Object.entries(args).map(([name, one]) => imageTag(name, one));
  const found = await Promise.all(tags.map((tag) => isPublished(tag, { provider })));
  return pushedImages(args, new Set(tags.filter((_, index) => found[index])), { providers: [provider] });
}

function kubeconfigFile(path: string): string {
  return resolve(PROJECT_FOLDER, path.replace(/^~(?=\/)/, homedir()));
}

function readKubeconfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ClusterError(
      `the kubeconfig ${file} does not exist. Name yours with \`npx pulumi config set --stack NAME kubeconfig PATH\`, or make a local cluster: npm run cluster`,
    );
  }
}
