import { z } from 'zod';
import { accountShape } from '../components/aws/account';
import { flag, text, wholeNumber } from './config-values';

const texts = z.array(text, 'must be a list of texts');
const ACCESS_RULE = 'must be an object of names and {principal, level}';

/** Tags that the bill is divided by. */
export const costTagsKey = z.record(z.string(), text, 'must be an object of names and texts').default({});

/** The policy that limits every role that a stack makes. */
export const boundaryKey = z
  .string('must be the name of an IAM policy')
  .regex(/^[\w+=,.@-]{1,128}$/, 'must be the name of an IAM policy of the account')
  .optional();

/** Keys of both stacks on AWS. What a value may be is checked where it is used, unless Pulumi's texts have to be read first. */
const everywhere = { ...accountShape, costTags: costTagsKey };

/** Keys of the target `aws-bootstrap`. */
export const bootstrapKeys = {
  ...everywhere,
  repository: z.string('must be a repository on GitHub, "owner/name"'),
  repositoryId: text.optional(),
  repositoryOwnerId: text.optional(),
  trustRepositoryName: flag.default(true),
  applicationStack: text.default('prod'),
  clusterStack: text.default('prod-cluster'),
  githubProviderExists: flag.default(false),
};

/** Keys of the target `aws-cluster`. */
export const clusterKeys = {
  ...everywhere,
  kubernetesVersion: text.default('1.35'),
  natGateways: z.enum(['per-zone', 'single'], 'must be "per-zone" or "single"').default('single'),
  vpcCidr: text.default('10.0.0.0/16'),
  zones: wholeNumber(2, 4, 'must be a whole number from 2 to 4').default(3),
  publicApiCidrs: texts.default([]),
  allowPublicApi: flag.default(false),
  privateApiCidrs: texts.default([]),
  access: z
    .record(
      z.string(),
      z.strictObject(
        { principal: text, level: z.enum(['admin', 'view'], 'must be "admin" or "view"') },
        'must be an object with principal and level',
      ),
      ACCESS_RULE,
    )
    .default({}),
  architecture: z.enum(['amd64', 'arm64'], 'must be "amd64" or "arm64"').default('amd64'),
  maxVcpus: wholeNumber(2, 10_000, 'must be a whole number from 2 to 10000').default(32),
  deletionProtection: flag.default(true),
  logRetentionDays: wholeNumber(1, 3653, 'must be a whole number of days').default(30),
  keepImages: wholeNumber(10, 1000, 'must be a whole number from 10 to 1000').default(100),
  alarmEmail: z.email('must be an e-mail address').optional(),
  permissionsBoundary: boundaryKey,
};

/** Keys whose values are structured, and so written as JSON in the stack's file. */
export const STRUCTURED_AWS = ['costTags', 'publicApiCidrs', 'privateApiCidrs', 'access'];
/** Keys that Pulumi.yaml can give no value that means something. */
export const WITHOUT_DEFAULT_AWS = [
  'account',
  'region',
  'repository',
  'repositoryId',
  'repositoryOwnerId',
  'alarmEmail',
  'permissionsBoundary',
];
