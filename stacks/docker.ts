import Docker from 'dockerode';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from '../components';
import { DockerEngine } from '../components/docker/engine';
import { namePrefix, type Identity } from '../components/docker/identity';
import { DockerPlatform } from '../components/docker/platform';
import { checkGatewayPort } from '../components/docker/port';
import { engineArchitecture, inspectEngine } from '../components/docker/preflight';
import { BASE_IMAGES, shopImages } from './images';
import { derivePassword, readInstallationKey } from './passwords';
import { shop, type ShopSecrets } from './shop';

const PROJECT_FOLDER = join(__dirname, '..');
const APPLICATION = 'shop';

export interface DockerStackArgs {
  /** Number of replicas by service, where it is not the default. */
  replicas: Record<string, number>;
  gatewayPort?: number | undefined;
  addressRange?: string | undefined;
  /** Registry prefix of the base images; what set-up found by default. */
  imagePrefix?: string | undefined;
  /** Another number gives other passwords. */
  passwordGeneration: number;
  /** A new text rolls every stateless service. */
  revision: string;
}

/** The shop on a Docker engine. */
export async function deployToDocker(config: DockerStackArgs, identity: Identity): Promise<Record<string, unknown>> {
  const client = new Docker();
  const engineInfo = await inspectEngine(client, process.env['DOCKER_HOST'] ?? 'the local socket');
  const prefix = namePrefix(identity, APPLICATION);
  await checkGatewayPort(client, prefix, config.gatewayPort);
  const engine = new DockerEngine(client);
  const environment = readEnvironment();
  const imagePrefix = config.imagePrefix ?? environment.imagePrefix ?? '';
  const key = readInstallationKey(PROJECT_FOLDER);
  const secret = (name: keyof ShopSecrets) => derivePassword(key, identity, name, config.passwordGeneration);

  const application = new Application(APPLICATION, {
    platform: new DockerPlatform({
      identity,
      engine,
      engineInfo,
      deployed: await engine.deployed(prefix),
      architecture: engineArchitecture(engineInfo),
      proxyImage: imagePrefix + BASE_IMAGES.haproxy,
      ...(config.addressRange === undefined ? {} : { addressRange: config.addressRange }),
    }),
    ...shop({
      images: shopImages({
        projectFolder: PROJECT_FOLDER,
        prefix: imagePrefix,
        ...(environment.buildNetwork === 'host' ? { network: 'host' } : {}),
      }),
      secrets: {
        'postgres-password': secret('postgres-password'),
        'user-password': secret('user-password'),
        'product-password': secret('product-password'),
        'order-password': secret('order-password'),
        'token-key': secret('token-key'),
      },
      replicas: config.replicas,
      revision: config.revision,
      gatewayPort: config.gatewayPort,
    }),
  });
  return {
    url: application.url,
    services: Object.fromEntries(Object.entries(application.services).map(([name, { image, replicas }]) => [name, { image, replicas }])),
  };
}

interface Environment {
  imagePrefix?: string;
  buildNetwork?: string;
}

/** What set-up found out about this machine; on a machine that it never ran on, the defaults of one with internet. */
function readEnvironment(): Environment {
  const file = join(PROJECT_FOLDER, '.local', 'environment.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Environment) : {};
}
