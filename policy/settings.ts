// Settings that several rules have.
import { strings } from './rule';

/** Pulumi does not hand a stack's configuration to a pack: what is production is said here, by name, in configuration. */
export const PRODUCTION = strings('Stacks that are production; "*" stands for any characters', [
  'prod',
  'prod-*',
  '*-prod',
  'production',
]);

export const GATEWAY_LABEL = {
  about: 'Label, or tag on AWS, of what may be public: `name=value`',
  schema: { type: 'string' },
  default: 'app.kubernetes.io/component=gateway',
} as const;

/** Components that create what holds data with `retainOnDelete`, of which Pulumi tells policies nothing. */
export const RETAINING_COMPONENTS = strings('Types of components that keep their data when a stack is destroyed', [
  'shop:components:Microservice',
  'shop:components:Job',
]);
