import type { apps, core, types } from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { ProxySpec } from '../haproxy/configuration';
import { limitsOf, memoryOf } from '../haproxy/limits';
import { RULES, RULES_NAME } from '../haproxy/rules';
import { EPHEMERAL_STORAGE, WRITABLE_SIZE, type WorkloadSpec } from '../workload';
import {
  deploymentMetadata,
  HISTORY,
  rolloutTimes,
  strategy,
  templateMetadata,
  type DeploymentContext,
} from './deployment';
import { labels, selector, type ComponentKind } from './labels';
import { podSpec, type PodParts } from './pod';
import type { ObjectContext } from './service';

/** What HAProxy's pods need of the platform and of what was created before them. */
export interface ProxyContext extends Omit<DeploymentContext, 'claim' | 'secrets'> {
  image: pulumi.Input<string>;
  replicas: number;
  /** What the rules are rendered from: memory and times follow from it. */
  proxy: ProxySpec;
  /** Name of the ConfigMap with the rules. */
  configuration: pulumi.Input<string>;
  /** Seconds for whoever is in front to stop sending requests to a terminating pod. */
  drain: number;
}

/** What differs between one proxy and another. */
export interface ProxyParts extends Pick<PodParts, 'volumes' | 'mounts'> {
  name: string;
  kind: ComponentKind;
  /** Beside that of the health check. */
  ports: types.input.core.v1.ContainerPort[];
  annotations?: Readonly<Record<string, string>>;
}

/** Home of the user `haproxy` in its image. */
const STATE_FOLDER = '/var/lib/haproxy';
const CONFIGURATION_FOLDER = '/usr/local/etc/haproxy';
export const CONFIGURATION_FILE = 'haproxy.cfg';
/** One that no node has for itself. HAProxy needs no entry for it in its image. */
const USER = '10001:10001';
const HEALTH_PORT = 8404;
/** As many as processors that the pod may use; a large node has many more. */
const THREADS = 2;
/** HAProxy ends by itself after `hard-stop-after`, and then needs a moment. */
const STOP_MARGIN = 5_000;
/** A pod that leaves goes on for longer; see DRAIN. */
const DNS_INTERVAL = 1_000;
/** DNS answers within a second; until then a proxy knows no replica. */
const DISCOVERY = 2;
/** Time to start, in milliseconds. */
export const PROXY_STARTUP = 30_000;
const MONITOR = 5_000;
/** Ports below are the system's. */
const FIRST_UNPRIVILEGED = 1_024;

/** The part of the rules that follows from where HAProxy's pods keep their files. */
export const PROXY_BASE: Pick<ProxySpec, 'stateFolder' | 'rulesFile' | 'dnsInterval' | 'threads' | 'health'> = {
  stateFolder: STATE_FOLDER,
  rulesFile: `${CONFIGURATION_FOLDER}/${RULES_NAME}`,
  dnsInterval: DNS_INTERVAL,
  threads: THREADS,
  health: `*:${HEALTH_PORT}`,
};

/** The rules as an object that never changes: other rules are another object, and so other pods. */
export function configurationArgs(
  configuration: string,
  { name, kind }: Pick<ProxyParts, 'name' | 'kind'>,
  { namespace, partOf }: ObjectContext,
): core.v1.ConfigMapArgs {
  return {
    metadata: { namespace, labels: labels(partOf, name, kind) },
    immutable: true,
    data: configurationFiles(configuration),
  };
}

export function configurationFiles(configuration: string): Record<string, string> {
  return { [CONFIGURATION_FILE]: configuration, [RULES_NAME]: RULES };
}

/** HAProxy's pods. One that refuses its configuration never becomes ready, and the old ones serve on. */
export function proxyDeploymentArgs(parts: ProxyParts, context: ProxyContext): apps.v1.DeploymentArgs {
  const { name, kind } = parts;
  const matchLabels = selector(context.partOf, name);
  const probe = {
    httpGet: { path: '/healthz', port: HEALTH_PORT, scheme: 'HTTP' },
    timeoutSeconds: 2,
    successThreshold: 1,
  };
  return {
    metadata: deploymentMetadata(name, kind, context),
    spec: {
      replicas: context.replicas,
      selector: { matchLabels },
      strategy: strategy(false),
      ...rolloutTimes({ startup: PROXY_STARTUP, monitor: MONITOR }, context.placement),
      revisionHistoryLimit: HISTORY,
      template: {
        metadata: templateMetadata(name, kind, context, parts.annotations),
        spec: podSpec(
          workload(name, context.image, context.proxy),
          { ...context, secrets: [], selector: matchLabels },
          {
            restartPolicy: 'Always',
            movable: true,
            drain: context.drain,
            unprivilegedPorts: parts.ports.some(({ containerPort }) => Number(containerPort) < FIRST_UNPRIVILEGED),
            container: {
              ports: [...parts.ports, { name: 'health', containerPort: HEALTH_PORT, protocol: 'TCP' }],
              startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 30 },
              livenessProbe: { ...probe, periodSeconds: 3, failureThreshold: 3, terminationGracePeriodSeconds: 1 },
              readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: 2, initialDelaySeconds: DISCOVERY },
            },
            volumes: [
              { name: 'configuration', configMap: { name: context.configuration, defaultMode: 0o444 } },
              ...(parts.volumes ?? []),
            ],
            mounts: [
              { name: 'configuration', mountPath: CONFIGURATION_FOLDER, readOnly: true },
              ...(parts.mounts ?? []),
            ],
          },
        ),
      },
    },
  };
}

/** Time in milliseconds until a proxy's rollout is over, whatever happens. */
export function proxyRolloutTime(replicas: number): number {
  return (replicas + 1) * (PROXY_STARTUP + MONITOR);
}

/** A proxy as a workload like any other, so that it is confined like any other. */
function workload(name: string, image: pulumi.Input<string>, proxy: ProxySpec): WorkloadSpec {
  return {
    name,
    image,
    command: ['haproxy', '-db', '-f', `${CONFIGURATION_FOLDER}/${CONFIGURATION_FILE}`],
    env: {},
    secrets: {},
    cpu: { request: 100, limit: THREADS * 1_000 },
    // It uses little until many connections are open.
    memory: { request: 128 * 2 ** 20, limit: memoryOf(limitsOf(proxy), proxy.maxHeaderSize) },
    ephemeralStorage: EPHEMERAL_STORAGE,
    calls: [],
    after: [],
    internet: false,
    writablePaths: [{ path: STATE_FOLDER, size: WRITABLE_SIZE }],
    user: USER,
    readOnlyRoot: true,
    capabilities: [],
    stopGrace: proxy.drain + STOP_MARGIN,
  };
}
