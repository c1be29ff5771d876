// What containers may use, and how they say that they work.
import { resourceRule, shown, strings, type Finding, type Resource } from '../rule';
import { containersOf, DOCKER_SERVICE, type Container } from '../workloads';
import type { Value } from '../value';

/** Findings for each container of a resource. */
const each = (find: (container: Container, resource: Resource) => Finding[]) => (resource: Resource) =>
  containersOf(resource).flatMap((container) => find(container, resource));

/** Memory in bytes, whatever the unit; where a value is 0, Docker sets no limit. */
function memoryOf({ runs, at }: Container, { props }: Resource): Value {
  if (runs === 'service') return props.at('taskSpec.resources.limits.memoryBytes');
  return runs === 'container' ? at.get('memory') : at.at('resources.limits.memory');
}

function cpuLimits({ runs, at }: Container, { props }: Resource): Value[] {
  if (runs === 'service') return [props.at('taskSpec.resources.limits.nanoCpus')];
  if (runs === 'pod') return [at.at('resources.limits.cpu')];
  // Pinned to some processors, it leaves the others.
  const pinned = at.get('cpuSet');
  return [at.get('cpus'), at.get('cpuQuota'), pinned.string ? pinned.replaced(pinned.string.length) : pinned];
}

const isNoLimit = (value: Value) => value.isAbsent || value.number === 0 || value.string === '';

export const memoryLimit = resourceRule({
  name: 'memory-limit',
  level: 'mandatory',
  description:
    'Every container has a memory limit, so that a memory leak terminates one replica instead of exhausting the host.',
  remedy: 'Set a memory limit slightly above the peak usage under load',
  check: each((container, resource) => {
    const limit = memoryOf(container, resource);
    return isNoLimit(limit) ? [{ path: limit.path, problem: 'no limit is set' }] : [];
  }),
});

export const cpuLimit = resourceRule({
  name: 'cpu-limit',
  level: 'advisory',
  description: 'Every container has a CPU limit, so that one busy container does not starve the others.',
  remedy: 'Set a CPU limit, or exempt the container if it must never be throttled',
  check: each((container, resource) => {
    const limits = cpuLimits(container, resource);
    return limits.every(isNoLimit) ? [{ path: limits[0]!.path, problem: 'no limit is set' }] : [];
  }),
});

const HAS_REPLICAS = /^kubernetes:apps\/v\w+:(Deployment|StatefulSet|DaemonSet|ReplicaSet)$/;

export const healthChecks = resourceRule({
  name: 'health-checks',
  level: 'mandatory',
  description:
    'In Deployments, StatefulSets, DaemonSets and ReplicaSets, containers that declare ports have readiness and liveness probes; Swarm services that publish ports have a health check.',
  remedy: 'Add a check that fails when the program cannot answer requests',
  check: (resource) => {
    if (resource.type === DOCKER_SERVICE) return checksOfService(resource);
    if (!HAS_REPLICAS.test(resource.type)) return [];
    return containersOf(resource)
      .filter(({ initial, at }) => !initial && at.get('ports').items().length > 0)
      .flatMap(({ at }) => ['readinessProbe', 'livenessProbe'].map((name) => at.get(name)))
      .filter((probe) => probe.isAbsent)
      .map(({ path }) => ({ path, problem: 'is not set, and the container declares ports' }));
  },
});

function checksOfService({ props }: Resource): Finding[] {
  const test = props.at('taskSpec.containerSpec.healthcheck.tests');
  if (test.items()[0]?.string === 'NONE')
    return [{ path: test.path, problem: `${shown(test)} disables the image's health check` }];
  const publishes = props.at('endpointSpec.ports').items().length > 0;
  const check = props.at('taskSpec.containerSpec.healthcheck');
  return publishes && check.isAbsent
    ? [{ path: check.path, problem: 'is not set, and the service publishes ports' }]
    : [];
}

export const noPrivilegedContainers = resourceRule({
  name: 'no-privileged-containers',
  level: 'mandatory',
  description:
    'No container is privileged, sets `allowPrivilegeEscalation: true` or disables seccomp (on Docker, also AppArmor).',
  remedy:
    'Remove it; if the program needs a capability, add only that one, as far as `no-added-capabilities` allows it',
  check: each(({ runs, at, pod }) => {
    const security = at.get('securityContext');
    const flags =
      runs === 'pod'
        ? ['privileged', 'allowPrivilegeEscalation', 'windowsOptions.hostProcess'].map((name) => security.at(name))
        : [at.get('privileged')];
    const filters = [security, pod?.get('securityContext')].map((one) => one?.at('seccompProfile.type'));
    const unconfined = [
      ...filters.filter((filter): filter is Value => filter?.string === 'Unconfined'),
      ...at
        .get('securityOpts')
        .items()
        .filter((option) => /^(seccomp|apparmor)[=:]unconfined$/.test(option.string ?? '')),
    ];
    return [...flags.filter((flag) => flag.isTrue), ...unconfined].map((value) => ({
      path: value.path,
      problem: `${shown(value)} is not allowed`,
    }));
  }),
});

const ROOT = /^(root|0+)(:|$)/;

export const noRootContainers = resourceRule({
  name: 'no-root-containers',
  level: 'mandatory',
  description: 'Every container is defined to run as a non-root user.',
  remedy: 'Set a numeric user: `user: "10001:10001"` on Docker, `runAsUser` and `runAsNonRoot: true` on Kubernetes',
  check: each(({ runs, at, pod }) => {
    if (runs !== 'pod') {
      const user = at.get('user');
      if (user.isUnknown || (user.string && !ROOT.test(user.string))) return [];
      return [
        {
          path: user.path,
          problem: user.string ? `${shown(user)} is not allowed` : "is not set; the image's user applies, usually root",
        },
      ];
    }
    const [user, nonRoot] = ['runAsUser', 'runAsNonRoot'].map((name) => {
      const own = at.at(`securityContext.${name}`);
      return own.isAbsent ? pod!.at(`securityContext.${name}`) : own;
    }) as [Value, Value];
    if (user.number === 0) return [{ path: user.path, problem: '0 (root) is not allowed' }];
    if (user.isUnknown || nonRoot.isUnknown || user.number !== undefined || nonRoot.isTrue) return [];
    const problem = "is not true, and runAsUser is not set; the image's user applies, usually root";
    return [{ path: at.at('securityContext.runAsNonRoot').path, problem }];
  }),
});

const capability = (value: Value) => value.string?.toUpperCase().replace(/^CAP_/, '');

export const noAddedCapabilities = resourceRule<{ allowed: readonly string[] }>({
  name: 'no-added-capabilities',
  level: 'mandatory',
  description: 'No container adds a Linux capability other than the allowed ones.',
  remedy: 'Remove it, or add it to the setting `allowed` if every container may have it',
  settings: { allowed: strings('Capabilities that containers may add', ['NET_BIND_SERVICE']) },
  check: (resource, { allowed }) =>
    containersOf(resource)
      .flatMap(({ runs, at }) => {
        if (runs === 'service') return at.get('capAdds').items();
        return at.at(runs === 'pod' ? 'securityContext.capabilities.add' : 'capabilities.adds').items();
      })
      .filter((added) => added.string !== undefined && !allowed.includes(capability(added)!))
      .map((added) => ({
        path: added.path,
        problem: `${shown(added)} is not allowed; allowed: ${allowed.length > 0 ? allowed.join(', ') : 'none'}`,
      })),
});

/** Folders of a host from which a container can take it over, or read what is not its own. */
const HOST_FOLDERS = [
  '/boot',
  '/dev',
  '/etc',
  '/proc',
  '/root',
  '/run',
  '/sys',
  '/var/lib/docker',
  '/var/lib/kubelet',
  '/var/run',
];

function isHostFolder(path: string): boolean {
  const clean = path.replace(/\/+$/, '');
  return clean === '' || HOST_FOLDERS.some((folder) => clean === folder || clean.startsWith(`${folder}/`));
}

export const noHostAccess = resourceRule({
  name: 'no-host-access',
  level: 'mandatory',
  description:
    "No container uses the host's network, PID or IPC namespace, devices, system directories or container engine socket; no pod mounts a `hostPath` volume.",
  remedy: 'Remove it; use a named volume or a PersistentVolumeClaim for files, and a published port for network access',
  check: (resource) => {
    const values = containersOf(resource).flatMap(({ runs, at }) => {
      if (runs === 'pod') return [];
      const mounts = at
        .get('mounts')
        .items()
        .filter((mount) => mount.get('type').string === 'bind');
      const folders = [
        ...mounts.map((mount) => mount.get('source')),
        ...at
          .get('volumes')
          .items()
          .map((volume) => volume.get('hostPath')),
      ].filter(({ string }) => string !== undefined && isHostFolder(string));
      const modes = ['networkMode', 'pidMode', 'ipcMode'].map((name) => at.get(name));
      return [...folders, ...modes.filter(({ string }) => string === 'host'), ...at.get('devices').items()];
    });
    return [...values, ...hostAccessOfPod(resource)].map((value) => ({
      path: value.path,
      problem: `${shown(value)} is not allowed`,
    }));
  },
});

function hostAccessOfPod(resource: Resource): Value[] {
  const pod = containersOf(resource)[0]?.pod;
  if (pod === undefined) return [];
  const flags = ['hostNetwork', 'hostPID', 'hostIPC'].map((name) => pod.get(name)).filter((flag) => flag.isTrue);
  const paths = pod
    .get('volumes')
    .items()
    .map((volume) => volume.at('hostPath.path'));
  return [...flags, ...paths.filter((path) => path.isSet)];
}
