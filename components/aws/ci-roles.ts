import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { throwIfAny, type Problem } from '../validation';
import { boundary } from './boundary';
import { PLAN_ENVIRONMENT, boundaryName, ciNames, ciRoleName, type CiNames, type CiSettings } from './ci-names';
import {
  GITHUB_ISSUER,
  lookAtEverything,
  managePodRoles,
  pullImages,
  pushImages,
  reachCluster,
  readState,
  trustGitHub,
  writeState,
  type CiKeys,
  type Trusted,
} from './ci-policies';
import { infrastructure } from './infrastructure-policy';
import { policyDocument, type Statement } from './policy';
import { createRole } from './role';

export interface CiRolesArgs extends CiSettings {
  /** Key that the state is encrypted with. */
  stateKeyArn: pulumi.Input<string>;
  /** Key that the secrets of stacks are encrypted with. */
  secretsKeyArn: pulumi.Input<string>;
  /**
   * Whether the account already trusts GitHub's tokens, which it can do only once.
   * @default false
   */
  providerExists?: boolean;
}

/** Who takes a role on, and what it may do. */
interface RolePlan {
  description: string;
  trusted: Trusted[];
  policies: Record<string, (keys: CiKeys) => Statement[]>;
}

/**
 * The roles for CI, each for one kind of run: `preview` looks, from pull requests and before a deployment; `deploy` puts the
 * application on the cluster and `infrastructure` changes the cluster, each from a protected environment of GitHub.
 */
export function rolePlans(names: CiNames): Record<'preview' | 'deploy' | 'infrastructure', RolePlan> {
  const { applicationStack, clusterStack } = names;
  return {
    preview: {
      description: 'Previews of pull requests and of deployments, and the search for drift',
      trusted: [{ pullRequests: true }, { environment: PLAN_ENVIRONMENT }],
      policies: {
        state: (keys) => readState(names, keys, [applicationStack, clusterStack]),
        look: () => [lookAtEverything(names), reachCluster(names), ...pullImages(names)],
      },
    },
    deploy: {
      description: 'Deploys the application to the cluster',
      trusted: [{ environment: applicationStack }],
      policies: {
        state: (keys) => [
          ...readState(names, keys, [applicationStack, clusterStack]),
          ...writeState(names, keys, applicationStack),
        ],
        application: () => [reachCluster(names), ...pullImages(names), pushImages(names), ...managePodRoles(names)],
      },
    },
    infrastructure: {
      description: 'Changes the cluster and what it stands on',
      trusted: [{ environment: clusterStack }],
      policies: {
        state: (keys) => [...readState(names, keys, [clusterStack]), ...writeState(names, keys, clusterStack)],
        ...Object.fromEntries(
          Object.entries(infrastructure(names)).map(([policy, statements]) => [policy, () => statements]),
        ),
      },
    },
  };
}

/**
 * Roles that workflows of one GitHub repository take on with short-lived tokens: there is no key to steal. Which role a run
 * gets follows from what kind of run it is, and GitHub signs that.
 *
 * @throws InvalidArgumentsError
 */
export class CiRoles extends pulumi.ComponentResource {
  readonly roleArns: Readonly<Record<'preview' | 'deploy' | 'infrastructure', pulumi.Output<string>>>;
  /** Policy that limits every role that CI makes. */
  readonly boundaryArn: pulumi.Output<string>;

  constructor(name: string, args: CiRolesArgs, options?: pulumi.ComponentResourceOptions) {
    const { stateKeyArn, secretsKeyArn, providerExists = false, ...settings } = args;
    const problems: Problem[] = [];
    const names = ciNames(settings, [], problems)!;
    throwIfAny(`roles for CI ${JSON.stringify(name)}`, problems);
    super('shop:components:AwsCiRoles', name, {}, options);

    const child = { parent: this };
    const keys = pulumi.output({ stateKeyArn, secretsKeyArn });
    const trust = providerExists
      ? []
      : [
          new aws.iam.OpenIdConnectProvider(
            `${name}-github`,
            // AWS checks GitHub's certificate against its own authorities; a thumbprint would be ignored.
            { url: `https://${GITHUB_ISSUER}`, clientIdLists: ['sts.amazonaws.com'] },
            child,
          ),
        ];
    const limit = new aws.iam.Policy(
      `${name}-boundary`,
      {
        name: boundaryName(names.project),
        description: 'The most that a role can do which CI makes',
        policy: keys.apply((both) => policyDocument(boundary(names, both))),
      },
      child,
    );
    const roles = Object.entries(rolePlans(names)).map(([role, plan]) => {
      const { role: made } = createRole(
        `${name}-${role}`,
        {
          roleName: ciRoleName(names.project, role),
          description: plan.description,
          trust: trustGitHub(names, plan.trusted),
          policies: Object.fromEntries(
            Object.entries(plan.policies).map(([policy, statements]) => [
              policy,
              keys.apply((both) => policyDocument(statements(both))),
            ]),
          ),
        },
        { ...child, dependsOn: trust },
      );
      return [role, made.arn] as const;
    });
    this.roleArns = Object.fromEntries(roles) as typeof this.roleArns;
    this.boundaryArn = limit.arn;
    this.registerOutputs({ roleArns: this.roleArns, boundaryArn: this.boundaryArn });
  }
}
