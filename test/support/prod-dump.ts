import * as pulumi from '@pulumi/pulumi';
import { readConfig, type ConfigOf } from '../../infra/config';
import { connectionOf, deployToEks } from '../../stacks/eks';
import type { ClusterFacts } from '../../components/kubernetes/preflight';
import { deployedCluster } from './aws-dump';
import { AWS } from './aws-mocks';
import { deploy, valueOf } from './deployment';
import { dump, goldenFile, PROJECT, stackConfig } from './dump';
import { KUBERNETES } from './kubernetes-mocks';
import { quietHost, registryWith } from './staging-dump';

export const PROD_GOLDEN = goldenFile('prod');

/** What the cluster of `prod-cluster` has before its first workload: no node that takes pods. */
const FACTS: ClusterFacts = {
  version: 'v1.35.0',
  nodes: [],
  storageClasses: [{ name: 'encrypted', isDefault: true, canGrow: true }],
  ingressClasses: ['alb'],
  claims: new Map(),
  tlsSecrets: new Map(),
  pullSecrets: [],
  metrics: true,
};

/** Values that a user has to set. */
const SET_BY_USER = {
  'shop:certificate': 'arn:aws:acm:eu-central-1:123456789012:certificate/0123-abcd',
  'shop:host': 'shop.example.com',
};

interface ProdOptions {
  /** Configuration beside that of the stack's file; `undefined` takes a key away. */
  config?: Record<string, string | undefined>;
  /** Configuration of the cluster's stack. */
  cluster?: Record<string, string>;
  /** Outputs of the cluster's stack in place of its own. */
  outputs?: Record<string, unknown>;
  published?: boolean;
  /** What the cluster has beside its own. */
  facts?: Partial<ClusterFacts>;
  stack?: string;
}

/** What the stack `prod-cluster` gives: its own outputs, as its own program makes them. */
async function clusterOutputs(cluster: Record<string, string>): Promise<Record<string, unknown>> {
  return await valueOf(pulumi.output((await deployedCluster(cluster)).result));
}

/** The stack `prod`, joined to what `prod-cluster` makes. */
export async function prodDeployment({
  config = {},
  cluster = {},
  outputs,
  published = false,
  facts = {},
  stack = 'prod',
}: ProdOptions = {}) {
  const given = outputs ?? (await clusterOutputs(cluster));
  const asked: string[] = [];
  const deployment = await deploy(
    () => {
      const values = { ...stackConfig('prod'), ...SET_BY_USER, ...config };
      const set = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return deployToEks(
        readConfig(PROJECT, Object.fromEntries(set)) as ConfigOf<'eks'>,
        { project: PROJECT, stack },
        (_config, _identity, joined) => Promise.resolve(quietHost(connectionOf(joined), { ...FACTS, ...facts })),
      );
    },
    {
      project: PROJECT,
      stack,
      computed: {
        ...AWS,
        ...KUBERNETES,
        'pulumi:pulumi:StackReference': (_name, inputs) => {
          asked.push(inputs['name'] as string);
          return { outputs: given, secretOutputNames: ['kubeconfig'] };
        },
      },
      calls: registryWith(published),
    },
  );
  return { ...deployment, asked };
}

/** Everything that the stack `prod` asks Pulumi for. */
export async function prodDump(): Promise<string> {
  return dump((await prodDeployment()).registrations);
}
