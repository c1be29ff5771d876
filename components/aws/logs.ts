import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';

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
