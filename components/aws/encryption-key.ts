import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { iamArn, regionalArn, type Account } from './account';
import { policyDocument, type Statement } from './policy';

export interface EncryptionKeyArgs extends Account {
  /** Name without `alias/`. */
  alias: string;
  description: string;
  /**
   * Whom the key's own policy lets in, besides those that IAM policies of the account let in.
   * @default []
   */
  users?: readonly Statement[];
}

/** Time in which a deletion can be taken back. The longest that KMS has: with a key all that it encrypted is lost. */
const DELETION_WINDOW_DAYS = 30;

/** Creates a key that KMS renews every year, with an alias. */
export function createEncryptionKey(
  name: string,
  args: EncryptionKeyArgs,
  options: pulumi.CustomResourceOptions,
): aws.kms.Key {
  const key = new aws.kms.Key(
    name,
    {
      description: args.description,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      policy: policyDocument([accountRule(args), ...(args.users ?? [])]),
    },
    options,
  );
  new aws.kms.Alias(`${name}-alias`, { name: `alias/${args.alias}`, targetKeyId: key.keyId }, options);
  return key;
}

/** Leaves it to IAM policies who in the account may use the key; without it nobody could ever change it. */
function accountRule(account: Account): Statement {
  return {
    Sid: 'AccountByIamPolicies',
    Effect: 'Allow',
    Principal: { AWS: iamArn(account, 'root') },
    Action: 'kms:*',
    Resource: '*',
  };
}

/** CloudWatch Logs, for log groups whose names begin with one of `prefixes`. */
export function logsMayUse(account: Account, prefixes: readonly string[]): Statement {
  return {
    Sid: 'CloudWatchLogs',
    Effect: 'Allow',
    Principal: { Service: `logs.${account.region}.amazonaws.com` },
    Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    Resource: '*',
    Condition: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': prefixes.map((prefix) =>
          regionalArn(account, 'logs', `log-group:${prefix}*`),
        ),
      },
    },
  };
}

/** CloudWatch's alarms, which write to encrypted topics. */
export function alarmsMayUse({ account }: Account): Statement {
  return {
    Sid: 'CloudWatchAlarms',
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  };
}
