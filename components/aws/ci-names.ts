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
   * Branch whose scheduled runs may look for drift.
   * @default "main"
   */
  branch?: string;
  /** Stack of the application, and name of the protected GitHub environment that deploys it. */
  applicationStack: string;
  /** Stack of the cluster, and name of the protected GitHub environment that changes it. */
  clusterStack: string;
}

export type CiNames = Required<CiSettings>;

const REPOSITORY_RULE = 'must be a repository on GitHub, "owner/name"';
const BRANCH_RULE = 'must be the name of a branch, without wildcards';
const STACK_RULE = 'must be the name of a stack: lower-case letters, digits and single hyphens';

/** No `*` and no `?`: a trust policy must name one repository and one branch. */
const stack = z.string(STACK_RULE).regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, STACK_RULE);
const schema = z
  .strictObject({
    ...accountShape,
    project: stack,
    repository: z.string(REPOSITORY_RULE).regex(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, REPOSITORY_RULE),
    branch: z
      .string(BRANCH_RULE)
      .regex(/^[\w./-]+$/, BRANCH_RULE)
      .optional(),
    applicationStack: stack,
    clusterStack: stack,
  })
  .refine(({ applicationStack, clusterStack }) => applicationStack !== clusterStack, {
    path: ['clusterStack'],
    message: 'must not be the stack of the application',
  });

/** @returns `undefined` when problems were added. */
export function ciNames(settings: CiSettings, path: string[], problems: Problem[]): CiNames | undefined {
  const parsed = parse(schema, settings, path, problems);
  return parsed && { ...parsed, branch: parsed.branch ?? 'main' };
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
