import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec } from '../application-spec';
import { GATEWAY } from '../gateway-spec';
import { shortHash } from '../identity';
import {
  defaultDenyArgs,
  gatewayPolicyArgs,
  serviceProxyPolicyArgs,
  workloadPolicyArgs,
  type PolicyContext,
} from './network-policy';
import { serviceProxy } from './service';

type PolicyArgs = kubernetes.networking.v1.NetworkPolicyArgs;

const HASH = 10;

/**
 * Creates every policy of an application.
 *
 * Another content is another resource and another object, not an update: policies are additive, so that during a deployment
 * old and new pods have the connections that each of them needs. Pulumi deletes the old ones at the very end, and not at
 * all when a rollout fails and the old pods stay.
 */
export function createPolicies(
  application: ApplicationSpec,
  gatewayPorts: readonly number[],
  context: PolicyContext,
  parent: pulumi.Resource,
): kubernetes.networking.v1.NetworkPolicy[] {
  const { NetworkPolicy } = kubernetes.networking.v1;
  const deny = new NetworkPolicy(`${application.name}-default-deny`, defaultDenyArgs(context), { parent });
  const policies = policiesOf(application, gatewayPorts, context).map(([member, rendered]) => {
    const { hash, args } = versioned(member, rendered);
    return new NetworkPolicy(`${application.name}-${member}-policy-${hash}`, args, { parent });
  });
  return [deny, ...policies];
}

/** The policies that let members connect, by the name of the pods that each is for. */
export function policiesOf(
  application: ApplicationSpec,
  gatewayPorts: readonly number[],
  context: PolicyContext,
): [member: string, args: PolicyArgs][] {
  const { services, jobs, gateway } = application;
  return [
    ...services.map((spec): [string, PolicyArgs] => [
      spec.name,
      workloadPolicyArgs(spec, 'microservice', application, context),
    ]),
    ...services
      .filter(({ name }) => context.proxied?.includes(name))
      .map((spec): [string, PolicyArgs] => [
        serviceProxy(spec.name),
        serviceProxyPolicyArgs(spec, application, context),
      ]),
    ...jobs.map((spec): [string, PolicyArgs] => [spec.name, workloadPolicyArgs(spec, 'job', application, context)]),
    ...(gateway ? [[GATEWAY, gatewayPolicyArgs(gatewayPorts, application, context)] as [string, PolicyArgs]] : []),
  ];
}

/** With a dot, which no name of a member has: the policy of one member never has the name of another's. */
export function versioned(member: string, args: PolicyArgs): { hash: string; args: PolicyArgs } {
  const hash = shortHash(JSON.stringify(args.spec), HASH);
  const metadata = pulumi.output(args.metadata).apply((given) => ({ ...given, name: `${member}.${hash}` }));
  return { hash, args: { ...args, metadata } };
}
