import type * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationSpec } from '../application-spec';
import { GATEWAY } from '../gateway-spec';
import { RULES } from '../haproxy/rules';
import { Rollouts } from '../rollouts';
import { configFile } from './files';
import { leftoverHooks } from './leftover-hooks';
import type { NamedKind } from './leftovers';
import { DockerPlan } from './plan';
import type { DockerPlatformArgs } from './platform';
import type { ConfigFile } from './service';
import { Transitions } from './transition';

/** The path of the probe for a processor; the same bytes as its source gives (see probe/build.sh). */
function probePath(architecture: 'amd64' | 'arm64'): string {
  return join(__dirname, 'probe', `probe-linux-${architecture}`);
}

/** What the members of an application share while it is deployed to a Docker engine. */
export class Deployment {
  readonly plan: DockerPlan;
  readonly transitions: Transitions;
  readonly rollouts = new Rollouts();
  /** In every container, members' and proxies'. */
  readonly probe: ConfigFile;
  /** The parts of a proxy's rules that are the same in each. */
  readonly rules: ConfigFile;
  /** All that were created so far. */
  readonly services: docker.Service[] = [];

  constructor(
    readonly args: DockerPlatformArgs,
    spec: ApplicationSpec,
    parent: pulumi.Resource,
  ) {
    this.plan = new DockerPlan(spec, args.identity, args.addressRange, args.addresses, args.deployed);
    this.transitions = new Transitions(args.engine);
    this.probe = this.file(`${spec.name}-probe`, ['probe'], readFileSync(probePath(args.architecture)), parent);
    this.rules = this.file(`${spec.name}-rules`, ['rules'], RULES, parent);
  }

  /** Whether the engine runs a member already. */
  isDeployed(member: string): boolean {
    return member === GATEWAY ? this.args.deployed.has(this.plan.gatewayService) : this.plan.isDeployed(member);
  }

  /** Those of the proxies that the engine runs already. */
  deployedOf<T extends { configService: string }>(proxies: readonly T[]): T[] {
    return proxies.filter(({ configService }) => this.args.deployed.has(configService));
  }

  file(name: string, parts: string[], content: string | Buffer, parent: pulumi.Resource): ConfigFile {
    return configFile(this.plan.prefix, name, parts, content, {
      parent,
      hooks: (resource, object) => this.leftover(resource, 'config', object),
    });
  }

  /** For each object with a name that is not Pulumi's choice, but volumes: to create one that exists does nothing. */
  leftover(resource: string, kind: NamedKind, name: string): pulumi.ResourceHookBinding {
    return leftoverHooks(resource, { kind, name }, this.plan.prefix, this.args.engine);
  }
}
