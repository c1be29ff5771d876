import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  EventsV1Api,
  KubeConfig,
  NetworkingV1Api,
  PolicyV1Api,
  type V1Pod,
} from '@kubernetes/client-node';
import { LABEL } from '../../../components/identity';
import { command, type CommandResult } from './command';
import { root } from './environment';

/** Kubeconfig and context of the cluster that the tests use. */
export const place = {
  kubeconfig: process.env['E2E_KUBECONFIG'] ?? join(root, '.local', 'kubeconfig'),
  context: process.env['E2E_CONTEXT'] ?? 'shop-local',
};

/** The kubeconfig of `place`, with another address for its cluster. */
export function kubeconfigOf(server: string): string {
  // JSON, or YAML.
  return readFileSync(place.kubeconfig, 'utf8').replace(/("?server"?: "?)[^\s",]+/, `$1${server}`);
}

/** The cluster's API, in the parts that the tests use. */
export class Cluster {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly batch: BatchV1Api;
  readonly custom: CustomObjectsApi;
  readonly events: EventsV1Api;
  readonly networking: NetworkingV1Api;
  readonly policy: PolicyV1Api;

  constructor(readonly config: KubeConfig) {
    this.core = config.makeApiClient(CoreV1Api);
    this.apps = config.makeApiClient(AppsV1Api);
    this.autoscaling = config.makeApiClient(AutoscalingV2Api);
    this.batch = config.makeApiClient(BatchV1Api);
    this.custom = config.makeApiClient(CustomObjectsApi);
    this.events = config.makeApiClient(EventsV1Api);
    this.networking = config.makeApiClient(NetworkingV1Api);
    this.policy = config.makeApiClient(PolicyV1Api);
  }

  /** Pods of a member, or of all, that run and are not leaving. */
  async pods(namespace: string, member?: string): Promise<V1Pod[]> {
    const labelSelector = member === undefined ? '' : `${LABEL.name}=${member}`;
    const { items } = await this.core.listNamespacedPod({ namespace, labelSelector });
    return items.filter(
      ({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase === 'Running',
    );
  }

  /** Real nodes that are ready and take pods; others may be there for the scheduler alone. */
  async nodes(): Promise<string[]> {
    const { items } = await this.core.listNode();
    return items
      .filter(({ metadata }) => metadata?.annotations?.['kwok.x-k8s.io/node'] === undefined)
      .filter(({ spec }) => spec?.unschedulable !== true)
      .filter(({ status }) => status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
      .map(({ metadata }) => metadata!.name!)
      .sort();
  }

  /** Asks the cluster to evict a pod, as a drain does; returns the status code: 429 when the budget forbids it now. */
  async evict(namespace: string, name: string): Promise<number> {
    try {
      await this.core.createNamespacedPodEviction({
        namespace,
        name,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } },
      });
      return 201;
    } catch (error) {
      const { code } = error as { code?: number };
      if (code === undefined) throw error;
      return code;
    }
  }
}

let cluster: Cluster | undefined;

/** The cluster of `place`. Read when it is first asked, since the other target has none. */
export function theCluster(): Cluster {
  if (!cluster) {
    const config = new KubeConfig();
    config.loadFromFile(place.kubeconfig);
    config.setCurrentContext(place.context);
    cluster = new Cluster(config);
  }
  return cluster;
}

/** Runs kubectl as a person would. */
export function kubectl(args: string[], timeout = 120_000): Promise<CommandResult> {
  const facts = join(root, '.local', 'cluster.json');
  const program = existsSync(facts)
    ? (JSON.parse(readFileSync(facts, 'utf8')) as { kubectl: string }).kubectl
    : 'kubectl';
  return command(program, ['--kubeconfig', place.kubeconfig, '--context', place.context, ...args], { timeout });
}
