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
import { KubernetesPlatform } from '../components/kubernetes/platform';
import { checkNamespace, inspectCluster, type ClusterFacts } from '../components/kubernetes/preflight';
import { isPublished, registryAuth } from '../components/registry';
import { exposureOf, type ExposureConfig } from './exposure';
import { pushedImageArgs, pushedImages, UNBUILT_IMAGES } from './images';
import { PROJECT_FOLDER, readMachine, type Machine } from './machine';
import { installationId, readInstallationKey, shopSecrets } from './passwords';
import { shop, type ShopImages } from './shop';

const APPLICATION = 'shop';

export interface KubernetesStackArgs extends ExposureConfig {
  /** Path of the kubeconfig, from the project folder or absolute. */
  kubeconfig: string;
  /** Context of the kubeconfig. */
  context: string;
  namespace?: string | undefined;
  namespaceLabels: Record<string, string>;
  /** Registry that images are pushed to. */
  registry: string;
  architecture: 'amd64' | 'arm64';
  storageClass?: string | undefined;
  dnsCidrs: string[];
  nodesOnDemand: boolean;
  /** Number of replicas by service, where it is not the default. */
  replicas: Record<string, number>;
  /** Registry prefix of the base images; what set-up found by default. */
  imagePrefix?: string | undefined;
  /** Another number gives other passwords. */
  passwordGeneration: number;
  /** A new text rolls every stateless service. */
  revision: string;
  /** Name of a backup that is to be made, unless it is there already. */
  backup?: string | undefined;
  /** What the database is to be restored from, `NAME@REQUEST`. */
  restore?: string | undefined;
}

/** What the deployment finds in the cluster and on the machine. */
export interface KubernetesHost extends Machine {
  cluster: Cluster;
  facts: ClusterFacts;
  /** What the cluster already runs of the application. */
  deployed: ReadonlyMap<string, DeployedWorkload>;
  /** Key that generated passwords follow from. */
  key: Buffer;
}

/** Looks at the cluster and the machine, and deploys the shop to it. */
export async function deployToKubernetes(
  config: KubernetesStackArgs,
  identity: Identity,
): Promise<Record<string, unknown>> {
  const client = await import('@kubernetes/client-node');
  const file = kubeconfigFile(config.kubeconfig);
  const kubeconfig = chooseContext(new client.KubeConfig(), readKubeconfig(file), config.context, config.kubeconfig);
  const key = readInstallationKey(PROJECT_FOLDER);
  const ours = { ...identity, installation: installationId(key) };
  const [partOf, namespace] = [namePrefix(ours, APPLICATION), config.namespace ?? namespaceName(ours, APPLICATION)];
  const apis = clusterApis(client, kubeconfig);
  const facts = await inspectCluster(apis.preflight, kubeconfig, namespace);
  await checkNamespace(apis.preflight.core, namespace, partOf);
  const cluster = new ApiCluster(apis.deployment);
  return deployShop(config, identity, {
    cluster,
    facts,
    deployed: await cluster.deployed(namespace, partOf),
    key,
    ...readMachine(config.imagePrefix),
  });
}

/** The shop on a Kubernetes cluster. */
export async function deployShop(
  config: KubernetesStackArgs,
  stack: Identity,
  host: KubernetesHost,
): Promise<Record<string, unknown>> {
  const identity = { ...stack, installation: installationId(host.key) };
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
      proxyImage,
      ...exposureOf(config),
      ...(config.storageClass === undefined ? {} : { storageClass: config.storageClass }),
      nodesOnDemand: config.nodesOnDemand,
      dns: config.dnsCidrs,
    });
  const definition = (images: ShopImages) =>
    shop({
      images,
      secrets: shopSecrets(host.key, identity, config.passwordGeneration),
      replicas: config.replicas,
      revision: config.revision,
      backup: config.backup,
      restore: config.restore,
    });
  // Before the images, which would be built for nothing.
  validateApplication(APPLICATION, { platform: platform('gateway'), ...definition(UNBUILT_IMAGES) });
  const { gateway, ...images } = await buildImages(config, host);
  const provider = new kubernetes.Provider('cluster', {
    // From where the program runs, so that the same checkout elsewhere is no change.
    kubeconfig: relative(process.cwd(), kubeconfigFile(config.kubeconfig)),
    context: config.context,
    namespace,
    enableServerSideApply: true,
  });
  const application = new Application(
    APPLICATION,
    { platform: platform(gateway), ...definition(images) },
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
async function buildImages({ registry, architecture }: KubernetesStackArgs, host: KubernetesHost) {
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
      `there is no kubeconfig ${file}. Name yours with \`pulumi config set kubeconfig PATH\`, or make a local cluster: npm run cluster`,
    );
  }
}
