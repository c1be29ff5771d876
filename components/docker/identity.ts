import { createHash } from 'node:crypto';
import type { Identity } from '../platform';

/** Labels by which people and programs find what belongs together; the names are Kubernetes' recommended ones. */
export const LABEL = {
  partOf: 'app.kubernetes.io/part-of',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

export type ComponentKind = 'microservice' | 'load-balancer' | 'gateway' | 'job' | 'proxy-config' | 'data' | 'secret';

/** A service's name must be a DNS label. */
const MAX_LABEL = 63;
/** Room for `-<service>-<suffix>`: names of services have at most 40 characters. */
const MAX_READABLE = 16;
const PREFIX_HASH = 6;

/** First characters of a hash: the same everywhere, for the same input. */
export function shortHash(text: string, length = 6): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** A whole number from 0 to `size - 1` that follows from a text. */
export function hashNumber(text: string, size: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % size;
}

/**
 * Prefix of all names of an application on an engine: what people recognize, `<project>-<stack>` and the application's
 * name where it is another than the project's, and a hash that makes it unique whatever the names consist of.
 */
export function namePrefix({ project, stack, installation = '' }: Identity, application: string): string {
  const parts = [project, stack, ...(application === project ? [] : [application])];
  const readable = parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_READABLE)
    .replace(/-+$/, '');
  const hash = shortHash(JSON.stringify([project, stack, application, installation]), PREFIX_HASH);
  return `${readable || 'app'}-${hash}`;
}

/** Name of one object of an application; shortened with a hash where it would be longer than DNS allows. */
export function objectName(prefix: string, ...parts: string[]): string {
  const name = [prefix, ...parts].join('-');
  return name.length <= MAX_LABEL ? name : `${name.slice(0, MAX_LABEL - 7).replace(/-+$/, '')}-${shortHash(name)}`;
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

/** The port at which an application answers when none is configured: the same for a stack on every machine. */
export function defaultGatewayPort(prefix: string): number {
  return FIRST_PORT + hashNumber(`port ${prefix}`, PORTS);
}
