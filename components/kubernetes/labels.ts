import type { KubernetesObject } from '@kubernetes/client-node';
import { LABEL } from '../identity';

export type ComponentKind = 'application' | 'microservice' | 'load-balancer' | 'job' | 'gateway' | 'secret';

/** Annotations of our own. */
export const ANNOTATION = {
  /** Counter of attempts: another number makes an update of an unchanged definition. */
  attempt: 'components.shop/attempt',
  /** When the version before was put back, in seconds: the next deployment has to try again. */
  takenBack: 'components.shop/taken-back',
  /** The certificate that a pod of the gateway has read when it started. */
  certificate: 'components.shop/certificate',
} as const;

/** Annotations that the Pulumi provider reads. */
const PROVIDER = {
  skipAwait: 'pulumi.com/skipAwait',
  fieldManager: 'pulumi.com/patchFieldManager',
  force: 'pulumi.com/patchForce',
} as const;

/**
 * The name under which objects are applied. A fixed one: what outlives a stack (claims, their namespace) is taken over
 * by the next one without a conflict, and what a hook puts back belongs to the same owner.
 */
export const FIELD_MANAGER = 'pulumi-shop-components';

/** Labels of one object of an application. */
export function labels(partOf: string, name: string, component: ComponentKind): Record<string, string> {
  return {
    [LABEL.component]: component,
    [LABEL.managedBy]: 'pulumi',
    [LABEL.name]: name,
    [LABEL.partOf]: partOf,
  };
}

/** Name of the workload that an object of an application is of. */
export function memberOf({ metadata }: KubernetesObject): string {
  return metadata?.labels?.[LABEL.name] ?? metadata?.name ?? '';
}

/** Labels that tell a workload's pods from all others. They can't change while a Deployment lives. */
export function selector(partOf: string, name: string): Record<string, string> {
  return { [LABEL.name]: name, [LABEL.partOf]: partOf };
}

/** What another hand has added is overwritten, instead of being a conflict. */
export const FORCED = { [PROVIDER.force]: 'true' };

/** What a person changed by hand, a deployment changes back. */
export const OWNED = { [PROVIDER.fieldManager]: FIELD_MANAGER, ...FORCED };

/** The provider doesn't wait for such an object: a hook does, or nothing has to. */
export const NOT_AWAITED = { [PROVIDER.skipAwait]: 'true' };
