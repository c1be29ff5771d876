// Data: what must not be deleted with the rest, and what must be encrypted at rest.
import { resourceRule, shown, type Finding, type Resource } from '../rule';
import { RETAINING_COMPONENTS } from '../settings';
import type { Value } from '../value';

const wrong = (value: Value, wanted: boolean): Finding => ({
  path: value.path,
  problem: `${value.isAbsent ? 'is not set' : `${shown(value)} is not allowed`}; must be ${String(wanted)}`,
});

/** Where nothing said is as good as the wrong thing. */
const mustBeOn = (value: Value): Finding[] => (value.isOff ? [wrong(value, true)] : []);

/** Where nothing said is as good as the right thing. */
const mustNotBe = (value: Value, unwanted: boolean): Finding[] =>
  value.raw === unwanted || value.raw === String(unwanted) ? [wrong(value, !unwanted)] : [];

/** How a type protects its data itself. Absent is protected only where AWS refuses to delete what is not empty. */
const PROTECTION: Record<string, (props: Value) => Finding[]> = {
  'aws:rds/instance:Instance': database,
  'aws:rds/cluster:Cluster': database,
  'aws:docdb/cluster:Cluster': database,
  'aws:neptune/cluster:Cluster': database,
  'aws:dynamodb/table:Table': (props) => mustBeOn(props.get('deletionProtectionEnabled')),
  'aws:s3/bucket:Bucket': (props) => mustNotBe(props.get('forceDestroy'), true),
  'aws:s3/bucketV2:BucketV2': (props) => mustNotBe(props.get('forceDestroy'), true),
  'aws:ecr/repository:Repository': (props) => mustNotBe(props.get('forceDelete'), true),
  'awsx:ecr:Repository': (props) => mustNotBe(props.get('forceDelete'), true),
  'aws:cognito/userPool:UserPool': (props) => {
    const protection = props.get('deletionProtection');
    return protection.isUnknown || protection.string === 'ACTIVE'
      ? []
      : [
          {
            path: protection.path,
            problem: `${protection.isAbsent ? 'is not set' : `${shown(protection)} is not allowed`}; must be "ACTIVE"`,
          },
        ];
  },
  'kubernetes:apps/v1:StatefulSet': (props) => {
    const policy = props.at('spec.persistentVolumeClaimRetentionPolicy.whenDeleted');
    return policy.string === 'Delete'
      ? [{ path: policy.path, problem: '"Delete" is not allowed; must be "Retain"' }]
      : [];
  },
};

function database(props: Value): Finding[] {
  return [...mustBeOn(props.get('deletionProtection')), ...mustNotBe(props.get('skipFinalSnapshot'), true)];
}

/** Types that only Pulumi can protect. */
const UNPROTECTED = [
  'docker:index/volume:Volume',
  'kubernetes:core/v1:PersistentVolumeClaim',
  'kubernetes:core/v1:PersistentVolume',
  'aws:ebs/volume:Volume',
  'aws:efs/fileSystem:FileSystem',
];

/** Whether a component that keeps its data created it. A URN has the types of all parents before the resource's own. */
function isRetained({ urn, retainOnDelete }: Resource, components: readonly string[]): boolean {
  if (retainOnDelete !== undefined) return retainOnDelete;
  const parents = urn.split('::')[2]?.split('$').slice(0, -1) ?? [];
  return parents.some((parent) => components.includes(parent));
}

export const dataProtected = resourceRule<{ retainingComponents: readonly string[] }>({
  name: 'data-protected',
  level: 'mandatory',
  description:
    'Resources that store data are protected from deletion, by their service or by `protect` or `retainOnDelete` in Pulumi.',
  remedy:
    'Enable the deletion protection of the service, or set the resource option `protect: true`; exempt resources whose data may be lost',
  settings: { retainingComponents: RETAINING_COMPONENTS },
  check: (resource, { retainingComponents }) => {
    const { type, props, protect } = resource;
    if (protect || isRetained(resource, retainingComponents)) return [];
    if (UNPROTECTED.includes(type))
      return [{ path: 'protect', problem: 'is not true; deleting the resource deletes its data' }];
    return PROTECTION[type]?.(props) ?? [];
  },
});

const encrypted = (name: string) => (props: Value) => mustBeOn(props.at(name));

/** Where a type says whether its data are encrypted. S3, ECR, DynamoDB and logs always are. */
const ENCRYPTION: Record<string, (props: Value) => Finding[]> = {
  'aws:rds/instance:Instance': (props) =>
    props.get('replicateSourceDb').isAbsent && props.get('snapshotIdentifier').isAbsent
      ? mustBeOn(props.get('storageEncrypted'))
      : [],
  'aws:rds/cluster:Cluster': encrypted('storageEncrypted'),
  'aws:docdb/cluster:Cluster': encrypted('storageEncrypted'),
  'aws:neptune/cluster:Cluster': encrypted('storageEncrypted'),
  'aws:redshift/cluster:Cluster': (props) => mustNotBe(props.get('encrypted'), false),
  'aws:ebs/volume:Volume': encrypted('encrypted'),
  'aws:efs/fileSystem:FileSystem': encrypted('encrypted'),
  'aws:elasticache/replicationGroup:ReplicationGroup': encrypted('atRestEncryptionEnabled'),
  'aws:opensearch/domain:Domain': encrypted('encryptAtRest.enabled'),
  'aws:elasticsearch/domain:Domain': encrypted('encryptAtRest.enabled'),
  'aws:ec2/instance:Instance': (props) => [
    ...mustBeOn(props.at('rootBlockDevice.encrypted')),
    ...props
      .get('ebsBlockDevices')
      .items()
      .flatMap((device) => mustBeOn(device.get('encrypted'))),
  ],
  'aws:ec2/launchTemplate:LaunchTemplate': (props) =>
    props
      .get('blockDeviceMappings')
      .items()
      .flatMap((device) => (device.get('ebs').isSet ? mustBeOn(device.at('ebs.encrypted')) : [])),
  'aws:eks/cluster:Cluster': (props) => given(props.at('encryptionConfig.provider.keyArn'), 'Secrets'),
  'eks:index:Cluster': (props) => given(props.get('encryptionConfigKeyArn'), 'Secrets'),
  'kubernetes:storage.k8s.io/v1:StorageClass': (props) =>
    /ebs/.test(props.get('provisioner').string ?? '') ? mustBeOn(props.at('parameters.encrypted')) : [],
};

function given(key: Value, what: string): Finding[] {
  return key.isAbsent
    ? [{ path: key.path, problem: `is not set; ${what} are not encrypted with a customer managed key` }]
    : [];
}

export const dataEncrypted = resourceRule({
  name: 'data-encrypted',
  level: 'mandatory',
  description:
    'On AWS, disks, databases, caches and file systems are encrypted at rest, and Secrets of EKS clusters with a customer managed key.',
  remedy: 'Enable encryption; most types must be recreated for that, and their data copied',
  check: ({ type, props }) => ENCRYPTION[type]?.(props) ?? [],
});
