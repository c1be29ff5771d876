// What a target has once a stack is deployed, worked out from what the stack asks for. The next revision is rendered against it.
import type { DeployedAddresses } from '../../components/docker/addresses';
import { WORKLOADS, type Attachment, type DeployedService } from '../../components/docker/engine';
import { VARIANT_LABEL } from '../../components/docker/variants';
import { LABEL } from '../../components/identity';
import type { DeployedWorkload } from '../../components/kubernetes/cluster';
import type { ClaimFacts } from '../../components/kubernetes/preflight';
import { parseQuantity } from '../../components/kubernetes/quantities';
import type { Registration } from '../../test/support/deployment';

/** Facts as JSON. A later revision of this program may read what an earlier one wrote: add to it, and change nothing. */
export interface Facts {
  docker?: {
    services: [name: string, DeployedService][];
    networks: [name: string, { subnet: string; internal: boolean }][];
    /** Networks and fixed addresses of proxies, by container. */
    attachments: [container: string, Attachment[]][];
  };
  kubernetes?: { workloads: [member: string, DeployedWorkload][]; claims: [name: string, ClaimFacts][] };
  /** Images that a registry has. */
  images?: string[];
}

const GOOD = { attempt: 0, failed: false, failedAt: 0 };

interface DockerInputs {
  name: string;
  labels?: { label: string; value: string }[];
  internal?: boolean;
  ipamConfigs?: { subnet?: string }[];
  taskSpec?: { containerSpec?: { mounts?: { type: string; source?: string }[] } };
}

/** What an engine has. */
export function dockerFacts(
  registrations: readonly Registration[],
  attachments: ReadonlyMap<string, readonly Attachment[]>,
): NonNullable<Facts['docker']> {
  const of = (type: string) =>
    registrations.filter((one) => one.type === type).map(({ inputs }) => inputs as unknown as DockerInputs);
  return {
    services: of('docker:index/service:Service').map((inputs, index) => [inputs.name, deployedService(inputs, index)]),
    networks: of('docker:index/network:Network').flatMap(({ name, internal = false, ipamConfigs }) => {
      const subnet = ipamConfigs?.[0]?.subnet;
      return subnet === undefined ? [] : [[name, { subnet, internal }]];
    }),
    attachments: [...attachments].map(([container, list]) => [container, [...list]]),
  };
}

function deployedService({ labels = [], taskSpec }: DockerInputs, createdAt: number): DeployedService {
  const label = (key: string) => labels.find((one) => one.label === key)?.value;
  const mounts = taskSpec?.containerSpec?.mounts ?? [];
  return {
    ...GOOD,
    member: WORKLOADS.includes(label(LABEL.component) ?? '') ? label(LABEL.name) : '',
    variant: label(VARIANT_LABEL),
    createdAt,
    volumes: mounts.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : [])),
  };
}

/** The same as an engine says it. */
export function deployedAddresses({ networks, attachments }: NonNullable<Facts['docker']>): DeployedAddresses {
  const proxies = new Map<string, Map<string, string>>();
  for (const [container, list] of attachments) {
    for (const { network, address } of list) {
      if (address !== undefined)
        proxies.set(network, (proxies.get(network) ?? new Map<string, string>()).set(container, address));
    }
  }
  return {
    networks: new Map(networks),
    foreign: [],
    proxies,
    attached: new Map(attachments.map(([container, list]) => [container, new Set(list.map(({ network }) => network))])),
  };
}

interface KubernetesInputs {
  metadata?: { name?: string; labels?: Record<string, string> };
  spec?: { storageClassName?: string; accessModes?: string[]; resources?: { requests?: { storage?: string } } };
}

/** What a cluster has. */
export function kubernetesFacts(
  registrations: readonly Registration[],
  defaultClass: string | undefined,
): NonNullable<Facts['kubernetes']> {
  const of = (...types: string[]) =>
    registrations.filter(({ type }) => types.includes(type)).map(({ inputs }) => inputs as KubernetesInputs);
  return {
    workloads: of('kubernetes:apps/v1:Deployment', 'kubernetes:batch/v1:Job').map(({ metadata }) => [
      metadata?.labels?.[LABEL.name] ?? metadata?.name ?? '',
      GOOD,
    ]),
    claims: of('kubernetes:core/v1:PersistentVolumeClaim').map(({ metadata, spec }) => [
      metadata?.name ?? '',
      {
        size: parseQuantity(spec?.resources?.requests?.storage ?? '0'),
        storageClass: spec?.storageClassName ?? defaultClass,
        choseClass: spec?.storageClassName !== undefined,
        accessModes: spec?.accessModes ?? [],
      },
    ]),
  };
}

const REGISTRY_IMAGE = 'docker:index/registryImage:RegistryImage';

export function publishedImages(registrations: readonly Registration[]): string[] {
  return registrations.filter(({ type }) => type === REGISTRY_IMAGE).map(({ inputs }) => inputs['name'] as string);
}
