import { PassThrough } from 'node:stream';
import { Exec, type V1Pod, type V1Status } from '@kubernetes/client-node';
import { LABEL, namePrefix } from '../../../components/identity';
import { place, theCluster, type Cluster } from './cluster';
import { command } from './command';
import { CONNECT, labelsOf } from './connections';
import { haproxyImage } from './environment';
import { besidePod } from './ephemeral';
import { fixtureImage } from './fixture-image';
import { processesOf, signalAll } from './host-processes';
import { belongings, described } from './namespace-contents';
import { confinementOf } from './process-status';
import type { Address, Attempt, Belongings, Confinement, Container, Ended, Memory, Replica, Target } from './target';
import { waitFor } from './wait';

const REGISTRY = '127.0.0.1:5000';

/** The cluster that `npm run cluster` makes, or another whose nodes are processes of this machine. */
export function kubernetesTarget(): Target {
  return new KubernetesTarget(theCluster());
}

interface ContainerOfPod {
  namespace: string;
  pod: string;
  container: string;
}

class KubernetesTarget implements Target {
  readonly name = 'kubernetes';
  readonly shopStack = 'staging';
  // Its Services pass connections on.
  readonly repeatsBetweenServices = false;
  readonly scopeOf = namePrefix;
  /** Where each container that was seen runs: its id alone says nothing. */
  private readonly seen = new Map<string, ContainerOfPod>();

  constructor(private readonly cluster: Cluster) {}

  async fixtureConfig() {
    return {
      'fixture:target': 'kubernetes',
      'fixture:kubeconfig': place.kubeconfig,
      'fixture:context': place.context,
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
    const pods = await this.cluster.pods(namespace, service);
    return pods.flatMap((pod) => this.replica(namespace, service, pod) ?? []);
  }

  private replica(namespace: string, service: string, pod: V1Pod): Replica | undefined {
    const [status] = pod.status?.containerStatuses ?? [];
    const id = idOf(status?.containerID);
    if (id === undefined || status?.state?.running === undefined) return undefined;
    const name = pod.metadata!.name!;
    this.seen.set(id, { namespace, pod: name, container: status.name });
    return { id, name, hostname: name, service, health: status.ready ? 'healthy' : 'starting' };
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
      new Exec(this.cluster.config)
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
      // Version 1 counts in nanoseconds, version 2 in microseconds.
      'v1=/sys/fs/cgroup/cpuacct/cpuacct.usage; if [ -r $v1 ]; then echo 1e9 $(cat $v1); ' +
        'else echo 1e6 $(sed -n "s/^usage_usec //p" /sys/fs/cgroup/cpu.stat); fi',
    ]);
    const [perSecond, used] = output.trim().split(' ').map(Number);
    if (!perSecond || used === undefined || Number.isNaN(used)) throw new Error(`no processor time: ${output}`);
    return used / perSecond;
  }

  async memory(id: string): Promise<Memory> {
    const { output } = await this.exec(id, [
      'sh',
      '-c',
      // Version 1, else version 2.
      'cd /sys/fs/cgroup; if [ -d memory ]; then cat memory/memory.usage_in_bytes memory/memory.limit_in_bytes; ' +
        'else cat memory.current memory.max; fi',
    ]);
    const [used, limit] = output.trim().split('\n').map(Number);
    if (!used || !limit) throw new Error(`no memory: ${output}`);
    return { used, limit };
  }

  async outOfMemory(id: string): Promise<boolean> {
    const { namespace, pod } = this.where(id);
    const { status } = await this.cluster.core.readNamespacedPod({ namespace, name: pod });
    const ended = status?.containerStatuses?.[0]?.lastState?.terminated;
    return ended?.containerID?.endsWith(id) === true && (ended.reason === 'OOMKilled' || ended.exitCode === 137);
  }

  async restart(namespace: string, service: string): Promise<void> {
    const { apps } = this.cluster;
    const deployment = await apps.readNamespacedDeployment({ namespace, name: service });
    const { metadata } = deployment.spec!.template;
    metadata!.annotations = {
      ...metadata!.annotations,
      'kubectl.kubernetes.io/restartedAt': new Date().toISOString(),
    };
    await apps.replaceNamespacedDeployment({ namespace, name: service, body: deployment });
  }

  async containers(namespace: string): Promise<Container[]> {
    const { items } = await this.cluster.core.listNamespacedPod({ namespace });
    return items.flatMap(({ metadata, status }) => {
      const [first] = status?.containerStatuses ?? [];
      const id = idOf(first?.containerID);
      if (id === undefined || first === undefined) return [];
      this.seen.set(id, { namespace, pod: metadata!.name!, container: first.name });
      return {
        id,
        name: metadata!.name!,
        service: metadata?.labels?.[LABEL.name] ?? '',
        component: metadata?.labels?.[LABEL.component] as Container['component'],
        running: first.state?.running !== undefined && metadata?.deletionTimestamp === undefined,
      };
    });
  }

  logs(id: string): Promise<string> {
    const { namespace, pod, container } = this.where(id);
    return this.cluster.core.readNamespacedPodLog({ namespace, name: pod, container });
  }

  async secretsOf(namespace: string, service: string): Promise<Map<string, string>> {
    // Not from a pod: that of a job has ended.
    const labelSelector = `${LABEL.name}=${service}`;
    const { items } = await this.cluster.core.listNamespacedSecret({ namespace, labelSelector });
    const files = items.flatMap(({ data }) => Object.entries(data ?? {}));
    return new Map(files.map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]));
  }

  described(namespace: string): Promise<string> {
    return described(this.cluster, namespace);
  }

  confinement({ id }: Container): Promise<Confinement> {
    return Promise.resolve(confinementOf(processesOf(id)[0]!));
  }

  async connections(id: string, attempts: Attempt[]): Promise<string[]> {
    const image = await this.published(await fixtureImage());
    return labelsOf(await besidePod(this.cluster, this.where(id), image, [...CONNECT, JSON.stringify(attempts)]));
  }

  namesOf(namespace: string, service: string): string[] {
    return [service, `${service}.${namespace}.svc.cluster.local`];
  }

  async addresses(namespace: string): Promise<Address[]> {
    const [pods, services] = await Promise.all([
      this.cluster.core.listNamespacedPod({ namespace }),
      this.cluster.core.listNamespacedService({ namespace }),
    ]);
    const address = ({ metadata }: V1Pod, host: string) => ({
      label: `${namespace}/${metadata?.name} ${host}`,
      host,
      service: metadata?.labels?.[LABEL.name] ?? '',
      forCallers: metadata?.labels?.[LABEL.component] === 'microservice',
    });
    return [
      ...pods.items
        .filter(({ status }) => status?.phase === 'Running')
        .flatMap((pod) => (pod.status?.podIP === undefined ? [] : address(pod, pod.status.podIP))),
      ...services.items
        .filter(({ spec }) => spec?.clusterIP !== undefined && spec.clusterIP !== 'None')
        .map((service) => address(service as V1Pod, service.spec!.clusterIP!)),
    ];
  }

  nameInErrors(namespace: string, member: string): string {
    return `service ${member} (namespace ${namespace})`;
  }

  belongings(namespace: string): Promise<Belongings> {
    return belongings(this.cluster, namespace);
  }

  dataOf(namespace: string, ...services: string[]): string[] {
    return [...services.map((service) => `claim ${service}-data`), `namespace ${namespace}`];
  }

  async deleteData(namespace: string): Promise<void> {
    if ((await this.belongings(namespace)).data.length === 0) return;
    await this.cluster.core.deleteNamespace({ name: namespace });
    // A run that follows at once could make nothing in it while it goes.
    await waitFor('the namespace to go', async () => (await this.belongings(namespace)).data.length === 0, {
      timeout: 120_000,
    });
  }

  private where(id: string): ContainerOfPod {
    const found = this.seen.get(id);
    if (!found) throw new Error(`container ${id} is of no replica that was looked for`);
    return found;
  }
}

/** Without the runtime's name in front. */
function idOf(containerId: string | undefined): string | undefined {
  return containerId?.replace(/^.*:\/\//, '');
}
