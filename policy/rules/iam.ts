// Rights: policies of AWS, and roles of Kubernetes.
import { resourceRule, shown, type Finding, type Resource } from '../rule';
import type { Value } from '../value';

/** Where types have policies that say what their holder may do. */
const IDENTITY_POLICIES: Record<string, (props: Value) => Value[]> = {
  'aws:iam/policy:Policy': (props) => [props.get('policy')],
  'aws:iam/rolePolicy:RolePolicy': (props) => [props.get('policy')],
  'aws:iam/userPolicy:UserPolicy': (props) => [props.get('policy')],
  'aws:iam/groupPolicy:GroupPolicy': (props) => [props.get('policy')],
  'aws:iam/role:Role': (props) =>
    props
      .get('inlinePolicies')
      .items()
      .map((one) => one.get('policy')),
};

/** Where types have policies that say who may use them. */
const RESOURCE_POLICIES: Record<string, string> = {
  'aws:iam/role:Role': 'assumeRolePolicy',
  'aws:s3/bucketPolicy:BucketPolicy': 'policy',
  'aws:kms/key:Key': 'policy',
  'aws:sqs/queue:Queue': 'policy',
  'aws:sqs/queuePolicy:QueuePolicy': 'policy',
  'aws:sns/topic:Topic': 'policy',
  'aws:sns/topicPolicy:TopicPolicy': 'policy',
  'aws:ecr/repositoryPolicy:RepositoryPolicy': 'policy',
  'aws:secretsmanager/secret:Secret': 'policy',
  'aws:secretsmanager/secretPolicy:SecretPolicy': 'policy',
};

/** Statements that allow something; their names may be written in either case. */
function allowing(policy: Value): Value[] {
  const document = policy.json();
  return one(document, 'Statement')
    .list()
    .filter((statement) => one(statement, 'Effect').string === 'Allow');
}

const one = (value: Value, name: string) => {
  const own = value.get(name);
  return own.isAbsent ? value.get(name[0]!.toLowerCase() + name.slice(1)) : own;
};
const many = (statement: Value, name: string) => one(statement, name).list();
const isLimited = (statement: Value) => {
  const condition = one(statement, 'Condition');
  return condition.isUnknown || condition.entries().length > 0;
};

/** `*`, and other ways to write it: every name in an ARN, every account, every role. */
const EVERYWHERE = /^(\*|arn:(\*|[^:]*:[^:]*:[^:]*:[^:]*:\*|[^:]*:(iam|sts):[^:]*:[^:]*:[\w-]+\/\*))$/;
/** Rights that let their holder take all others. */
const ESCALATING =
  /^(sts:(AssumeRole|\*)|iam:(PassRole|(Attach|Put)(Role|User|Group)Policy|CreatePolicyVersion|SetDefaultPolicyVersion|UpdateAssumeRolePolicy|CreateAccessKey|\w*\*\w*))$/i;

function tooManyRights(statement: Value): Finding[] {
  const everywhere = many(statement, 'Resource').some(({ string = '' }) => EVERYWHERE.test(string));
  const exceptions = one(statement, 'NotAction');
  if (exceptions.isSet)
    return [{ path: exceptions.path, problem: 'allows every action except these, including those of future services' }];
  return many(statement, 'Action').flatMap((action) => {
    const text = action.string;
    if (text === undefined) return [];
    if (/^\*(:\*)?$/.test(text))
      return [{ path: action.path, problem: `${shown(action)} is not allowed; must list actions` }];
    if (!everywhere || isLimited(statement)) return [];
    if (/^[\w-]+:\*$/.test(text) || ESCALATING.test(text))
      return [
        {
          path: action.path,
          problem: `${shown(action)} on all resources is not allowed; must list resources or set a condition`,
        },
      ];
    return [];
  });
}

function tooManyPrincipals(statement: Value): Finding[] {
  if (isLimited(statement)) return [];
  const principal = one(statement, 'Principal');
  const everybody = [principal, ...principal.entries().flatMap(([, value]) => value.list())].filter(
    ({ string }) => string === '*',
  );
  const federated = principal.get('Federated').list();
  return [
    ...everybody.map((value) => ({ path: value.path, problem: '"*" without a condition allows everyone' })),
    ...federated.map((value) => ({
      path: value.path,
      problem: `${shown(value)} without a condition allows every identity of that provider`,
    })),
  ];
}

const BROAD = /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

/** Attached policies of AWS that allow nearly all actions. */
function attached({ type, props }: Resource): Value[] {
  if (/^aws:iam\/\w*[pP]olicyAttachment:/.test(type)) return [props.get('policyArn')];
  return type === 'aws:iam/role:Role' ? props.get('managedPolicyArns').items() : [];
}

export const noIamWildcards = resourceRule({
  name: 'no-iam-wildcards',
  level: 'mandatory',
  description:
    'AWS policies do not allow all actions nor, without a condition, all actions of a service, `sts:AssumeRole`, `iam:PassRole` or other actions by which an identity gives itself permissions, on all resources or all roles, nor all principals; no administrator policy is attached.',
  remedy: 'List the required actions, resources and principals, or restrict the statement with a condition',
  check: (resource) => {
    const { type, props } = resource;
    const identity = IDENTITY_POLICIES[type]?.(props) ?? [];
    const path = RESOURCE_POLICIES[type];
    return [
      ...identity.flatMap(allowing).flatMap(tooManyRights),
      ...(path === undefined ? [] : allowing(props.get(path)).flatMap(tooManyPrincipals)),
      ...attached(resource)
        .filter(({ string }) => BROAD.test(string ?? ''))
        .map((value) => ({ path: value.path, problem: `${shown(value)} allows nearly all actions` })),
    ];
  },
});

const ROLE = /^kubernetes:rbac\.authorization\.k8s\.io\/v\w+:(Cluster)?Role$/;
const BINDING = /^kubernetes:rbac\.authorization\.k8s\.io\/v\w+:(Cluster)?RoleBinding$/;

export const noRbacWildcards = resourceRule({
  name: 'no-rbac-wildcards',
  level: 'mandatory',
  description: 'No Kubernetes role has "*" in its verbs or resources, and no binding refers to `cluster-admin`.',
  remedy: 'List the required verbs and resources; bind a dedicated role',
  check: ({ type, props }) => {
    if (ROLE.test(type)) {
      return props
        .get('rules')
        .items()
        .flatMap((rule) => ['verbs', 'resources'].flatMap((name) => rule.get(name).items()))
        .filter(({ string }) => string === '*')
        .map(({ path }) => ({ path, problem: '"*" is not allowed; must be listed one by one' }));
    }
    const role = props.at('roleRef.name');
    return BINDING.test(type) && role.string === 'cluster-admin'
      ? [{ path: role.path, problem: '"cluster-admin" is not allowed; it has full access to the cluster' }]
      : [];
  },
});
