import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { policyDocument } from './policy';

export interface StateBucketArgs {
  /** Physical name, unique in the world. */
  bucketName: string;
  /** Key that the state is encrypted with. */
  keyArn: pulumi.Input<string>;
}

/** Days for which a state that was overwritten can be had back. */
const KEEP_OLD_STATES_DAYS = 90;
const KEEP_BROKEN_UPLOADS_DAYS = 7;

/**
 * Where Pulumi keeps the state of its stacks: encrypted, with every earlier version, reachable by TLS only and never
 * public. `destroy` refuses to delete it.
 */
export class StateBucket extends pulumi.ComponentResource {
  readonly bucketName: string;

  constructor(name: string, { bucketName, keyArn }: StateBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super('shop:components:AwsStateBucket', name, {}, options);
    const bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { bucket: bucketName, forceDestroy: false },
      { parent: this, protect: true },
    );
    const of = { bucket: bucket.bucket };
    const child = { parent: this };
    const blocked = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { ...of, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      child,
    );
    const versions = new aws.s3.BucketVersioning(
      `${name}-versions`,
      { ...of, versioningConfiguration: { status: 'Enabled' } },
      child,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        ...of,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
            // One call of KMS for many objects.
            bucketKeyEnabled: true,
            blockedEncryptionTypes: ['SSE-C'],
          },
        ],
      },
      child,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        ...of,
        rules: [
          {
            id: 'old-states',
            status: 'Enabled',
            filter: { prefix: '' },
            noncurrentVersionExpiration: { noncurrentDays: KEEP_OLD_STATES_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: KEEP_BROKEN_UPLOADS_DAYS },
          },
        ],
      },
      { ...child, dependsOn: [versions] },
    );
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { ...of, policy: tlsOnly(bucketName) },
      // A policy cannot be written while the block is being set.
      { ...child, dependsOn: [blocked] },
    );
    this.bucketName = bucketName;
    this.registerOutputs({ bucketName });
  }
}

/** Refuses requests without TLS, or with one older than 1.2. */
export function tlsOnly(bucketName: string): string {
  const resources = [`arn:aws:s3:::${bucketName}`, `arn:aws:s3:::${bucketName}/*`];
  const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: resources } as const;
  return policyDocument([
    { ...deny, Sid: 'NoPlainText', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    { ...deny, Sid: 'NoOldTls', Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
  ]);
}
