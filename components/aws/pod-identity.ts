import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { DNS_LABEL, DNS_LABEL_FORMAT, formatPath, parse, throwIfAny, type Problem } from '../validation';
import { IAM_NAME } from './account';
import type { ClusterHandle } from './cluster';
import { policyDocument, type Statement } from './policy';
import { createRole } from './role';

export interface PodIdentityArgs {
  cluster: ClusterHandle;
  /** Namespace of the pods. */
  namespace: string;
  /** Service account of the pods. */
  serviceAccount: string;
  /** Physical name of the role. */
  roleName: string;
  /** What the pods may do in AWS. Neither an action nor a resource may be the bare `*`, unless the action knows no resources. */
  statements: readonly Statement[];
  /**
   * ARN of a policy that limits what the role can ever do.
   * @default - none
   */
  permissionsBoundary?: string | undefined;
}

/**
 * Gives the pods of one service account permissions in AWS: EKS hands them short-lived credentials of a role that nobody
 * else can take on, not even the same service account of another cluster. No key is written anywhere.
 *
 * @throws InvalidArgumentsError
 */
export class PodIdentity extends pulumi.ComponentResource {
  readonly roleArn: pulumi.Output<string>;
  /** What pods that need the permissions must wait for. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: PodIdentityArgs, options?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace, serviceAccount, roleName, statements, permissionsBoundary } = args;
    throwIfAny(`pod identity ${JSON.stringify(name)}`, podIdentityProblems(args));
    super('shop:components:AwsPodIdentity', name, {}, options);

    const { role, ready } = createRole(
      `${name}-role`,
      {
        roleName,
        description: `Pods of ${namespace}/${serviceAccount} in ${cluster.clusterName}`,
        trust: trustPods(cluster, namespace, serviceAccount),
        policies: { permissions: policyDocument(statements) },
        permissionsBoundary,
      },
      { parent: this },
    );
    const association = new aws.eks.PodIdentityAssociation(
      `${name}-association`,
      { clusterName: cluster.clusterName, namespace, serviceAccount, roleArn: role.arn },
      { parent: this, dependsOn: [cluster.created] },
    );
    this.roleArn = role.arn;
    this.ready = [...ready, association];
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

/** Trust in EKS's Pod Identity, for one service account of one cluster. */
export function trustPods(
  { clusterArn }: Pick<ClusterHandle, 'clusterArn'>,
  namespace: string,
  serviceAccount: string,
): Statement {
  return {
    Sid: 'TrustPods',
    Effect: 'Allow',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: {
        'aws:RequestTag/eks-cluster-arn': clusterArn,
        'aws:RequestTag/kubernetes-namespace': namespace,
        'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    },
  };
}

/** Actions that IAM lets nobody narrow to a resource. */
const WITHOUT_RESOURCE = /^(ec2:Describe|logs:DescribeLogGroups$|cloudwatch:PutMetricData$|ecr:GetAuthorizationToken$)/;

const label = z.string(DNS_LABEL_FORMAT).regex(DNS_LABEL, DNS_LABEL_FORMAT).max(63, 'must have at most 63 characters');
const schema = z.strictObject({
  namespace: label,
  serviceAccount: label,
  roleName: z.string('must be the name of a role').regex(IAM_NAME, 'must be a name of at most 64 characters'),
  statements: z.array(z.custom<Statement>(), 'must be a list of statements').min(1, 'must allow something'),
  permissionsBoundary: z.string('must be an ARN').optional(),
});

/** What is wrong with the arguments; pure. */
export function podIdentityProblems({ cluster: _cluster, ...args }: PodIdentityArgs): Problem[] {
  const problems: Problem[] = [];
  const parsed = parse(schema, args, [], problems);
  for (const [index, { Action, Resource }] of (parsed?.statements ?? []).entries()) {
    const actions = [Action].flat();
    for (const action of actions.filter((one) => /^([\w-]+:)?\*$/.test(one))) {
      problems.push({
        path: formatPath(['statements', index, 'Action']),
        value: action,
        allowed: 'must name actions, such as "s3:GetObject"',
      });
    }
    if ([Resource ?? '*'].flat().includes('*') && !actions.every((action) => WITHOUT_RESOURCE.test(action))) {
      problems.push({
        path: formatPath(['statements', index, 'Resource']),
        value: '*',
        allowed: 'must name resources by their ARN',
      });
    }
  }
  return problems;
}
