import type { Registration } from './deployment';

/** The registrations of one type: the part of its token after the last colon. */
export function ofType(registrations: readonly Registration[], type: string): Registration[] {
  return registrations.filter((one) => one.type.split(':').at(-1) === type);
}

/** The only registration of a name; of a type, too, where a component and its child share it. */
export function named(registrations: readonly Registration[], name: string): Registration {
  const found = registrations.filter((one) => one.name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}`);
  return found[0]!;
}

/** The only policy of a member; its name ends with a hash of what it allows. */
export function policyOf(registrations: readonly Registration[], application: string, member: string): Registration {
  const name = new RegExp(`^${application}-${member}-policy-[0-9a-f]{10}$`);
  const found = registrations.filter((one) => name.test(one.name));
  if (found.length !== 1) throw new Error(`${found.length} policies are of ${member}`);
  return found[0]!;
}

/** The provider of an AWS resource: its own, or that of the nearest component around it. */
export function providerOf(registrations: readonly Registration[], registration: Registration): string {
  if (registration.provider !== '') return registration.provider;
  const parent = registrations.find(({ name, type }) => name === registration.parent && !type.startsWith('pulumi:'));
  return parent === undefined ? '' : providerOf(registrations, parent);
}
