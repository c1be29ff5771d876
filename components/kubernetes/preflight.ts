import type {
  ApiregistrationV1Api,
  CoreV1Api,
  KubeConfig,
  NetworkingV1Api,
  StorageV1Api,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Service,
  VersionApi,
} from '@kubernetes/client-node';
import { GATEWAY } from '../gateway-spec';
import { LABEL } from '../identity';
import { certificateFacts, type CertificateFacts } from './certificate';
import { ClusterError } from './kubeconfig';
import { FIELD_MANAGER } from './labels';
import { RESERVED } from './namespace';
import { parseQuantity } from './quantities';
import { persistently } from './retry';

/** What a cluster has. What this user may not look at is left out, and not validated. */
export interface ClusterFacts {
  version: string;
  nodes?: readonly NodeFacts[];
  storageClasses?: readonly StorageClassFacts[];
  ingressClasses?: readonly string[];
  /** Claims in the application's namespace, by name. */
  claims?: ReadonlyMap<string, ClaimFacts>;
  /** The gateway's Service in the application's namespace, where it is there. */
  gatewayService?: GatewayServiceFacts;
  /** Secrets of type kubernetes.io/tls in the application's namespace, by name. */
  tlsSecrets?: ReadonlyMap<string, CertificateFacts>;
  /** Secrets of type kubernetes.io/dockerconfigjson in the application's namespace. */
  pullSecrets?: readonly string[];
  /** Whether the cluster measures pods, which scaling by load needs. */
  metrics?: boolean;
  /** An address of one of the nodes. */
  nodeAddress?: string;
}

export interface NodeFacts {
  /** Processor time for pods, in thousandths of a core. */
  cpu: number;
  /** Memory for pods, in bytes. */
  memory: number;
  /** Disk for files and logs of pods, in bytes. */
  ephemeralStorage: number;
  architecture: string;
}

export interface ClaimFacts {
  /** Bytes. */
  size: number;
  storageClass?: string | undefined;
  /** A deployment of ours has asked for that class; otherwise the cluster has chosen its default. */
  choseClass: boolean;
  accessModes: readonly string[];
}

export interface GatewayServiceFacts {
  type: string;
  loadBalancerClass?: string | undefined;
  /** A deployment of ours has asked for that class; otherwise the cluster has set one. */
  choseClass: boolean;
}

export interface StorageClassFacts {
  name: string;
  isDefault: boolean;
  canGrow: boolean;
}

/** The parts of the API that are asked before a deployment. */
export interface PreflightApis {
  version: Pick<VersionApi, 'getCode'>;
  core: Pick<
    CoreV1Api,
    | 'listNode'
    | 'listNamespace'
    | 'listNamespacedPersistentVolumeClaim'
    | 'listNamespacedSecret'
    | 'listNamespacedService'
  >;
  storage: Pick<StorageV1Api, 'listStorageClass'>;
  networking: Pick<NetworkingV1Api, 'listIngressClass'>;
  registration: Pick<ApiregistrationV1Api, 'listAPIService'>;
}

/** The first one whose pods may sleep before they end (`preStop.sleep`) without a feature gate. */
const LEAST_VERSION = [1, 30] as const;
const METRICS = 'v1beta1.metrics.k8s.io';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/**
 * Asks a cluster what it has.
 *
 * @throws ClusterError naming the cluster when it does not answer within seconds or does not know this user.
 */
export async function inspectCluster(
  apis: PreflightApis,
  config: Pick<KubeConfig, 'getCurrentContext' | 'getCurrentCluster'>,
  namespace: string,
): Promise<ClusterFacts> {
  const subject = `the cluster of context ${JSON.stringify(config.getCurrentContext())} (${config.getCurrentCluster()?.server ?? ''})`;
  const version = await apis.version.getCode().catch((error: unknown) => {
    throw unreachable(subject, error);
  });
  if (isBefore(version.gitVersion, LEAST_VERSION)) {
    throw new ClusterError(
      `${subject} runs Kubernetes ${version.gitVersion}; ${LEAST_VERSION.join('.')} or later is needed. Upgrade the cluster, or choose another.`,
    );
  }
  const secretsOf = (type: string) =>
    allowed(apis.core.listNamespacedSecret({ namespace, fieldSelector: `type=${type}` }), subject);
  const [nodes, storageClasses, ingressClasses, claims, services, tlsSecrets, pullSecrets, metrics] = await Promise.all(
    [
      allowed(apis.core.listNode(), subject),
      allowed(apis.storage.listStorageClass(), subject),
      allowed(apis.networking.listIngressClass(), subject),
      allowed(apis.core.listNamespacedPersistentVolumeClaim({ namespace }), subject),
      allowed(apis.core.listNamespacedService({ namespace, fieldSelector: `metadata.name=${GATEWAY}` }), subject),
      secretsOf('kubernetes.io/tls'),
      secretsOf('kubernetes.io/dockerconfigjson'),
      allowed(apis.registration.listAPIService({ fieldSelector: `metadata.name=${METRICS}` }), subject),
    ],
  );
  const address = nodes && nodeAddress(nodes.items);
  const gateway = services?.items[0];
  return {
    version: version.gitVersion,
    ...(nodes ? { nodes: nodes.items.filter(takesPods).map(nodeFacts) } : {}),
    ...(storageClasses
      ? {
          storageClasses: storageClasses.items.map(({ metadata, allowVolumeExpansion }) => ({
            name: metadata?.name ?? '',
            isDefault: metadata?.annotations?.[DEFAULT_CLASS] === 'true',
            canGrow: allowVolumeExpansion === true,
          })),
        }
      : {}),
    ...(ingressClasses ? { ingressClasses: ingressClasses.items.map(({ metadata }) => metadata?.name ?? '') } : {}),
    ...(claims ? { claims: new Map(claims.items.map((one) => [one.metadata?.name ?? '', claimFacts(one)])) } : {}),
    ...(gateway ? { gatewayService: serviceFacts(gateway) } : {}),
    ...(tlsSecrets
      ? { tlsSecrets: new Map(tlsSecrets.items.map((one) => [one.metadata?.name ?? '', certificateFacts(one)])) }
      : {}),
    ...(pullSecrets ? { pullSecrets: pullSecrets.items.map(({ metadata }) => metadata?.name ?? '') } : {}),
    ...(metrics ? { metrics: metrics.items.length > 0 } : {}),
    ...(address === undefined ? {} : { nodeAddress: address }),
  };
}

/**
 * Makes sure that a namespace is this application's, or nobody's yet: it is deleted with its data, and what others have in it
 * would go with it.
 *
 * @throws ClusterError saying whose it is and how to hand it over, or that it is being deleted.
 */
export async function checkNamespace(
  core: Pick<CoreV1Api, 'listNamespace'>,
  namespace: string,
  partOf: string,
): Promise<void> {
  const { items } = await persistently(() => core.listNamespace({ fieldSelector: `metadata.name=${namespace}` }));
  const [found] = items;
  if (!found) return;
  if (found.metadata?.deletionTimestamp) {
    throw new ClusterError(
      `namespace ${JSON.stringify(namespace)} is being deleted, and cannot be deployed to until it is gone. ` +
        `Wait for it: kubectl --context CONTEXT wait --for=delete namespace/${namespace} --timeout=5m`,
    );
  }
  const owner = found.metadata?.labels?.[LABEL.partOf];
  if (owner === partOf) return;
  const choose = 'Choose another with: npx pulumi config set --stack NAME namespace NAMESPACE';
  if (RESERVED.test(namespace)) {
    throw new ClusterError(`namespace ${JSON.stringify(namespace)} is the cluster's own. ${choose}`);
  }
  throw new ClusterError(
    `namespace ${JSON.stringify(namespace)} exists and ${
      owner === undefined ? 'has no label of this application' : `belongs to ${JSON.stringify(owner)}`
    }. ${choose}. Or assign it to this application: ` +
      `kubectl --context CONTEXT label namespace ${namespace} ${LABEL.partOf}=${partOf} --overwrite. ` +
      '`npm run down` then deletes the namespace with everything in it, unless it holds claims or Secrets; with `--data` always.',
  );
}

/** A version that cannot be read is taken for one that is late enough. */
function isBefore(gitVersion: string, [major, minor]: readonly [number, number]): boolean {
  const [, ownMajor, ownMinor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (ownMajor === undefined) return false;
  return Number(ownMajor) < major || (Number(ownMajor) === major && Number(ownMinor) < minor);
}

function unreachable(subject: string, error: unknown): ClusterError {
  const { code, message, syscall } = error as { code?: number | string; message?: string; syscall?: string };
  if (code === 'ENOENT' && syscall?.startsWith('spawn ') === true) {
    const program = syscall.slice('spawn '.length);
    return new ClusterError(
      `the kubeconfig of ${subject} gets its credentials from ${JSON.stringify(program)}, which is not on PATH. Install it.`,
    );
  }
  if (code === 401) return new ClusterError(`${subject} rejected the kubeconfig's credentials (401). Renew them.`);
  const reason = typeof code === 'string' ? code : (message ?? String(error)).trim().split('\n')[0]!;
  if (typeof code === 'number') {
    return new ClusterError(
      `${subject} answered ${code} (${reason}); nothing was changed. Check what the context's user may do, or try again later.`,
    );
  }
  return new ClusterError(
    `${subject} does not answer (${reason}). Start it, or point the stack at another with: npx pulumi config set --stack NAME kubeconfig PATH, ` +
      'npx pulumi config set --stack NAME context CONTEXT. To remove a stack whose cluster no longer exists: ' +
      '`npm run down -- --stack NAME --cluster-gone`, or PULUMI_K8S_DELETE_UNREACHABLE=true with `npx pulumi destroy`.',
  );
}

/** @returns nothing where this user may not look. */
async function allowed<T>(answer: Promise<T>, subject: string): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { code?: number }).code === 403) return undefined;
    throw unreachable(subject, error);
  }
}

function takesPods({ spec }: V1Node): boolean {
  return spec?.unschedulable !== true && !spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule');
}

function nodeFacts({ status }: V1Node): NodeFacts {
  return {
    cpu: Math.round(parseQuantity(status?.allocatable?.['cpu']) * 1_000),
    memory: parseQuantity(status?.allocatable?.['memory']),
    ephemeralStorage: parseQuantity(status?.allocatable?.['ephemeral-storage']),
    architecture: status?.nodeInfo?.architecture ?? '',
  };
}

function claimFacts({ metadata, spec }: V1PersistentVolumeClaim): ClaimFacts {
  return {
    size: parseQuantity(spec?.resources?.requests?.['storage']),
    storageClass: spec?.storageClassName,
    choseClass: isOurs(metadata, 'f:storageClassName'),
    accessModes: spec?.accessModes ?? [],
  };
}

function serviceFacts({ metadata, spec }: V1Service): GatewayServiceFacts {
  return {
    type: spec?.type ?? 'ClusterIP',
    loadBalancerClass: spec?.loadBalancerClass,
    choseClass: isOurs(metadata, 'f:loadBalancerClass'),
  };
}

/** Whether a deployment has set a field of a spec: under our own name, or under one that Pulumi's provider makes up. */
function isOurs(metadata: V1ObjectMeta | undefined, field: string): boolean {
  return (
    metadata?.managedFields?.some(
      ({ manager, fieldsV1 }) =>
        (manager === FIELD_MANAGER || manager?.startsWith('pulumi-kubernetes') === true) &&
        (fieldsV1 as { 'f:spec'?: Record<string, unknown> } | undefined)?.['f:spec']?.[field] !== undefined,
    ) ?? false
  );
}

/** One that people outside can reach, if a node has any. */
function nodeAddress(nodes: readonly V1Node[]): string | undefined {
  const addresses = nodes.flatMap(({ status }) => status?.addresses ?? []);
  return (addresses.find(({ type }) => type === 'ExternalIP') ?? addresses.find(({ type }) => type === 'InternalIP'))
    ?.address;
}
