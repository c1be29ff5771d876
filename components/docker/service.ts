import type * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import type { JobSpec } from '../application-spec';
import type { MicroserviceSpec } from '../microservice-spec';
import { goDuration } from '../quantity';
import type { StorageSpec } from '../storage';
import type { WorkloadSpec, WritableFolder } from '../workload';
import { healthcheck, jobCommand, jobHealthcheck, PROBE, PROBE_FOLDER } from './health';
import { labels, objectName, type ComponentKind } from './identity';
import { literals } from './literal';

/** What a service needs of what was created before it. */
export interface ServiceContext {
  prefix: string;
  /** Ids of the workload's networks. Given by name, every preview would replace the service. */
  networkIds: readonly pulumi.Input<string>[];
  probe: ConfigFile;
  secrets: SecretFile[];
  /** Named volume of the storage. */
  volume?: string;
  /** Counter of attempts: another number makes the engine try an update again that it has rolled back. */
  attempt: number;
}

export interface ConfigFile {
  id: pulumi.Input<string>;
  name: pulumi.Input<string>;
}

export interface SecretFile extends ConfigFile {
  fileName: string;
}

type Mount = docker.types.input.ServiceTaskSpecContainerSpecMount;

/** Logs are kept on disk by the engine; without a bound they fill it. */
export const LOG_DRIVER = { name: 'json-file', options: { 'max-file': '3', 'max-size': '10m' } };
const PROBE_FOLDER_SIZE = 64 * 2 ** 20;
/** A template of Swarm: the place of a replica, and of its id so much that two in one place differ, and names stay bounded. */
const REPLICA = '{{.Task.Slot}}-{{printf "%.3s" .Task.ID}}';

/** Renders a microservice as a service of Swarm mode. */
export function microserviceArgs(spec: MicroserviceSpec, context: ServiceContext): docker.ServiceArgs {
  const health = healthcheck(spec);
  const { command } = spec;
  const args: docker.ServiceArgs = {
    ...common(spec, context, 'microservice'),
    mode: { replicated: { replicas: spec.replicas.min } },
    taskSpec: taskSpec(spec, context, {
      kind: 'microservice',
      container: {
        ...(command.length > 0 ? { commands: command.slice(0, 1), args: command.slice(1) } : {}),
        ...(health ? { healthcheck: health } : {}),
      },
      // Soon enough for a recovery within seconds, slow enough that a crash loop does not eat the machine.
      restartPolicy: { condition: 'any', delay: '1s', maxAttempts: 0, window: '0s' },
    }),
    ...updatePolicy(spec),
  };
  return spec.transform.docker?.service?.(args) ?? args;
}

/** Renders a job as a service whose one task is healthy when the job has ended well. */
export function jobArgs(spec: JobSpec, context: ServiceContext): docker.ServiceArgs {
  return {
    ...common(spec, context, 'job'),
    mode: { replicated: { replicas: 1 } },
    taskSpec: taskSpec(spec, context, {
      kind: 'job',
      container: { commands: jobCommand(spec.command), healthcheck: jobHealthcheck(spec.timeout) },
      restartPolicy: { condition: 'on-failure', delay: '2s', maxAttempts: 0, window: '0s' },
    }),
    // Two runs at once would have to be expected by every job.
    ...updatePolicy({ storage: true, monitor: 0 }),
  };
}

function common(
  spec: WorkloadSpec,
  { prefix }: ServiceContext,
  kind: ComponentKind,
): Pick<docker.ServiceArgs, 'name' | 'labels' | 'endpointSpec'> & { name: string } {
  return {
    name: objectName(prefix, spec.name),
    labels: labels(prefix, spec.name, kind),
    // A virtual IP needs IPVS in the kernel; the load balancers find the replicas by DNS.
    endpointSpec: { mode: 'dnsrr' },
  };
}

/** What differs between one kind of workload and another. */
interface TaskParts extends Pick<docker.types.input.ServiceTaskSpec, 'restartPolicy'> {
  kind: ComponentKind;
  container: Partial<docker.types.input.ServiceTaskSpecContainerSpec>;
}

function taskSpec(
  spec: WorkloadSpec & { storage?: StorageSpec },
  context: ServiceContext,
  parts: TaskParts,
): docker.types.input.ServiceTaskSpec {
  const { containerSpec, ...rest } = taskWithout(spec, context, parts);
  return {
    ...rest,
    containerSpec: {
      ...containerSpec,
      mounts: [
        tmpfs(PROBE_FOLDER),
        ...spec.writablePaths.map((folder, index) => writableFolder(spec.name, folder, index, context.prefix)),
        ...(spec.storage && context.volume !== undefined ? [volume(context.volume, spec.storage.path)] : []),
      ],
    },
  };
}

/** All of a task but what is mounted. */
function taskWithout(
  spec: WorkloadSpec,
  context: ServiceContext,
  { kind, container, restartPolicy }: TaskParts,
): Omit<docker.types.input.ServiceTaskSpec, 'containerSpec'> & {
  containerSpec: docker.types.input.ServiceTaskSpecContainerSpec;
} {
  const [uid, gid] = spec.user.split(':') as [string, string];
  return {
    containerSpec: {
      image: spec.image,
      ...(Object.keys(spec.env).length > 0 ? { env: literals(spec.env) } : {}),
      labels: labels(context.prefix, spec.name, kind),
      user: spec.user,
      readOnly: spec.readOnlyRoot,
      capDrops: ['ALL'],
      ...(spec.capabilities.length > 0 ? { capAdds: [...spec.capabilities].sort() } : {}),
      init: true,
      // Left out, the provider sends zero, which is no default: the replica would be killed at once. Swarm counts whole
      // seconds, and leaves out the rest.
      stopGracePeriod: goDuration(Math.ceil(spec.stopGrace / 1_000) * 1_000),
      configs: [mountedConfig(context.probe, PROBE, 0o555)],
      secrets: context.secrets.map(({ id, name, fileName }) => ({
        secretId: id,
        secretName: name,
        fileName,
        fileMode: 0o400,
        fileUid: uid,
        fileGid: gid,
      })),
      ...container,
    },
    networksAdvanceds: context.networkIds.map((id) => ({ id })),
    resources: {
      limits: { nanoCpus: spec.cpu.limit * 1e6, memoryBytes: spec.memory.limit },
      reservation: { nanoCpus: spec.cpu.request * 1e6, memoryBytes: spec.memory.request },
    },
    logDriver: LOG_DRIVER,
    forceUpdate: context.attempt,
    runtime: 'container',
    restartPolicy,
  };
}

/** A config as a file that belongs to root: the container may read it, or run it, as its mode says. */
export function mountedConfig(
  { id, name }: ConfigFile,
  fileName: string,
  fileMode: number,
): docker.types.input.ServiceTaskSpecContainerSpecConfig {
  return { configId: id, configName: name, fileName, fileMode, fileUid: '0', fileGid: '0' };
}

function volume(source: string, target: string): Mount {
  return { type: 'volume', source, target, readOnly: false };
}

/** A folder for the probe alone. No image has it, and nothing is run from it. */
function tmpfs(target: string): Mount {
  return { type: 'tmpfs', target, readOnly: false, tmpfsOptions: { mode: 0o777, sizeBytes: PROBE_FOLDER_SIZE } };
}

/**
 * A folder in memory that every user may write to and run programs from. Not a mount of type tmpfs: that takes the mode of
 * a folder that the image has in its place (runc before 1.2), and never lets programs run.
 *
 * The engine mounts the volume when a container starts and unmounts it, with all that is in it, when the container ends. One
 * without a name would be removed with the container, but Swarm makes another beside it that nothing removes. The name is
 * that of the replica, since an update runs old and new in one place.
 *
 * It is the same text for every version: the provider cannot change a mount in place. With labels, another mount deletes the
 * service and creates it again; without, the service would get a mount that has no target, and every replica be refused.
 */
function writableFolder(workload: string, { path, size }: WritableFolder, index: number, prefix: string): Mount {
  return {
    type: 'volume',
    source: `${objectName(prefix, workload)}-${index}-${REPLICA}`,
    target: path,
    readOnly: false,
    volumeOptions: {
      driverName: 'local',
      driverOptions: { type: 'tmpfs', device: 'tmpfs', o: `size=${size},mode=1777,nosuid,nodev` },
      labels: labels(prefix, workload, 'writable-folder'),
      noCopy: true,
    },
  };
}

/**
 * One replica at a time, the new one first; each must stay healthy for the monitoring time before the next is touched,
 * so that a version that fails late meets replicas of the old one.
 */
function updatePolicy({
  storage,
  monitor,
}: {
  storage?: unknown;
  monitor: number;
}): Pick<docker.ServiceArgs, 'updateConfig' | 'rollbackConfig'> {
  // Two replicas must never write to one storage.
  const order = storage ? 'stop-first' : 'start-first';
  return {
    updateConfig: {
      order,
      parallelism: 1,
      delay: goDuration(monitor),
      monitor: goDuration(monitor),
      failureAction: 'rollback',
      maxFailureRatio: '0',
    },
    rollbackConfig: { order, parallelism: 1, delay: '0s', monitor: '1s', failureAction: 'pause', maxFailureRatio: '0' },
  };
}
