import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { policyDocument, type Statement } from './policy';

export interface RoleArgs {
  /** Physical name. Fixed, since policies of CI roles name it. */
  roleName: string;
  description: string;
  /** Who may take the role on. */
  trust: Statement;
  /**
   * Names of AWS's own policies.
   * @default []
   */
  managedPolicies?: readonly string[];
  /**
   * Inline policies by name.
   * @default {}
   */
  policies?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * ARN of a policy that limits what the role can ever do.
   * @default - none
   */
  permissionsBoundary?: string | undefined;
}

/** A role and what gives it its permissions: who needs the role at work depends on `ready`. */
export interface Role {
  role: aws.iam.Role;
  ready: pulumi.Resource[];
}

/** Creates an IAM role with its policies. */
export function createRole(name: string, args: RoleArgs, options: pulumi.CustomResourceOptions): Role {
  const role = new aws.iam.Role(
    name,
    {
      name: args.roleName,
      description: args.description,
      assumeRolePolicy: policyDocument([args.trust]),
      ...(args.permissionsBoundary === undefined ? {} : { permissionsBoundary: args.permissionsBoundary }),
    },
    options,
  );
  const attached = (args.managedPolicies ?? []).map(
    (policy) =>
      new aws.iam.RolePolicyAttachment(
        `${name}-${policy}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        options,
      ),
  );
  const inline = Object.entries(args.policies ?? {}).map(
    ([policyName, policy]) =>
      new aws.iam.RolePolicy(`${name}-${policyName}`, { role: role.name, name: policyName, policy }, options),
  );
  return { role, ready: [role, ...attached, ...inline] };
}
