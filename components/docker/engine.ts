import type Docker from 'dockerode';
import type { DeployedAttempt } from '../attempt';
import { LABEL } from '../identity';
import type { DeployedAddresses } from './addresses';
import { deployedAddresses } from './deployed-addresses';
import type { ComponentKind } from './identity';
import { keepReplicas, taskTemplate, type TaskTemplate } from './kept-replicas';
import { converged, rulesApplied, type ConvergenceOptions } from './convergence';
import { removeLeftover, type NamedObject } from './leftovers';
import type { ServiceTask, SwarmService } from './rollout';
import { fileExists, runInService } from './run-in-service';
import { startServices, stopServices } from './stop-services';
import { tasksOf, unlessGone } from './swarm';
import { removeUnusedFolders } from './unused-folders';
import { networksUnused } from './unused-networks';
import { VARIANT_LABEL, type DeployedVariant } from './variants';
import { ownVolume, type VolumeOwner } from './volume-owner';
import { witness, type Witness } from './witness';

/** A network that a proxy is attached to while it runs. */
export interface Attachment {
  network: string;
  /** Fixed address; without one the engine chooses. */
  address?: string;
  alias?: string;
}

/** What the engine knows of a service of ours before a deployment. */
export interface DeployedService extends DeployedVariant, DeployedAttempt {
  /** Names of the volumes that its replicas mount. */
  volumes: readonly string[];
}

/** What the deployment asks of a Docker engine beside what its Pulumi provider does. */
export interface Engine {
  /** Services of an application by name. */
  deployed(prefix: string): Promise<Map<string, DeployedService>>;
  /** Networks and addresses that are given out; see `deployedAddresses`. */
  addresses(prefix: string): Promise<DeployedAddresses>;
  /** Resolves once a service is what it was last told to be; see `converged`. */
  converged(service: string, options: ConvergenceOptions): Promise<void>;
  /** Watches a service that is about to be updated; see `witness`. */
  witness(service: string): Promise<Witness>;
  /** Ids of a service's tasks; none for one that somebody has removed. */
  taskIds(service: string): Promise<ReadonlySet<string>>;
  /** Resolves once a proxy's rules are in force; see `rulesApplied`. */
  rulesApplied(service: string, before: ReadonlySet<string>, options: ConvergenceOptions): Promise<void>;
  /** Attaches a running container to networks it is not attached to yet. */
  attach(container: string, attachments: readonly Attachment[]): Promise<void>;
  /** Detaches a container from networks that are not in the list. */
  detachOthers(container: string, keep: readonly string[]): Promise<void>;
  /** Whether a file exists in a container. */
  exists(container: string, path: string): Promise<boolean>;
  /** Runs a shell script in the task of a service; see `runInService`. */
  run(service: string, script: string, input?: string): Promise<string>;
  /** What the replicas of a service were started with. */
  taskTemplate(service: string): Promise<TaskTemplate | undefined>;
  /** Keeps replicas that an update need not replace; see `keepReplicas`. */
  keepReplicas(service: string, before: TaskTemplate, updated: () => boolean): Promise<boolean>;
  /** Stops all replicas of services; see `stopServices`. */
  stop(services: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Gives services replicas again, and resolves once they are healthy, within `deadline` milliseconds. */
  start(services: ReadonlyMap<string, number>, deadline: number): Promise<void>;
  /** Waits until no replica is on networks; see `networksUnused`. */
  unused(networks: readonly string[]): Promise<void>;
  /** Makes a volume writable for the user that a service runs as; see `ownVolume`. */
  ownVolume(owner: Omit<VolumeOwner, 'login'>): Promise<void>;
  /** Removes what writable folders of versions before have left; see `removeUnusedFolders`. */
  removeUnusedFolders(prefix: string): Promise<void>;
  /** Removes an object that an interrupted update has left; see `removeLeftover`. */
  removeLeftover(prefix: string, object: NamedObject): Promise<boolean>;
}

/** Values of the component label of what runs replicas of its own. */
export const WORKLOADS: readonly string[] = ['microservice', 'job'] satisfies ComponentKind[];

const seconds = (time: string | undefined) => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000));

/** The service that brings a proxy's rules into force has the name of what the proxy is for as well. */
function madeFor({ CreatedAt, Spec: { Labels = {} } }: SwarmService): DeployedVariant {
  const isWorkload = WORKLOADS.includes(Labels[LABEL.component] ?? '');
  return {
    member: isWorkload ? Labels[LABEL.name] : '',
    variant: Labels[VARIANT_LABEL],
    createdAt: Date.parse(CreatedAt),
  };
}

function volumesOf({ Spec }: SwarmService): string[] {
  const mounts = Spec.TaskTemplate.ContainerSpec?.Mounts ?? [];
  return mounts.flatMap(({ Type, Source }) => (Type === 'volume' && Source !== undefined ? [Source] : []));
}

/** The real engine, over its HTTP interface. */
export class DockerEngine implements Engine {
  /** @param login credentials for the registry of an image that has to be pulled. */
  constructor(
    private readonly docker: Docker,
    private readonly login?: VolumeOwner['login'],
  ) {}

  async deployed(prefix: string): Promise<Map<string, DeployedService>> {
    const services = (await this.docker.listServices({
      filters: { label: [`${LABEL.partOf}=${prefix}`] },
    })) as unknown as SwarmService[];
    return new Map(
      await Promise.all(
        services.map(async (service): Promise<[string, DeployedService]> => {
          const update = service.UpdateStatus?.State ?? '';
          const takenBack = update.startsWith('rollback') || update === 'paused';
          const neverRan = update === '' && !(await this.hasRun(service));
          return [
            service.Spec.Name,
            {
              ...madeFor(service),
              volumes: volumesOf(service),
              attempt: service.Spec.TaskTemplate.ForceUpdate ?? 0,
              failed: takenBack || neverRan,
              ...(service.Spec.Mode.Replicated?.Replicas === 0 ? { stopped: true } : {}),
              failedAt: seconds(
                takenBack ? (service.UpdateStatus?.CompletedAt ?? service.UpdateStatus?.StartedAt) : service.UpdatedAt,
              ),
            },
          ];
        }),
      ),
    );
  }

  converged(service: string, options: ConvergenceOptions): Promise<void> {
    return converged(this.docker, service, options);
  }

  witness(service: string): Promise<Witness> {
    return witness(this.docker, service);
  }

  async taskIds(service: string): Promise<ReadonlySet<string>> {
    return new Set((await unlessGone(this.tasks(service)))?.map(({ ID }) => ID));
  }

  rulesApplied(service: string, before: ReadonlySet<string>, options: ConvergenceOptions): Promise<void> {
    return rulesApplied(this.docker, service, before, options);
  }

  async attach(container: string, attachments: readonly Attachment[]): Promise<void> {
    const attached = await this.networksOf(container);
    for (const { network, address, alias } of attachments) {
      const current = attached.get(network);
      if (current !== undefined && (address === undefined || current === address)) continue;
      const target = this.docker.getNetwork(network);
      if (current !== undefined) await target.disconnect({ Container: container, Force: true });
      await target.connect({
        Container: container,
        EndpointConfig: {
          ...(address === undefined ? {} : { IPAMConfig: { IPv4Address: address } }),
          ...(alias === undefined ? {} : { Aliases: [alias] }),
        },
      });
    }
  }

  async detachOthers(container: string, keep: readonly string[]): Promise<void> {
    for (const network of (await this.networksOf(container)).keys()) {
      if (!keep.includes(network))
        await this.docker.getNetwork(network).disconnect({ Container: container, Force: true });
    }
  }

  exists(container: string, path: string): Promise<boolean> {
    return fileExists(this.docker, container, path);
  }

  run(service: string, script: string, input = ''): Promise<string> {
    return runInService(this.docker, service, script, input);
  }

  stop(services: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return stopServices(this.docker, services);
  }

  async start(services: ReadonlyMap<string, number>, deadline: number): Promise<void> {
    await startServices(this.docker, services);
    await Promise.all(
      [...services.keys()].map((name) => this.converged(name, { deadline, created: true, excused: () => true })),
    );
  }

  taskTemplate(service: string): Promise<TaskTemplate | undefined> {
    return taskTemplate(this.docker, service);
  }

  keepReplicas(service: string, before: TaskTemplate, updated: () => boolean): Promise<boolean> {
    return keepReplicas(this.docker, service, before, updated);
  }

  addresses(prefix: string): Promise<DeployedAddresses> {
    return deployedAddresses(this.docker, prefix);
  }

  unused(networks: readonly string[]): Promise<void> {
    return networksUnused(this.docker, networks);
  }

  ownVolume(owner: Omit<VolumeOwner, 'login'>): Promise<void> {
    return ownVolume(this.docker, { ...owner, login: this.login });
  }

  removeUnusedFolders(prefix: string): Promise<void> {
    return removeUnusedFolders(this.docker, prefix);
  }

  removeLeftover(prefix: string, object: NamedObject): Promise<boolean> {
    return removeLeftover(this.docker, prefix, object);
  }

  private async networksOf(container: string): Promise<Map<string, string>> {
    const { NetworkSettings } = await this.docker.getContainer(container).inspect();
    return new Map(
      Object.entries(NetworkSettings.Networks).map(([name, endpoint]) => [
        name,
        (endpoint.IPAMConfig as { IPv4Address?: string } | null)?.IPv4Address ?? endpoint.IPAddress,
      ]),
    );
  }

  private async tasks(service: string): Promise<ServiceTask[]> {
    return tasksOf(this.docker, service);
  }

  private async hasRun({ Spec }: SwarmService): Promise<boolean> {
    if ((Spec.Mode.Replicated?.Replicas ?? 0) === 0) return true;
    // The task of a job that is done ends well whenever something stops it, such as a health check that took too long on a
    // busy machine, and is not started again.
    const once = Spec.TaskTemplate.RestartPolicy?.Condition === 'on-failure';
    const good = once ? ['running', 'complete'] : ['running'];
    return (await this.tasks(Spec.Name)).some(({ Status }) => good.includes(Status.State));
  }
}
