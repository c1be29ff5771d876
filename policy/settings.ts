// Settings that several rules have.
import { strings } from './rule';

/** Pulumi does not hand a stack's configuration to a pack: what is production is said here, by name, in configuration. */
export const PRODUCTION = strings('Production stacks; "*" matches any characters', [
  'prod',
  'prod-*',
  '*-prod',
  'production',
]);

export const GATEWAY_LABEL = {
  about: 'Label (on AWS, tag) of resources that may be public: `name=value`',
  schema: { type: 'string' },
  default: 'app.kubernetes.io/component=gateway',
} as const;

/** Components that create what holds data with `retainOnDelete`, of which Pulumi tells policies nothing. */
export const RETAINING_COMPONENTS = strings('Component types that retain their data when the stack is destroyed', [
  'shop:components:Microservice',
  'shop:components:Job',
]);
