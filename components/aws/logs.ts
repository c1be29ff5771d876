import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';

/** The numbers of days that CloudWatch Logs can keep something for. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const RETENTION_RULE = `must be one of ${RETENTIONS.join(', ')} (days)`;

export const retentionSchema = z.number(RETENTION_RULE).refine((days) => RETENTIONS.includes(days), RETENTION_RULE);

export interface LogGroupArgs {
  logGroupName: string;
  retentionDays: number;
  /** Key that it is encrypted with. */
  keyArn: pulumi.Input<string>;
}

/**
 * Creates a log group before the service that writes to it would: one that a service makes by itself keeps everything for
 * ever, with a key of AWS's own.
 */
export function createLogGroup(
  name: string,
  { logGroupName, retentionDays, keyArn }: LogGroupArgs,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    name,
    { name: logGroupName, retentionInDays: retentionDays, kmsKeyId: keyArn },
    options,
  );
}
