import { z } from 'zod';

/** One AWS account in one region. */
export interface Account {
  /** The account's twelve digits. */
  account: string;
  /** `eu-central-1`. */
  region: string;
}

/** China, GovCloud and the isolated partitions have other endpoints, principals and ARNs. */
const COMMERCIAL_REGION = /^(af|ap|ca|eu|il|me|mx|sa|us)-(central|east|west|(north|south)(east|west)?)-\d$/;

/** The schema's part for `Account`. */
export const accountShape = {
  account: z
    .string('must be the 12 digits of an AWS account')
    .regex(/^\d{12}$/, 'must be the 12 digits of an AWS account'),
  region: z
    .string('must be an AWS region such as "eu-central-1"')
    .regex(COMMERCIAL_REGION, 'must be a commercial AWS region such as "eu-central-1"'),
};

/** Name of an IAM policy or role, without a path. */
export const IAM_NAME = /^[\w+=,.@-]{1,64}$/;

/**
 * Begins every physical name of a stack: `shop-prod-cluster`. Short enough that what is appended fits the 64 characters of
 * a role's name.
 */
export const namePrefixSchema = z
  .string('must be a text')
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'project and stack together must be lower-case letters, digits and single hyphens, starting with a letter',
  )
  .max(40, 'project and stack together must have at most 40 characters');

/** ARN of something that belongs to a region. */
export function regionalArn({ account, region }: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** ARN of something in IAM, which knows no regions. */
export function iamArn({ account }: Account, resource: string): string {
  return `arn:aws:iam::${account}:${resource}`;
}
