import * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import Docker from 'dockerode';
import { Application, validateApplication, type Identity } from '../components';
import type { DeployedAddresses } from '../components/docker/addresses';
import { DockerEngine, type DeployedService, type Engine } from '../components/docker/engine';
import { DockerLogins } from '../components/docker/logins';
import { DockerPlatform } from '../components/docker/platform';
import { checkGatewayPort } from '../components/docker/port';
import { engineArchitecture, inspectEngine, type EngineInfo } from '../components/docker/preflight';
import { namePrefix } from '../components/identity';
import { identityAdvice } from './identity-advice';
import { BASE_IMAGES, type ShopImages } from './image-bases';
import { shopImages, UNBUILT_IMAGES } from './images';
import { readInstallation, type Installation } from './installation';
import { PROJECT_FOLDER, readMachine } from './machine';
import { shopSecrets } from './passwords';
import { shop } from './shop';
import type { ShopSettings } from './shop-settings';

const APPLICATION = 'shop';

export interface DockerStackArgs extends ShopSettings {
  gatewayPort?: number | undefined;
  addressRange?: string | undefined;
}

/** What the deployment finds on the machine. */
export interface DockerHost {
  engine: Engine;
  engineInfo: EngineInfo;
  /** What the engine already runs of the application. */
  deployed: ReadonlyMap<string, DeployedService>;
  /** Networks and addresses that it has given out. */
  addresses: DeployedAddresses;
  installation: Installation;
  /** Registry prefix of the base images, with its closing slash, or nothing. */
  imagePrefix: string;
  /** Network of the build steps where the builder's own has no way out. */
  buildNetwork?: 'host';
  /** Registries of images that somebody has signed in to. */
  registryAuth?: docker.types.input.ProviderRegistryAuth[];
}

/** Looks at the engine and the machine, and deploys the shop to it. */
export async function deployToDocker(config: DockerStackArgs, identity: Identity): Promise<Record<string, unknown>> {
  const client = new Docker();
  const engineInfo = await inspectEngine(client, process.env['DOCKER_HOST'] ?? 'the local socket');
  const installation = readInstallation(PROJECT_FOLDER);
  const prefix = namePrefix({ ...identity, installation: installation.id }, APPLICATION);
  await checkGatewayPort(client, prefix, config.gatewayPort);
  const logins = DockerLogins.read();
  const engine = new DockerEngine(client, (image) => logins.of(image));
  const [deployed, addresses] = await Promise.all([engine.deployed(prefix), engine.addresses(prefix)]);
  const machine = readMachine(config.imagePrefix);
  return deployShop(config, identity, {
    engine,
    engineInfo,
    deployed,
    addresses,
    installation,
    ...machine,
    registryAuth: await logins.providerAuth([machine.imagePrefix + BASE_IMAGES.haproxy]),
  });
}

/** The shop on a Docker engine. */
export function deployShop(config: DockerStackArgs, stack: Identity, host: DockerHost): Record<string, unknown> {
  const identity = { ...stack, installation: host.installation.id };
  const platform = new DockerPlatform({
    identity,
    engine: host.engine,
    engineInfo: host.engineInfo,
    deployed: host.deployed,
    addresses: host.addresses,
    architecture: engineArchitecture(host.engineInfo),
    proxyImage: host.imagePrefix + BASE_IMAGES.haproxy,
    ...(config.addressRange === undefined ? {} : { addressRange: config.addressRange }),
  });
  const definition = (images: ShopImages) =>
    shop({
      images,
      secrets: shopSecrets(host.installation.key, identity, config.passwordGeneration),
      replicas: config.replicas,
      revision: config.revision,
      backup: config.backup,
      restore: config.restore,
      gatewayPort: config.gatewayPort,
    });
  // Before the images, which would be built for nothing.
  validateApplication(APPLICATION, { platform, ...definition(UNBUILT_IMAGES) });
  const images = shopImages({
    projectFolder: PROJECT_FOLDER,
    prefix: host.imagePrefix,
    ...(host.buildNetwork === undefined ? {} : { network: host.buildNetwork }),
  });
  const application = new Application(
    APPLICATION,
    { platform, identityAdvice, ...definition(images) },
    providerOptions(host.registryAuth ?? []),
  );
  return {
    application: namePrefix(identity, APPLICATION),
    url: application.url,
    services: Object.fromEntries(
      Object.entries(application.services).map(([name, { image, replicas }]) => [name, { image, replicas }]),
    ),
  };
}

/** A provider of its own only where there are registries to sign in to; the one that Pulumi makes knows the rest. */
function providerOptions(registryAuth: docker.types.input.ProviderRegistryAuth[]): pulumi.ComponentResourceOptions {
  return registryAuth.length === 0 ? {} : { providers: [new docker.Provider('docker', { registryAuth })] };
}
