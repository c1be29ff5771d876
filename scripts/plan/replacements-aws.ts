// What the AWS provider replaces for, for the types that the components create.
//
// `aws-arguments.json` sorts the arguments of each type of @pulumi/aws 7.48.0 by hand, since the provider's schema is not
// part of the npm package. It follows terraform-provider-aws, which that version bridges (6.x): `ForceNew` of the resources
// written with its SDK, `RequiresReplace` of those written with its framework, and what `CustomizeDiff` and `ModifyPlan` add.
// `region` replaces every resource that has one: the provider's own interceptors see to it.
//
// Read were the sources of the resources as of 2025 and 2026. Of these an older version was read, of 2023 or 2024: KMS aliases,
// SNS subscriptions, security group rules, and the versioning and the ownership controls of buckets.
//
// What pulumi-aws overrides of its own accord was not read, and nothing was tried out on AWS.
//
// An argument that those sources do not have, because it is newer, is in neither list: what it does is not known here.
import table from './aws-arguments.json';
import { comesOrGoes, REPLACE, UNKNOWN, UPDATE, type Consequence, type PropertyChange } from './consequence';

interface Arguments {
  replaces: readonly string[];
  /** Replace the resource when they are added or removed, and are updated otherwise. */
  replacesComingOrGoing?: readonly string[];
  updates: readonly string[];
}

export const AWS_ARGUMENTS: Readonly<Record<string, Arguments>> = table;

/** What a change of a resource's argument, or of something within it, does. */
export function onAws(type: string, change: PropertyChange): Consequence {
  const known = AWS_ARGUMENTS[type];
  const [argument = '', ...within] = change.path;
  if (known === undefined) return UNKNOWN;
  if (known.replaces.includes(argument)) return REPLACE;
  if (known.replacesComingOrGoing?.includes(argument) === true)
    return within.length === 0 && comesOrGoes(change) ? REPLACE : UPDATE;
  return known.updates.includes(argument) ? UPDATE : UNKNOWN;
}
