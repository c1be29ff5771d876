import type * as pulumi from '@pulumi/pulumi';
import type { Account } from '../components/aws/account';
import { ciNames, secretsAlias, secretsProvider, stateBucketName, type CiSettings } from '../components/aws/ci-names';
import { CiRoles } from '../components/aws/ci-roles';
import { createEncryptionKey } from '../components/aws/encryption-key';
import { createProvider } from '../components/aws/provider';
import { StateBucket } from '../components/aws/state-bucket';
import { throwIfAny, type Problem } from '../components/validation';

export interface BootstrapStackArgs extends Account {
  /** Repository on GitHub whose workflows deploy: `owner/name`. */
  repository: string;
  /** Numbers of the repository and of its owner on GitHub. */
  repositoryId?: string | undefined;
  repositoryOwnerId?: string | undefined;
  /** Whether tokens are trusted that have no such numbers. */
  trustRepositoryName: boolean;
  applicationStack: string;
  clusterStack: string;
  /** Whether the account already trusts GitHub's tokens. */
  githubProviderExists: boolean;
  /** Tags beside `Project`, `Stack` and `ManagedBy`. */
  costTags: Record<string, string>;
}

export interface BootstrapOutputs {
  /** For `pulumi login`. */
  backend: string;
  /** For `pulumi stack init --secrets-provider`, by stack. */
  secretsProviders: Record<string, string>;
  /** For the workflows' `role-to-assume`, by the kind of run. */
  roleArns: Readonly<Record<string, pulumi.Output<string>>>;
  /** Policy that limits the roles of the other stacks. */
  permissionsBoundaryArn: pulumi.Output<string>;
}

/**
 * What a team needs before anything else on AWS: a place for the state of its stacks, a key for their secrets, and roles for
 * CI. A person with administrator's rights deploys it once.
 */
export function deployBootstrap(
  config: BootstrapStackArgs,
  { project, stack }: { project: string; stack: string },
): BootstrapOutputs {
  const account = { account: config.account, region: config.region };
  const settings: CiSettings = {
    ...account,
    project,
    repository: config.repository,
    repositoryId: config.repositoryId,
    repositoryOwnerId: config.repositoryOwnerId,
    trustRepositoryName: config.trustRepositoryName,
    applicationStack: config.applicationStack,
    clusterStack: config.clusterStack,
  };
  const problems: Problem[] = [];
  ciNames(settings, [], problems);
  throwIfAny('the configuration of the bootstrap stack', problems);

  const provider = createProvider('aws', { ...account, project, stack, tags: config.costTags });
  const stateKey = createEncryptionKey(
    'state-key',
    { ...account, alias: `${project}-pulumi-state`, description: `State of the stacks of ${project}` },
    { provider, protect: true },
  );
  const secretsKey = createEncryptionKey(
    'secrets-key',
    {
      ...account,
      alias: secretsAlias(project),
      description: `Secrets in the stacks of ${project}`,
    },
    { provider, protect: true },
  );
  const bucket = new StateBucket(
    'state',
    { bucketName: stateBucketName(settings), keyArn: stateKey.arn },
    { providers: [provider] },
  );
  const roles = new CiRoles(
    'ci',
    {
      ...settings,
      stateKeyArn: stateKey.arn,
      secretsKeyArn: secretsKey.arn,
      providerExists: config.githubProviderExists,
    },
    { providers: [provider] },
  );
  return {
    backend: `s3://${bucket.bucketName}?region=${config.region}`,
    secretsProviders: Object.fromEntries(
      [config.applicationStack, config.clusterStack, stack].map((name) => [
        name,
        secretsProvider({ project, region: config.region }, name),
      ]),
    ),
    roleArns: roles.roleArns,
    permissionsBoundaryArn: roles.boundaryArn,
  };
}
