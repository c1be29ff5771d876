import { hashNumber, LABEL, shortened } from '../identity';

export type ComponentKind =
  | 'microservice'
  | 'load-balancer'
  | 'gateway'
  | 'job'
  | 'proxy-config'
  | 'data'
  | 'volume-owner'
  | 'secret'
  | 'writable-folder';

/** A service's name must be a DNS label. */
const MAX_LABEL = 63;

/** Name of one object of an application; shortened with a hash where it would be longer than DNS allows. */
export function objectName(prefix: string, ...parts: string[]): string {
  return shortened([prefix, ...parts].join('-'), MAX_LABEL);
}

export interface Label {
  label: string;
  value: string;
}

/** Labels in the order in which the provider gives them back. */
export function labels(prefix: string, name: string, component: ComponentKind): Label[] {
  return [
    { label: LABEL.component, value: component },
    { label: LABEL.managedBy, value: 'pulumi' },
    { label: LABEL.name, value: name },
    { label: LABEL.partOf, value: prefix },
  ];
}

/** Ports that no registered service and no ephemeral range of Linux (from 32768) uses by default. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** The port at which an application answers when none is configured: always the same for a stack of one installation. */
export function defaultGatewayPort(prefix: string): number {
  return FIRST_PORT + hashNumber(`port ${prefix}`, PORTS);
}
