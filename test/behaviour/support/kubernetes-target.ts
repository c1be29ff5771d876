import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  NetworkingV1Api,
  PolicyV1Api,
  type KubernetesObject,
  type V1Pod,
  type V1Status,
} from '@kubernetes/client-node';
import { LABEL, namePrefix } from '../../../components/identity';
import { haproxyImage, root } from './environment';
import { processesOf, signalAll } from './host-processes';
import { command } from './command';
import type { Ended, Replica, Target } from './target';

const REGISTRY = '127.0.0.1:5000';

/** The cluster that `npm run cluster` makes, or another whose nodes are processes of this machine. */
export function kubernetesTarget(): Target {
  const kubeconfig = process.env['E2E_KUBECONFIG'] ?? join(root, '.local', 'kubeconfig');
  const context = process.env['E2E_CONTEXT'] ?? 'shop-local';
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.setCurrentContext(context);
  return new KubernetesTarget(config, { 'fixture:kubeconfig': kubeconfig, 'fixture:context': context });
}

interface ContainerOfPod {
  namespace: string;
  pod: string;
  container: string;
}

class KubernetesTarget implements Target {
  readonly name = 'kubernetes';
  readonly shopStack = 'staging';
  readonly scopeOf = namePrefix;
  private readonly core: CoreV1Api;
  /** Where each container that was seen runs: its id alone says nothing. */
  private readonly seen = new Map<string, ContainerOfPod>();

  constructor(
    private readonly config: KubeConfig,
    private readonly place: Record<string, string>,
  ) {
    this.core = config.makeApiClient(CoreV1Api);
  }

  async fixtureConfig() {
    return {
      'fixture:target': 'kubernetes',
      ...this.place,
      'fixture:proxyImage': await this.published(haproxyImage()),
    };
  }

  async published(image: string): Promise<string> {
    const name = `${REGISTRY}/${image}`;
    for (const args of [
      ['tag', image, name],
      ['push', '--quiet', name],
    ]) {
      const { code, output } = await command('docker', args);
      if (code !== 0) throw new Error(output);
    }
    return name;
  }

  async replicas(namespace: string, service: string): Promise<Replica[]> {
    const { items } = await this.core.listNamespacedPod({ namespace, labelSelector: `${LABEL.name}=${service}` });
    return items
      .filter(({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase === 'Running')
      .flatMap((pod) => this.replica(namespace, service, pod) ?? []);
  }

  private replica(namespace: string, service: string, pod: V1Pod): Replica | undefined {
    const [status] = pod.status?.containerStatuses ?? [];
    const id = status?.containerID?.replace(/^.*:\/\//, '');
    if (id === undefined || status?.state?.running === undefined) return undefined;
    const name = pod.metadata!.name!;
    this.seen.set(id, { namespace, pod: name, container: status.name });
    return { id, name, service, health: status.ready ? 'healthy' : 'starting' };
  }

  kill(id: string): Promise<void> {
    signalAll(processesOf(id).slice(0, 1), 'SIGKILL');
    return Promise.resolve();
  }

  freeze(id: string): Promise<void> {
    signalAll(processesOf(id), 'SIGSTOP');
    return Promise.resolve();
  }

  async exec(id: string, words: string[], { timeout = 20_000 } = {}): Promise<Ended> {
    const { namespace, pod, container } = this.where(id);
    const sink = new PassThrough();
    const chunks: Buffer[] = [];
    sink.on('data', (chunk: Buffer) => chunks.push(chunk));
    const status = await new Promise<V1Status>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${words[0]} took longer than ${timeout} ms`)), timeout);
      new Exec(this.config)
        .exec(namespace, pod, container, words, sink, sink, null, false, (ended) => {
          clearTimeout(timer);
          resolve(ended);
        })
        .catch((error: unknown) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        });
    });
    const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
    return { code: status.status === 'Success' ? 0 : Number(cause ?? -1), output: Buffer.concat(chunks).toString() };
  }

  async cpuSeconds(id: string): Promise<number> {
    // The control group's own counter; the metrics server only knows averages.
    const { output } = await this.exec(id, [
      'sh',
      '-c',
      'cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || sed -n "s/^usage_usec //p" /sys/fs/cgroup/cpu.stat',
    ]);
    const value = Number(output.trim());
    return value > 1e9 || output.trim().length > 9 ? value / 1e9 : value / 1e6;
  }

  async outOfMemory(id: string): Promise<boolean> {
    const { namespace, pod } = this.where(id);
    const { status } = await this.core.readNamespacedPod({ namespace, name: pod });
    const ended = status?.containerStatuses?.[0]?.lastState?.terminated;
    return ended?.containerID?.endsWith(id) === true && (ended.reason === 'OOMKilled' || ended.exitCode === 137);
  }

  async restart(namespace: string, service: string): Promise<void> {
    const apps = this.config.makeApiClient(AppsV1Api);
    const deployment = await apps.readNamespacedDeployment({ namespace, name: service });
    const { metadata } = deployment.spec!.template;
    metadata!.annotations = {
      ...metadata!.annotations,
      'kubectl.kubernetes.io/restartedAt': new Date().toISOString(),
    };
    await apps.replaceNamespacedDeployment({ namespace, name: service, body: deployment });
  }

  async belongings(namespace: string): Promise<{ objects: string[]; data: string[] }> {
    const { items: namespaces } = await this.core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
    if (namespaces.length === 0) return { objects: [], data: [] };
    const apps = this.config.makeApiClient(AppsV1Api);
    const lists: [string, Promise<{ items: KubernetesObject[] }>][] = [
      ['pod', this.core.listNamespacedPod({ namespace })],
      ['service', this.core.listNamespacedService({ namespace })],
      ['secret', this.core.listNamespacedSecret({ namespace })],
      ['deployment', apps.listNamespacedDeployment({ namespace })],
      ['job', this.config.makeApiClient(BatchV1Api).listNamespacedJob({ namespace })],
      ['networkpolicy', this.config.makeApiClient(NetworkingV1Api).listNamespacedNetworkPolicy({ namespace })],
      ['poddisruptionbudget', this.config.makeApiClient(PolicyV1Api).listNamespacedPodDisruptionBudget({ namespace })],
      [
        'horizontalpodautoscaler',
        this.config.makeApiClient(AutoscalingV2Api).listNamespacedHorizontalPodAutoscaler({ namespace }),
      ],
    ];
    const named = await Promise.all(
      lists.map(async ([kind, list]) => (await list).items.map(({ metadata }) => `${kind} ${metadata?.name}`)),
    );
    const configMaps = (await this.core.listNamespacedConfigMap({ namespace })).items
      .map(({ metadata }) => metadata?.name)
      // Every namespace has it.
      .filter((name) => name !== 'kube-root-ca.crt')
      .map((name) => `configmap ${name}`);
    const claims = await this.core.listNamespacedPersistentVolumeClaim({ namespace });
    return {
      objects: [...named.flat(), ...configMaps].sort(),
      data: [`namespace ${namespace}`, ...claims.items.map(({ metadata }) => `claim ${metadata?.name}`)].sort(),
    };
  }

  dataOf(namespace: string, service: string): string[] {
    return [`claim ${service}-data`, `namespace ${namespace}`];
  }

  async deleteData(namespace: string): Promise<void> {
    if ((await this.belongings(namespace)).data.length > 0) await this.core.deleteNamespace({ name: namespace });
  }

  private where(id: string): ContainerOfPod {
    const found = this.seen.get(id);
    if (!found) throw new Error(`container ${id} is of no replica that was looked for`);
    return found;
  }
}
