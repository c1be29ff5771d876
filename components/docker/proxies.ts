import * as docker from '@pulumi/docker';
import { nextAttempt } from '../attempt';
import { allHooks } from '../hook-bindings';
import type { MemberOptions } from '../platform';
import type { Transform } from '../transform';
import type { Deployment } from './deployment';
import { proxyHooks } from './hooks';
import { labels } from './identity';
import type { HomeNetwork, Networks } from './networks';
import { proxyRules, type ProxyPlan } from './plan';
import { proxyConfigArgs, proxyContainerArgs, type ProxyContext } from './proxy';

const PROXY_DEADLINE = 60_000;

/** What a proxy is for and where it stands. */
export interface ProxyArgs extends Pick<ProxyContext, 'kind' | 'published'> {
  /** What it stands in front of, or the gateway. */
  member: string;
  plan: ProxyPlan;
  home: HomeNetwork;
  transform: Transform;
}

/** Proxies of an application: each is a container that stays, and a service that brings its rules into force. */
export class Proxies {
  private readonly created: (ProxyPlan & { networks: string[] })[] = [];

  constructor(
    private readonly deployment: Deployment,
    private readonly networks: Networks,
  ) {}

  add(
    name: string,
    { member, kind, plan, home, transform, published }: ProxyArgs,
    { parent, dependsOn = [], after = [] }: Pick<MemberOptions, 'parent'> & Partial<MemberOptions>,
  ): docker.Container {
    const { deployment } = this;
    const { args, transitions, rollouts } = deployment;
    const { prefix } = deployment.plan;
    const networks = [home.name, ...plan.attachments.map(({ network }) => network)];
    this.created.push({ ...plan, networks });
    const rules = proxyRules(plan.proxy, transform);
    const configuration = deployment.file(`${name}-configuration`, [member, 'proxy'], rules, parent);
    const volume = new docker.Volume(
      `${name}-volume`,
      { name: plan.volume, labels: labels(prefix, member, kind) },
      { parent, deleteBeforeReplace: true },
    );
    const context: ProxyContext = {
      prefix,
      name: member,
      kind,
      containerName: plan.container,
      image: args.proxyImage,
      volume: plan.volume,
      network: home.resource.name,
      memory: plan.memory,
      ...(home.address === undefined ? {} : { address: home.address }),
      ...(published ? { published } : {}),
    };
    const containerArgs = proxyContainerArgs(context);
    const container = new docker.Container(
      `${name}-container`,
      transform.docker?.proxyContainer?.(containerArgs) ?? containerArgs,
      {
        parent,
        deleteBeforeReplace: true,
        // It is removed before the networks it was attached to while it ran.
        dependsOn: [volume, ...this.networks.all],
        hooks: deployment.leftover(`${name}-container`, 'container', plan.container),
      },
    );
    const { work, waits } = proxyHooks(name, { ...plan, rules, prefix }, transitions, args.engine, PROXY_DEADLINE);
    const service: docker.Service = new docker.Service(
      `${name}-config`,
      proxyConfigArgs({
        ...context,
        serviceName: plan.configService,
        probe: deployment.probe,
        rules: deployment.rules,
        configuration,
        containerId: container.id,
        attempt: this.attempt(plan),
      }),
      {
        parent,
        deleteBeforeReplace: true,
        dependsOn,
        hooks: allHooks(
          rollouts.after(`${name}-config`, after),
          deployment.leftover(`${name}-config`, 'service', plan.configService),
          work,
          rollouts.deferred(
            [member],
            () => service,
            () => waits,
          ),
        ),
      },
    );
    deployment.services.push(service);
    return container;
  }

  /** Ends what a deployment has prepared in proxies that were there before, once everything has come up. */
  async settle(): Promise<void> {
    const { args, transitions } = this.deployment;
    const proxies = this.deployment.deployedOf(this.created);
    await transitions.end(proxies);
    await Promise.all(proxies.map(({ container, networks }) => args.engine.detachOthers(container, networks)));
  }

  /**
   * Another attempt also where the proxy is not attached to all of its networks: an update that was cancelled while it joined
   * them has recorded it as created.
   */
  private attempt({ container, configService, attachments }: ProxyPlan): number {
    const { addresses, deployed } = this.deployment.args;
    const service = deployed.get(configService);
    const attached = addresses.attached.get(container);
    const detached = attached !== undefined && !attachments.every(({ network }) => attached.has(network));
    return nextAttempt(service, detached || service?.stopped === true);
  }
}
