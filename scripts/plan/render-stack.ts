// One stack of this revision, as its program asks Pulumi's engine for it: nothing is asked over a network, and nothing runs.
import * as pulumi from '@pulumi/pulumi';
import type { Identity } from '../../components';
import type { Attachment, Engine } from '../../components/docker/engine';
import { readConfig, type ConfigOf, type ShopConfig } from '../../infra/config';
import { stackIdentity } from '../../infra/stack-identity';
import { deployAwsCluster } from '../../stacks/aws-cluster';
import { deployBootstrap } from '../../stacks/bootstrap';
import { deployShop as deployToDocker } from '../../stacks/docker';
import { connectionOf, deployToEks } from '../../stacks/eks';
import { deployShop as deployToKubernetes, type KubernetesHost } from '../../stacks/kubernetes';
import { AWS } from '../../test/support/aws-mocks';
import { deploy, valueOf, type Deployment } from '../../test/support/deployment';
import { KUBERNETES } from '../../test/support/kubernetes-mocks';
import { quietCluster } from '../../test/support/staging-dump';
import { devEngine } from '../../test/support/dev-dump';
import { deployedAddresses, dockerFacts, kubernetesFacts, publishedImages, type Facts } from './facts';
import { withReplaced } from './replaced-outputs';

/** The values of passwords are no part of a plan, as of a preview. */
const INSTALLATION = { id: '254a' };
const ENGINE = { OSType: 'linux', Architecture: 'x86_64', NCPU: 64, MemTotal: 2 ** 40 };

/** Outputs of another stack of this revision. */
export type Outputs = (stack: string) => Promise<Record<string, unknown>>;

export interface Rendered {
  registrations: Deployment<unknown>['registrations'];
  warnings: string[];
  facts: Facts;
  outputs: Record<string, unknown>;
}

/**
 * Renders a stack.
 *
 * @param values its configuration, `namespace:key`.
 * @throws Error as the program would, for configuration or a definition that is not valid.
 */
export async function renderStack(
  { project, stack }: Identity,
  values: Record<string, string>,
  { before = {}, outputsOf, replaced = new Set() }: Partial<Context> & Pick<Context, 'outputsOf'>,
): Promise<Rendered> {
  const config = readConfig(project, values);
  const identity = stackIdentity({ project, stack }, config);
  const render = RENDERERS[config.target] as (
    config: ShopConfig,
    identity: Identity,
    context: Context,
  ) => Promise<Rendered>;
  return render(config, identity, { before, outputsOf, replaced });
}

export interface Context {
  /** What the target has by then. */
  before: Facts;
  outputsOf: Outputs;
  /** Names of resources that are replaced, and so get another id; of components, also what is replaced in them. */
  replaced: ReadonlySet<string>;
}

const idOf =
  ({ replaced }: Context) =>
  (name: string) =>
    `${name}-${replaced.has(name) ? 'next-id' : 'id'}`;

const RENDERERS = {
  docker: renderDocker,
  kubernetes: renderKubernetes,
  eks: renderEks,
  'aws-bootstrap': (config: ConfigOf<'aws-bootstrap'>, identity: Identity, context: Context) =>
    renderAws(() => deployBootstrap(config, identity), identity, context),
  'aws-cluster': (config: ConfigOf<'aws-cluster'>, identity: Identity, context: Context) =>
    renderAws(() => deployAwsCluster(config, identity), identity, context),
};

async function renderDocker(config: ConfigOf<'docker'>, identity: Identity, context: Context): Promise<Rendered> {
  const { docker = { services: [], networks: [], attachments: [] } } = context.before;
  const attachments = new Map<string, readonly Attachment[]>();
  const engine: Engine = {
    ...devEngine,
    attach: (container, list) => {
      attachments.set(container, list);
      return Promise.resolve();
    },
  };
  const deployment = await deploy(
    () =>
      deployToDocker(config, identity, {
        engine,
        engineInfo: ENGINE,
        deployed: new Map(docker.services),
        addresses: deployedAddresses(docker),
        installation: INSTALLATION,
        imagePrefix: config.imagePrefix ?? '',
      }),
    { ...identity, idOf: idOf(context) },
  );
  // Proxies join their networks in a hook.
  for (const { hooks } of deployment.registrations) {
    for (const hook of hooks['beforeCreate'] ?? []) if (hook.endsWith('-joining')) await deployment.runHook(hook);
  }
  return rendered(deployment, { docker: dockerFacts(deployment.registrations, attachments) });
}

function hostOf(connection: KubernetesHost['connection'], { kubernetes }: Facts): KubernetesHost {
  return {
    connection,
    cluster: quietCluster,
    // What it knows nothing of, it does not validate.
    facts: { version: 'v1.34.0', claims: new Map(kubernetes?.claims ?? []), metrics: true },
    deployed: new Map(kubernetes?.workloads ?? []),
    installation: INSTALLATION,
    imagePrefix: '',
  };
}

/** A registry that has some images, by name. */
function registry(images: readonly string[]) {
  return {
    'docker:index/getRegistryImage:getRegistryImage': ({ name }: Record<string, unknown>) => {
      const details = 'got bad response from registry: 404 Not Found';
      if (!images.includes(name as string)) throw Object.assign(new Error(details), { details });
      return { name, sha256Digest: digestOf(name as string) };
    },
  };
}

/** Stands for the digest, which nobody knows before an image is pushed: the tag, which says as much. */
const digestOf = (image: string) => `tag:${image.split(':').at(-1)!}`;

const PUSHED = {
  'docker:index/registryImage:RegistryImage': (_: string, { name }: Record<string, unknown>) => ({
    sha256Digest: digestOf(name as string),
  }),
};

async function renderKubernetes(
  config: ConfigOf<'kubernetes'>,
  identity: Identity,
  context: Context,
): Promise<Rendered> {
  const { before } = context;
  const deployment = await deploy(
    () =>
      deployToKubernetes(config, identity, hostOf({ kubeconfig: config.kubeconfig, context: config.context }, before)),
    {
      ...identity,
      computed: { ...KUBERNETES, ...PUSHED },
      calls: registry(before.images ?? []),
    },
  );
  return onCluster(deployment, config.storageClass);
}

async function renderEks(config: ConfigOf<'eks'>, identity: Identity, context: Context): Promise<Rendered> {
  const { before, outputsOf } = context;
  const outputs = await outputsOf(config.clusterStack);
  const deployment = await deploy(
    () =>
      deployToEks(config, identity, (_config, _identity, joined) =>
        Promise.resolve(hostOf(connectionOf(joined), before)),
      ),
    {
      ...identity,
      idOf: idOf(context),
      computed: {
        ...withReplaced(AWS, context.replaced),
        ...KUBERNETES,
        ...PUSHED,
        'pulumi:pulumi:StackReference': () => ({ outputs, secretOutputNames: ['kubeconfig'] }),
      },
      calls: registry(before.images ?? []),
    },
  );
  return onCluster(deployment, outputs['storageClass'] as string | undefined);
}

async function renderAws(program: () => unknown, identity: Identity, context: Context): Promise<Rendered> {
  const computed = withReplaced(AWS, context.replaced);
  return rendered(await deploy(program, { ...identity, idOf: idOf(context), computed }), {});
}

function onCluster(
  deployment: Deployment<Record<string, unknown>>,
  storageClass: string | undefined,
): Promise<Rendered> {
  const { registrations } = deployment;
  return rendered(deployment, {
    kubernetes: kubernetesFacts(registrations, storageClass),
    images: publishedImages(registrations),
  });
}

async function rendered(deployment: Deployment<unknown>, facts: Facts): Promise<Rendered> {
  const { registrations, warnings, result } = deployment;
  const outputs = (await valueOf(pulumi.output(result))) as Record<string, unknown>;
  return { registrations, warnings, facts, outputs };
}
