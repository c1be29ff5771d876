import * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec } from '../application-spec';
import type { Deployment } from './deployment';
import { labels, type ComponentKind } from './identity';
import type { NetworkPlan } from './plan';

/** A proxy's own network. */
export interface HomeNetwork {
  resource: docker.Network;
  name: string;
  /** Of the proxy, where it is fixed. */
  address?: string;
}

/** Networks of an application: one for each member, a second one for those that may reach the internet. */
export class Networks {
  private readonly own = new Map<string, docker.Network>();
  private readonly internet = new Map<string, docker.Network>();

  constructor(
    private readonly deployment: Deployment,
    spec: ApplicationSpec,
    parent: pulumi.Resource,
  ) {
    const { plan } = deployment;
    for (const [kind, members] of [
      ['microservice', spec.services],
      ['job', spec.jobs],
    ] as const) {
      for (const member of members) {
        const { name } = member;
        const add = (suffix: string, network: NetworkPlan) =>
          this.overlay(`${spec.name}-${name}-${suffix}`, name, kind, network, parent);
        this.own.set(name, add('network', plan.network(name)));
        const internet = plan.internetNetwork(member);
        if (internet) this.internet.set(name, add('internet', internet));
      }
    }
  }

  /** Every member's, without those that lead to the internet. */
  get all(): docker.Network[] {
    return [...this.own.values()];
  }

  of(member: string): HomeNetwork {
    return { resource: this.own.get(member)!, name: this.deployment.plan.network(member).name };
  }

  idsOf(member: string): pulumi.Output<string>[] {
    return [this.own, this.internet].flatMap((networks) => networks.get(member)?.id ?? []);
  }

  /** The gateway's; its port is published from there. */
  public(name: string, parent: pulumi.Resource): HomeNetwork {
    const { plan } = this.deployment;
    const network = plan.publicNetwork();
    const resource = this.network(
      name,
      {
        name: network.name,
        driver: 'bridge',
        ipamConfigs: [{ subnet: network.subnet, gateway: network.gateway }],
        labels: labels(plan.prefix, 'gateway', 'gateway'),
      },
      parent,
    );
    return { resource, name: network.name, address: network.address };
  }

  private overlay(
    name: string,
    member: string,
    kind: ComponentKind,
    { name: fullName, internal, subnet, ipRange, gateway }: NetworkPlan,
    parent: pulumi.Resource,
  ): docker.Network {
    return this.network(
      name,
      {
        name: fullName,
        driver: 'overlay',
        attachable: true,
        internal,
        ipamConfigs: [{ subnet, ipRange, gateway }],
        labels: labels(this.deployment.plan.prefix, member, kind),
      },
      parent,
    );
  }

  private network(name: string, args: docker.NetworkArgs & { name: string }, parent: pulumi.Resource): docker.Network {
    const hooks = this.deployment.leftover(name, 'network', args.name);
    return new docker.Network(name, args, { parent, deleteBeforeReplace: true, hooks });
  }
}
