import type * as pulumi from '@pulumi/pulumi';
import { iamArn } from '../components/aws/account';
import type { ClusterHandle } from '../components/aws/cluster';
import { PodIdentity, podIdentityProblems, type PodIdentityArgs } from '../components/aws/pod-identity';
import type { Statement } from '../components/aws/policy';
import { createProvider } from '../components/aws/provider';
import { throwIfAny, type Problem } from '../components/validation';
import type { PodPermissions } from './eks';

export interface PodRolesArgs {
  cluster: ClusterHandle;
  project: string;
  stack: string;
  namespace: string;
  permissions: PodPermissions;
  /** Name of the IAM policy that limits every role. */
  permissionsBoundary?: string | undefined;
  tags: Readonly<Record<string, string>>;
}

/**
 * Roles for the pods of those members that have permissions in AWS. Loads AWS's package, so it is loaded only for them.
 *
 * @returns what pods must wait for: credentials are handed out when a pod is made, and never later.
 * @throws InvalidArgumentsError before the first role is created.
 */
export function createPodRoles(args: PodRolesArgs): pulumi.Resource[] {
  const { cluster, project, stack, tags } = args;
  const roles = Object.keys(args.permissions).map((member) => [member, podRole(member, args)] as const);
  const problems = roles.flatMap(([member, role]) =>
    podIdentityProblems(role).map((problem): Problem => ({
      ...problem,
      path: `podPermissions.${member}${asConfigured(problem.path)}`,
    })),
  );
  throwIfAny("the stack's configuration", problems);
  const provider = createProvider('aws', { account: cluster.account, region: cluster.region, project, stack, tags });
  return roles.flatMap(([member, role]) => new PodIdentity(`pod-${member}`, role, { providers: [provider] }).ready);
}

/** The name is one of those that the role `deploy` for CI may give. */
function podRole(member: string, args: PodRolesArgs): PodIdentityArgs {
  const { cluster, project, stack, namespace, permissionsBoundary } = args;
  return {
    cluster,
    namespace,
    serviceAccount: member,
    roleName: `${project}-${stack}-pod-${member}`,
    statements: args.permissions[member]!.map(({ actions, resources }, index): Statement => ({
      Sid: `Allow${index}`,
      Effect: 'Allow',
      Action: actions,
      Resource: resources,
    })),
    ...(permissionsBoundary === undefined
      ? {}
      : { permissionsBoundary: iamArn(cluster, `policy/${permissionsBoundary}`) }),
  };
}

/** The path of a statement's part as it stands in the configuration. */
function asConfigured(path: string): string {
  return path
    .replace(/^statements/, '')
    .replace('.Action', '.actions')
    .replace('.Resource', '.resources');
}
