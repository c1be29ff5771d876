import type { types } from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { formatCpu } from '../quantity';
import type { StorageSpec } from '../storage';
import type { WorkloadSpec, WritableFolder } from '../workload';
import { literal } from './literal';
import { byteQuantity, wholeSeconds } from './quantities';

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;
type VolumeMount = types.input.core.v1.VolumeMount;

/** What a pod needs of what was created before it. */
export interface PodContext {
  serviceAccount: pulumi.Input<string>;
  secrets: SecretFile[];
  /** Image with `sh` and `cp` that hands secrets to the workload's user. */
  helperImage: pulumi.Input<string>;
  /** Processor that the images are built for. */
  architecture: 'amd64' | 'arm64';
  /** Labels that tell the workload's pods from all others. */
  selector: Record<string, string>;
}

export interface SecretFile {
  /** Name of the Secret. */
  name: pulumi.Input<string>;
  /** Key in the Secret, and name of the file. */
  fileName: string;
}

/** What differs between one kind of workload and another. */
export interface PodParts {
  container: Partial<Container>;
  volumes?: Volume[];
  mounts?: VolumeMount[];
  /** Time in seconds that a pod goes on serving after others were told that it leaves. */
  drain: number;
  restartPolicy: 'Always' | 'Never';
  /** Nothing is lost if two of it run for a while: it need not wait until a node that is silent is known to be gone. */
  movable?: boolean;
  /** It listens on ports below 1024, without the rights of root. */
  unprivilegedPorts?: boolean;
}

export const SECRETS_FOLDER = '/run/secrets';
/** Where the helper finds what it copies. */
const SOURCE_FOLDER = '/run/secrets-source';
/** Room for one secret, which has less, on whole pages. */
const SECRET_ROOM = 512 * 2 ** 10;
/** What the helper gets: the same for every workload, so that a changed limit is one change. */
const HELPER = {
  cpu: { request: 10, limit: 500 },
  memory: { request: 32 * 2 ** 20, limit: 64 * 2 ** 20 },
  ephemeralStorage: { request: 16 * 2 ** 20, limit: 64 * 2 ** 20 },
};
/**
 * Time in seconds after which what can move leaves a node that the cluster has given up; Kubernetes' own is 300. The
 * cluster has waited some 50 by then.
 */
const LOST_NODE = 30;

/** Renders what every pod has: one container, confined as restricted Pod Security wants it. */
export function podSpec(spec: WorkloadSpec, context: PodContext, parts: PodParts): PodSpec {
  const [user, group] = spec.user.split(':').map(Number) as [number, number];
  const volumes = [...secretVolumes(context.secrets), ...writableVolumes(spec.writablePaths), ...(parts.volumes ?? [])];
  const mounts = [
    ...(context.secrets.length > 0 ? [{ name: 'secrets', mountPath: SECRETS_FOLDER, readOnly: true }] : []),
    ...spec.writablePaths.map(({ path }, index) => ({ name: `writable-${index}`, mountPath: path })),
    ...(parts.mounts ?? []),
  ];
  return {
    serviceAccountName: context.serviceAccount,
    automountServiceAccountToken: false,
    // Variables with the addresses of every Service of the namespace, which nobody declared.
    enableServiceLinks: false,
    restartPolicy: parts.restartPolicy,
    terminationGracePeriodSeconds: parts.drain + wholeSeconds(spec.stopGrace, 1),
    nodeSelector: { 'kubernetes.io/arch': context.architecture, 'kubernetes.io/os': 'linux' },
    ...(parts.movable === true ? { tolerations: ['not-ready', 'unreachable'].map(lostNode) } : {}),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: group,
      // Owns storage, and lets the user read secrets while they are handed to it.
      fsGroup: group,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
      ...(parts.unprivilegedPorts === true
        ? { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }
        : {}),
    },
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      // Better two replicas on one node than one replica.
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: context.selector },
      // Old replicas, which leave anyway, do not decide where new ones go.
      ...(parts.restartPolicy === 'Always' ? { matchLabelKeys: ['pod-template-hash'] } : {}),
    })),
    ...(context.secrets.length > 0 ? { initContainers: [secretContainer(spec, context)] } : {}),
    containers: [
      {
        name: spec.name,
        image: spec.image,
        ...(spec.command.length > 0 ? { command: spec.command.map(literal) } : {}),
        ...(Object.keys(spec.env).length > 0 ? { env: environment(spec.env) } : {}),
        resources: resources(spec),
        securityContext: confined(spec),
        // Without a shell in the image, too.
        ...(parts.drain > 0 ? { lifecycle: { preStop: { sleep: { seconds: parts.drain } } } } : {}),
        ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
        ...parts.container,
      },
    ],
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}

function resources({
  cpu,
  memory,
  ephemeralStorage,
}: Pick<WorkloadSpec, 'cpu' | 'memory' | 'ephemeralStorage'>): types.input.core.v1.ResourceRequirements {
  const amounts = (kind: 'request' | 'limit') => ({
    cpu: formatCpu(cpu[kind]),
    memory: byteQuantity(memory[kind]),
    'ephemeral-storage': byteQuantity(ephemeralStorage[kind]),
  });
  return { requests: amounts('request'), limits: amounts('limit') };
}

function lostNode(state: string): types.input.core.v1.Toleration {
  const key = `node.kubernetes.io/${state}`;
  return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: LOST_NODE };
}

/** A workload's storage, where it has any. */
export function storageParts(
  storage: StorageSpec | undefined,
  claim: pulumi.Input<string> | undefined,
): Pick<PodParts, 'volumes' | 'mounts'> {
  if (!storage || claim === undefined) return {};
  return {
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    mounts: [{ name: 'data', mountPath: storage.path }],
  };
}

function environment(env: WorkloadSpec['env']): types.input.core.v1.EnvVar[] {
  return Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? literal(value) : pulumi.output(value).apply(literal),
    }));
}

function confined({
  readOnlyRoot,
  capabilities,
}: Pick<WorkloadSpec, 'readOnlyRoot' | 'capabilities'>): types.input.core.v1.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: readOnlyRoot,
    capabilities: {
      drop: ['ALL'],
      ...(capabilities.length > 0 ? { add: capabilities.map((name) => name.replace(/^CAP_/, '')).sort() } : {}),
    },
  };
}

/**
 * All secrets of a workload in one folder in memory. A Secret's own volume belongs to root whatever is asked for, and what its
 * user may read, its group may; some servers refuse such a file.
 */
function secretVolumes(secrets: readonly SecretFile[]): Volume[] {
  if (secrets.length === 0) return [];
  return [
    {
      name: 'secrets-source',
      projected: {
        defaultMode: 0o400,
        sources: secrets.map(({ name, fileName }) => ({
          secret: { name, items: [{ key: fileName, path: fileName }] },
        })),
      },
    },
    { name: 'secrets', emptyDir: { medium: 'Memory', sizeLimit: byteQuantity(secrets.length * SECRET_ROOM) } },
  ];
}

/** Copies the secrets, as the workload's user: so they are its files, with mode 0400, and nobody else can read them. */
function secretContainer({ name }: Pick<WorkloadSpec, 'name'>, { secrets, helperImage }: PodContext): Container {
  return {
    name: `${name}-secrets`,
    image: helperImage,
    command: [
      // A copy may be there already, when the pod is started anew on its node.
      ...['/bin/sh', '-c', 'umask 377; exec cp -f "$@"', 'sh'],
      ...secrets.map(({ fileName }) => `${SOURCE_FOLDER}/${fileName}`),
      SECRETS_FOLDER,
    ],
    // The workload runs after it, not beside it: a pod asks for what the larger of the two asks for.
    resources: resources(HELPER),
    securityContext: confined({ readOnlyRoot: true, capabilities: [] }),
    volumeMounts: [
      { name: 'secrets-source', mountPath: SOURCE_FOLDER, readOnly: true },
      { name: 'secrets', mountPath: SECRETS_FOLDER },
    ],
  };
}

function writableVolumes(folders: readonly WritableFolder[]): Volume[] {
  return folders.map(({ size }, index) => ({
    name: `writable-${index}`,
    emptyDir: { medium: 'Memory', sizeLimit: byteQuantity(size) },
  }));
}
