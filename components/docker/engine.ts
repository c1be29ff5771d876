import type Docker from 'dockerode';
import { LABEL } from '../identity';
import type { DeployedAddresses } from './addresses';
import { deployedAddresses } from './deployed-addresses';
import { keepReplicas, taskTemplate, type TaskTemplate } from './kept-replicas';
import { removeLeftover, type NamedObject } from './leftovers';
import { plainText } from './output';
import { fileExists, runInService } from './run-in-service';
import { stopServices } from './stop-services';
import { pause, POLL_MS } from './swarm';
import { removeUnusedFolders } from './unused-folders';
import { networksUnused } from './unused-networks';
import { ownVolume, type VolumeOwner } from './volume-owner';

/** A network that a proxy is attached to while it runs. */
export interface Attachment {
  network: string;
  /** Fixed address; without one the engine chooses. */
  address?: string;
  alias?: string;
}

/** What the engine knows of a service of ours before a deployment. */
export interface DeployedService {
  /** The attempt that the service runs. */
  attempt: number;
  /** The last update was taken back, or the service has never run: the next deployment has to try again. */
  failed: boolean;
  /** When that was, in seconds. */
  failedAt: number;
}

/** What the deployment asks of a Docker engine beside what its Pulumi provider does. */
export interface Engine {
  /** Services of an application by name. */
  deployed(prefix: string): Promise<Map<string, DeployedService>>;
  /** Networks and addresses that are given out; see `deployedAddresses`. */
  addresses(prefix: string): Promise<DeployedAddresses>;
  /** Resolves once a service has reached what it was last told to; throws what went wrong, with the last log lines. */
  converged(service: string, deadline: number): Promise<void>;
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
  stop(services: readonly string[]): Promise<void>;
  /** Waits until no replica is on networks; see `networksUnused`. */
  unused(networks: readonly string[]): Promise<void>;
  /** Makes a volume writable for the user that a service runs as; see `ownVolume`. */
  ownVolume(volume: string, user: string, image: string): Promise<void>;
  /** Removes what writable folders of versions before have left; see `removeUnusedFolders`. */
  removeUnusedFolders(prefix: string): Promise<void>;
  /** Removes an object that an interrupted update has left; see `removeLeftover`. */
  removeLeftover(prefix: string, object: NamedObject): Promise<boolean>;
}

/** A deployment that the engine took back, or that did not come up in time. */
export class DeploymentError extends Error {
  constructor(
    message: string,
    /** The engine has rolled back: what runs is what ran before. */
    readonly rolledBack = false,
  ) {
    super(message);
  }
}

interface Task {
  ID: string;
  Slot?: number;
  DesiredState: string;
  CreatedAt: string;
  UpdatedAt: string;
  /** What it was started with. */
  Spec: unknown;
  Status: { State: string; Err?: string; Message?: string; Timestamp: string };
}

interface Service {
  ID: string;
  UpdatedAt: string;
  Version: { Index: number };
  Spec: { Name: string; Mode: { Replicated?: { Replicas: number } }; TaskTemplate: { ForceUpdate?: number } };
  UpdateStatus?: { State?: string; Message?: string; StartedAt?: string; CompletedAt?: string };
}

const LOG_LINES = 15;
/** What the engine says of an image that it could not pull, whatever the cause. */
const UNPULLED = /no such image|pull access denied|no basic auth credentials/i;
/** A service that was created and whose tasks fail this often in a row will not come up. */
const MAX_FAILED_STARTS = 3;
/** A replica that no node has had room for this long will not get any by waiting. */
const MAX_UNPLACED = 20_000;

const seconds = (time: string | undefined) => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000));

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
    })) as unknown as Service[];
    return new Map(
      await Promise.all(
        services.map(async (service): Promise<[string, DeployedService]> => {
          const update = service.UpdateStatus?.State ?? '';
          const takenBack = update.startsWith('rollback') || update === 'paused';
          const neverRan = update === '' && !(await this.hasRun(service));
          return [
            service.Spec.Name,
            {
              attempt: service.Spec.TaskTemplate.ForceUpdate ?? 0,
              failed: takenBack || neverRan,
              failedAt: seconds(
                takenBack ? (service.UpdateStatus?.CompletedAt ?? service.UpdateStatus?.StartedAt) : service.UpdatedAt,
              ),
            },
          ];
        }),
      ),
    );
  }

  async converged(name: string, deadline: number): Promise<void> {
    const start = Date.now();
    const end = start + deadline;
    let settledSince: number | undefined;
    for (;;) {
      const service = (await this.docker.getService(name).inspect()) as Service;
      const tasks = await this.tasks(name);
      const state = service.UpdateStatus?.State;
      if (state === 'rollback_completed' || state === 'rollback_paused' || state === 'paused') {
        throw await this.failure(
          name,
          ofLastAttempt(tasks),
          `the update was rolled back; the previous version is still serving (${service.UpdateStatus?.Message ?? state})`,
          state === 'rollback_completed',
        );
      }
      const replicas = service.Spec.Mode.Replicated?.Replicas ?? 0;
      const running = tasks.filter((task) => task.DesiredState === 'running' && task.Status.State === 'running').length;
      const leaving = tasks.filter((task) => task.DesiredState !== 'running' && task.Status.State === 'running').length;
      if (state === 'completed' && running === replicas) return;
      if (state === undefined && running === replicas && leaving === 0) {
        // An update that has only just been asked for shows no status yet.
        settledSince ??= Date.now();
        if (Date.now() - settledSince >= 3 * POLL_MS) return;
      } else settledSince = undefined;
      const failed = tasks.filter((task) => task.Status.State === 'failed' || task.Status.State === 'rejected');
      if (state === undefined && running === 0 && failed.length >= MAX_FAILED_STARTS) {
        throw await this.failure(name, tasks, 'the service failed to start');
      }
      const unplaced = tasks.find(
        ({ DesiredState, Status }) => DesiredState !== 'shutdown' && Status.State === 'pending' && Status.Err,
      );
      if (unplaced && Date.now() - start > MAX_UNPLACED) {
        throw await this.failure(
          name,
          [unplaced],
          'no node has room for a replica; lower its resource requests, or stop something else',
        );
      }
      if (Date.now() > end) {
        throw await this.failure(
          name,
          tasks,
          `${running} of ${replicas} replicas are healthy after ${Math.round(deadline / 1000)} s`,
        );
      }
      await pause(POLL_MS);
    }
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

  stop(services: readonly string[]): Promise<void> {
    return stopServices(this.docker, services);
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

  ownVolume(volume: string, user: string, image: string): Promise<void> {
    return ownVolume(this.docker, { volume, user, image, login: this.login });
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

  private async tasks(service: string): Promise<Task[]> {
    return (await this.docker.listTasks({ filters: { service: [service] } })) as Task[];
  }

  private async hasRun(service: Service): Promise<boolean> {
    if ((service.Spec.Mode.Replicated?.Replicas ?? 0) === 0) return true;
    return (await this.tasks(service.Spec.Name)).some(({ Status }) => Status.State === 'running');
  }

  private async failure(service: string, tasks: Task[], what: string, rolledBack = false): Promise<DeploymentError> {
    const worst = tasks
      .filter((task) => rank(task) >= 0)
      .sort((a, b) => rank(a) - rank(b) || Date.parse(b.Status.Timestamp) - Date.parse(a.Status.Timestamp))[0];
    const said = worst?.Status.Err ?? worst?.Status.Message ?? worst?.Status.State ?? '';
    const hint = UNPULLED.test(said)
      ? '\nThe engine has no such image and cannot pull it: see that it exists, and sign in to its registry with `docker login`'
      : '';
    const reason = worst ? `\nreplica ${worst.ID}: ${said}${hint}` : '';
    const logs = worst ? await this.lastLogLines(worst.ID) : '';
    const message = `service ${service}: ${what}${reason}${logs && `\nits last log lines:\n${logs}`}`;
    return new DeploymentError(message, rolledBack);
  }

  /** Logs of a task whose container may be gone already are not worth another error. */
  private async lastLogLines(task: string): Promise<string> {
    try {
      const inspected = (await this.docker.getTask(task).inspect()) as {
        Status: { ContainerStatus?: { ContainerID?: string } };
      };
      const id = inspected.Status.ContainerStatus?.ContainerID;
      if (!id) return '';
      const container = this.docker.getContainer(id);
      const [logs, { State }] = await Promise.all([
        container.logs({ stdout: true, stderr: true, tail: LOG_LINES }),
        container.inspect(),
      ]);
      const health = (State.Health?.Log ?? []).at(-1)?.Output.trim();
      return [...plainText(logs).split('\n'), ...(health ? [`health check: ${health}`] : [])]
        .filter(Boolean)
        .map((line) => `  ${line}`)
        .join('\n');
    } catch {
      return '';
    }
  }
}

/** Tasks of an update that was rolled back. Swarm also remembers tasks of updates before it, which may have failed as well. */
function ofLastAttempt(tasks: Task[]): Task[] {
  const definition = ({ Spec }: Task) => JSON.stringify(Spec);
  const current = new Set(tasks.filter(({ DesiredState }) => DesiredState === 'running').map(definition));
  const others = tasks.filter((task) => !current.has(definition(task)));
  const [newest] = others.sort((a, b) => Date.parse(b.CreatedAt) - Date.parse(a.CreatedAt));
  return newest ? others.filter((task) => definition(task) === definition(newest)) : tasks;
}

/** A task that failed says more than one that was told to stop. */
const WORST_FIRST = ['failed', 'rejected', 'starting', 'preparing', 'pending', 'shutdown', 'complete'];

function rank({ Status }: Task): number {
  return WORST_FIRST.indexOf(Status.State);
}
