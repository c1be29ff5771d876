import { shortHash } from '../identity';
import { dataName, type StorageSpec } from '../storage';
import type { WorkloadSpec } from '../workload';
import { objectName } from './identity';

/** Label of a microservice's service: what of it the provider cannot change in place. */
export const VARIANT_LABEL = 'components.shop/variant';

/** A service of a member as the engine has it. */
export interface DeployedVariant {
  /** Name of the microservice or job; empty for anything else. */
  member?: string | undefined;
  /** Undefined where an earlier version of these components has made it. */
  variant?: string | undefined;
  /** Milliseconds. */
  createdAt?: number | undefined;
}

/** The same text as long as the provider updates a service in place: networks and mounts are what it replaces one for. */
export function variantOf(
  spec: Pick<WorkloadSpec, 'name' | 'internet' | 'writablePaths'> & { storage?: StorageSpec },
): string {
  const { internet, writablePaths, storage } = spec;
  const mounted = storage ? [[dataName(spec), storage.path]] : [];
  return shortHash(JSON.stringify([internet, writablePaths.map(({ path, size }) => [path, size]), ...mounted]), 8);
}

/** The services of a member that the engine has, by name; the last is the one that Pulumi's state has, or will have. */
export function servicesOf<T extends DeployedVariant>(
  member: string,
  base: string,
  deployed: ReadonlyMap<string, T>,
): [string, T][] {
  return [...deployed]
    .filter(([name, one]) => (one.member === undefined ? name === base : one.member === member))
    .sort(([, a], [, b]) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}

/**
 * The name of a microservice's service. It is that of the microservice, and as long as a service can be updated in place it
 * keeps the name that it has. Where the provider would replace it, the new one gets another name, so that both can run until
 * the new one has taken over.
 *
 * @param taken names that something else has or will have.
 */
export function serviceName(
  { name, variant }: { name: string; variant: string },
  prefix: string,
  deployed: ReadonlyMap<string, DeployedVariant>,
  taken: ReadonlySet<string>,
): string {
  const base = objectName(prefix, name);
  const current = servicesOf(name, base, deployed).at(-1);
  if (current && (current[1].variant === undefined || current[1].variant === variant)) return current[0];
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? base : objectName(prefix, name, String(number));
    if (!deployed.has(candidate) && (number === 1 || !taken.has(candidate))) return candidate;
  }
}
