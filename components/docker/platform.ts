import type * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec } from '../application-spec';
import { namePrefix } from '../identity';
import type { ApplicationScope, Identity, Platform } from '../platform';
import type { DeployedAddresses } from './addresses';
import { DockerApplication } from './application';
import type { DeployedService, Engine } from './engine';
import type { EngineInfo } from './preflight';
import { validateForDocker } from './validate';

export interface DockerPlatformArgs {
  /** Project and stack: every name, address and port follows from them. */
  identity: Identity;
  /** What the deployment asks of the engine itself. */
  engine: Engine;
  /** What the engine already runs of this application, by service name: see `Engine.deployed`. */
  deployed: ReadonlyMap<string, DeployedService>;
  /** Networks and addresses that the engine has given out: see `Engine.addresses`. What exists keeps its own. */
  addresses: DeployedAddresses;
  /** What the engine says of itself; with it, limits above the machine's are errors before anything is created. */
  engineInfo?: EngineInfo;
  /** Processor of the engine's nodes. */
  architecture: 'amd64' | 'arm64';
  /** HAProxy 3.0 or later, with a shell. For images of registries with a password see `DockerLogins`. */
  proxyImage: pulumi.Input<string>;
  /**
   * Private IPv4 range for the application's new networks; those that exist keep their addresses.
   * @default - 8192 addresses below 10.64.0.0/10 and above that are derived from project, stack and installation
   */
  addressRange?: string;
}

/** Runs applications on a Docker engine in Swarm mode. */
export class DockerPlatform implements Platform {
  readonly target = 'docker';

  constructor(readonly args: DockerPlatformArgs) {}

  identityOf({ name }: ApplicationSpec) {
    const { project, stack } = this.args.identity;
    return { target: this.target, project, stack, names: namePrefix(this.args.identity, name) };
  }

  validate(spec: ApplicationSpec) {
    const { addressRange, engineInfo: engine, identity, addresses } = this.args;
    return validateForDocker(spec, { addressRange, engine, identity, addresses });
  }

  application(spec: ApplicationSpec, parent: pulumi.Resource): ApplicationScope {
    return new DockerApplication(this.args, spec, parent);
  }
}
