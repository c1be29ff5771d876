import { z } from 'zod';
import { parse, type Problem } from '../validation';
import { accountShape, iamArn, type Account } from './account';

/** Arguments of the roles for CI that are known before anything is created. */
export interface CiSettings extends Account {
  /** Begins the names of what all stacks share, and of the stacks' own resources. */
  project: string;
  /** Repository on GitHub whose workflows may take the roles on: `owner/name`. */
  repository: string;
  /**
   * Number of the repository on GitHub, with which its tokens name it since July 2026 unless it is older.
   * @default - tokens name the repository without numbers
   */
  repositoryId?: string | undefined;
  /**
   * Number of the account or organization that owns the repository; goes with `repositoryId`.
   * @default - tokens name the repository without numbers
   */
  repositoryOwnerId?: string | undefined;
  /**
   * Whether tokens are trusted that name the repository without its numbers. A name can be given up and taken by somebody else.
   * @default true
   */
  trustRepositoryName?: boolean | undefined;
  /** Stack of the application, and name of the protected GitHub environment that deploys it. */
  applicationStack: string;
  /** Stack of the cluster, and name of the protected GitHub environment that changes it. */
  clusterStack: string;
}

/** The numbers with which GitHub's tokens name a repository. */
export interface RepositoryIds {
  owner: string;
  repository: string;
}

export interface CiNames extends Omit<CiSettings, 'repositoryId' | 'repositoryOwnerId' | 'trustRepositoryName'> {
  /** Undefined where tokens have none. */
  ids: RepositoryIds | undefined;
  trustRepositoryName: boolean;
}

const REPOSITORY_RULE = 'must be a repository on GitHub, "owner/name"';
const ID_RULE = 'must be the number that GitHub gave it, such as "1296269"';
const STACK_RULE = 'must be the name of a stack: lower-case letters, digits and single hyphens';

/** Environment of GitHub for what looks at deployed stacks from the main branch: plans that are to be approved, and drift. */
export const PLAN_ENVIRONMENT = 'plan';

/** The name of the bucket has 63 characters at most, and the account and the region in it. */
const MAX_NAME = 20;

const id = z
  .string(ID_RULE)
  .regex(/^[1-9]\d{0,18}$/, ID_RULE)
  .optional();
/** No `*` and no `?`: a trust policy must name one repository and one environment. */
const stack = z
  .string(STACK_RULE)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, STACK_RULE)
  .max(MAX_NAME, `must have at most ${MAX_NAME} characters`)
  // A stack that changes something has the environment of its name, which must not be that of another role.
  .refine((name) => name !== PLAN_ENVIRONMENT, `must not be ${JSON.stringify(PLAN_ENVIRONMENT)}`);
const schema = z
  .strictObject({
    ...accountShape,
    project: stack,
    repository: z.string(REPOSITORY_RULE).regex(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, REPOSITORY_RULE),
    repositoryId: id,
    repositoryOwnerId: id,
    trustRepositoryName: z.boolean('must be true or false').optional(),
    applicationStack: stack,
    clusterStack: stack,
  })
  .refine(({ applicationStack, clusterStack }) => applicationStack !== clusterStack, {
    path: ['clusterStack'],
    message: 'must not be the stack of the application',
  })
  .refine(({ repositoryId, repositoryOwnerId }) => (repositoryId === undefined) === (repositoryOwnerId === undefined), {
    path: ['repositoryOwnerId'],
    message: 'must be given with repositoryId, and not without it',
  })
  .refine(({ repositoryId, trustRepositoryName }) => trustRepositoryName !== false || repositoryId !== undefined, {
    path: ['trustRepositoryName'],
    message: 'must be true where repositoryId is not given: no token would be trusted',
  });

/** @returns `undefined` when problems were added. */
export function ciNames(settings: CiSettings, path: string[], problems: Problem[]): CiNames | undefined {
  const parsed = parse(schema, settings, path, problems);
  if (!parsed) return undefined;
  const { repositoryId, repositoryOwnerId, trustRepositoryName = true, ...names } = parsed;
  const ids =
    repositoryId === undefined || repositoryOwnerId === undefined
      ? undefined
      : { owner: repositoryOwnerId, repository: repositoryId };
  return { ...names, ids, trustRepositoryName };
}

/** Name of the bucket that holds the state of a project's stacks. */
export function stateBucketName({ project, account, region }: Account & { project: string }): string {
  return `${project}-pulumi-state-${account}-${region}`;
}

/** Alias of the key that encrypts stacks' secrets, without its `alias/`. */
export const secretsAlias = (project: string) => `${project}-pulumi-secrets`;

/** What `pulumi stack init --secrets-provider` takes. The context ties a stack's secrets to roles that may read them. */
export function secretsProvider({ project, region }: { project: string; region: string }, stackName: string): string {
  return `awskms://alias/${secretsAlias(project)}?region=${region}&context_stack=${stackName}`;
}

/** Physical name of a role for CI. */
export const ciRoleName = (project: string, role: string) => `${project}-ci-${role}`;

/** Name of the policy that limits what roles can do that CI makes. */
export const boundaryName = (project: string) => `${project}-boundary`;

export function boundaryArn({ project, ...account }: Account & { project: string }): string {
  return iamArn(account, `policy/${boundaryName(project)}`);
}

/** Begins the physical names of a stack's resources. */
export const stackPrefix = (project: string, stackName: string) => `${project}-${stackName}`;
