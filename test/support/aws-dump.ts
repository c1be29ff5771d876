import { InvalidArgumentsError } from '../../components/validation';
import { readConfig, type ConfigOf } from '../../infra/config';
import { deployAwsCluster } from '../../stacks/aws-cluster';
import { deployBootstrap } from '../../stacks/bootstrap';
import { AWS } from './aws-mocks';
import { deploy, type Registration } from './deployment';
import { goldenFile, PROJECT, sortKeys, stackConfig } from './dump';
import { mapInputs } from './map-inputs';
import { named } from './registrations';

/** Values that a user has to set, since a repository cannot know them. */
const SET_BY_USER = {
  'shop:account': '123456789012',
  'shop:region': 'eu-central-1',
};
const CLUSTER_REACHED_FROM = { 'shop:privateApiCidrs': '["10.1.0.0/16"]', 'shop:alarmEmail': 'team@example.com' };

export const AWS_GOLDEN = {
  'prod-cluster': goldenFile('prod-cluster'),
  bootstrap: goldenFile('bootstrap'),
};
export type AwsStack = keyof typeof AWS_GOLDEN;

/** What the stack's file says, and what a user adds, as Pulumi hands it over. */
function configOf(stack: AwsStack, more: Record<string, string>): Record<string, string> {
  return { ...stackConfig(stack), ...SET_BY_USER, ...more };
}

/** The stack `prod-cluster`. */
export function clusterDeployment(more: Record<string, string> = {}, stack = 'prod-cluster') {
  return deploy(
    () => {
      const config = readConfig(PROJECT, configOf('prod-cluster', { ...CLUSTER_REACHED_FROM, ...more }));
      return deployAwsCluster(config as ConfigOf<'aws-cluster'>, { project: PROJECT, stack });
    },
    { project: PROJECT, stack, computed: AWS },
  );
}

/** Deployments by what was configured: each is asked many questions, and none is changed. */
const deployments = new Map<string, ReturnType<typeof clusterDeployment>>();

/** The stack `prod-cluster`, deployed once for each configuration. */
export function deployedCluster(more: Record<string, string> = {}): ReturnType<typeof clusterDeployment> {
  const key = JSON.stringify(more);
  const found = deployments.get(key) ?? clusterDeployment(more);
  deployments.set(key, found);
  return found;
}

/** What the stack `prod-cluster` asks for. */
export const registrationsOf = async (more: Record<string, string> = {}) => (await deployedCluster(more)).registrations;

/** The arguments of its cluster. */
export const eksOf = async (more: Record<string, string> = {}) =>
  named(await registrationsOf(more), 'cluster-eks').inputs;

/** Paths of the arguments for which a configuration of `prod-cluster` is refused. */
export async function clusterProblems(more: Record<string, string>): Promise<string[]> {
  try {
    await clusterDeployment(more);
  } catch (error) {
    if (error instanceof InvalidArgumentsError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

/** Tokens have names and numbers, as those of most repositories. */
const GITHUB = { 'shop:repository': 'example/shop', 'shop:repositoryId': '1001', 'shop:repositoryOwnerId': '2002' };

/** The stack `bootstrap`. */
export function bootstrapDeployment(more: Record<string, string> = {}) {
  return deploy(
    () => {
      const config = readConfig(PROJECT, configOf('bootstrap', { ...GITHUB, ...more }));
      return deployBootstrap(config as ConfigOf<'aws-bootstrap'>, { project: PROJECT, stack: 'bootstrap' });
    },
    { project: PROJECT, stack: 'bootstrap', computed: AWS },
  );
}

/** Everything that a stack asks Pulumi for, as text: sorted, and with policies in a form that one can read. */
export async function awsDump(stack: AwsStack): Promise<string> {
  const { registrations } = await (stack === 'bootstrap' ? bootstrapDeployment() : clusterDeployment());
  const key = ({ name, type }: Registration) => `${name} ${type}`;
  const sorted = registrations.sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(dumped);
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function dumped({ type, name, parent, provider, protect, inputs, dependencies, secrets }: Registration) {
  return sortKeys({
    type,
    name,
    ...(parent === '' ? {} : { parent }),
    ...(provider === '' ? {} : { provider }),
    ...(protect ? { protect } : {}),
    ...(dependencies.length > 0 ? { dependencies } : {}),
    inputs: shown(inputs, secrets),
  });
}

/** Marks a resource among the arguments of a component that lives in a plugin. */
const SIGNATURE = '4dabf18193072939515e22adb298388d';

/** Texts that hold JSON, such as policies, as what they hold; resources as their names. */
function shown(inputs: unknown, secrets: readonly string[]): unknown {
  return mapInputs(inputs, (value, path) => {
    if (secrets.includes(path)) return '[secret]';
    if (value !== null && typeof value === 'object' && SIGNATURE in value && 'urn' in value)
      return `[resource ${String(value.urn).split('::').at(-1)!}]`;
    return typeof value === 'string' && value.startsWith('{') ? (JSON.parse(value) as unknown) : undefined;
  });
}
