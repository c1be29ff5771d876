import type { apps, core, types } from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec } from '../application-spec';
import { GATEWAY, type GatewaySpec } from '../gateway-spec';
import type { ProxySpec } from '../haproxy/configuration';
import { backendOf, gatewayTraffic } from '../haproxy/from-spec';
import { limitsOf, memoryOf } from '../haproxy/limits';
import { RULES, RULES_NAME } from '../haproxy/rules';
import type { WorkloadSpec } from '../workload';
import {
  deploymentMetadata,
  HISTORY,
  rolloutTimes,
  strategy,
  templateMetadata,
  type DeploymentContext,
} from './deployment';
import { isHttps, PORTS, type Exposure, type GatewayTls } from './exposure';
import { ANNOTATION, labels, selector } from './labels';
import { isRouted } from './network-policy';
import { podSpec } from './pod';
import { replicasService, type ObjectContext } from './service';

/** What a gateway needs of the platform and of what was created before it. */
export interface GatewayContext extends Omit<DeploymentContext, 'claim' | 'secrets'> {
  image: pulumi.Input<string>;
  replicas: number;
  exposure: Exposure;
  tls?: GatewayTls;
  /** Fingerprint of its certificate, where that is known: pods that have read another one are replaced. */
  certificate?: string | undefined;
  /** What the rules are rendered from: memory and times follow from it. */
  proxy: ProxySpec;
  /** Name of the ConfigMap with the rules. */
  configuration: pulumi.Input<string>;
  /** Time in seconds until whoever is in front of the gateway sends a leaving pod no new request. */
  drain: number;
}

/** Home of the user `haproxy` in its image. */
const STATE_FOLDER = '/var/lib/haproxy';
const CONFIGURATION_FOLDER = '/usr/local/etc/haproxy';
export const CONFIGURATION_FILE = 'haproxy.cfg';
const TLS_FOLDER = '/run/tls';
const CERTIFICATE = 'gateway.pem';
const USER = '99:99';
/** As many as processors that the pod may use; a large node has many more. */
const THREADS = 2;
/** HAProxy ends by itself after `hard-stop-after`, and then needs a moment. */
const STOP_MARGIN = 5_000;
/** A pod that leaves goes on for longer; see DRAIN. */
const DNS_INTERVAL = 1_000;
/** DNS answers within a second; until then the gateway knows no replica. */
const DISCOVERY = 2;

/** Most replicas that one name of the cluster's DNS can list, with room for those that an update adds. */
export const MAX_ROUTED_REPLICAS = 480;
const SLOTS = [32, 64, 128, 256, 512] as const;

/** Places for replicas, in steps: another number of replicas should not be another configuration. */
export function slots(replicas: number): number {
  return SLOTS.find((size) => size >= replicas + 2) ?? SLOTS[SLOTS.length - 1]!;
}

/** The rules of the gateway: those of every target, over the names that list the replicas. */
export function gatewayProxy(
  spec: GatewaySpec,
  application: ApplicationSpec,
  options: { namespace: string; clusterDomain: string; exposure: Exposure; tls?: GatewayTls | undefined },
): ProxySpec {
  const { exposure, tls } = options;
  const https = isHttps(exposure, tls);
  const routed = application.services.filter(({ name }) => isRouted(application, name));
  return {
    listeners: [
      {
        name: 'public',
        bind: [`*:${tls ? PORTS.https : PORTS.http}`],
        mode: 'http',
        routes: spec.routes,
        edge: {
          scheme: https ? 'https' : 'http',
          // Only the controller is to connect, and it says who the client is.
          trustedProxies: exposure.kind === 'Ingress' && spec.trustedProxies.length === 0 ? 'any' : spec.trustedProxies,
        },
        ...(tls ? { certificate: `${TLS_FOLDER}/${CERTIFICATE}` } : {}),
      },
    ],
    backends: routed.map((service) =>
      backendOf(service, {
        // Whole, since HAProxy knows no search path.
        dnsName: `${replicasService(service.name)}.${options.namespace}.svc.${options.clusterDomain}`,
        slots: slots(service.replicas.max),
      }),
    ),
    ...gatewayTraffic(spec, routed),
    stateFolder: STATE_FOLDER,
    rulesFile: `${CONFIGURATION_FOLDER}/${RULES_NAME}`,
    dnsInterval: DNS_INTERVAL,
    threads: THREADS,
    health: `*:${PORTS.health}`,
    ...(https && exposure.kind === 'LoadBalancer' ? { redirect: `*:${PORTS.redirect}` } : {}),
  };
}

/** The ports of the gateway's pods that may be connected to. */
export function gatewayPorts({ listeners, redirect }: Pick<ProxySpec, 'listeners' | 'redirect'>): number[] {
  const bound = [...listeners.flatMap(({ bind }) => bind), ...(redirect === undefined ? [] : [redirect])];
  return bound.map((address) => Number(address.split(':').at(-1)));
}

/** The rules as an object that never changes: other rules are another object, and so other pods. */
export function configurationArgs(configuration: string, { namespace, partOf }: ObjectContext): core.v1.ConfigMapArgs {
  return {
    metadata: { namespace, labels: labels(partOf, GATEWAY, 'gateway') },
    immutable: true,
    data: { [CONFIGURATION_FILE]: configuration, [RULES_NAME]: RULES },
  };
}

/** HAProxy's pods. One that refuses its configuration never becomes ready, and the old ones serve on. */
export function gatewayDeploymentArgs(spec: GatewaySpec, context: GatewayContext): apps.v1.DeploymentArgs {
  const matchLabels = selector(context.partOf, GATEWAY);
  const probe = {
    httpGet: { path: '/healthz', port: PORTS.health, scheme: 'HTTP' },
    timeoutSeconds: 2,
    successThreshold: 1,
  };
  const args: apps.v1.DeploymentArgs = {
    metadata: deploymentMetadata(GATEWAY, 'gateway', context),
    spec: {
      replicas: context.replicas,
      selector: { matchLabels },
      strategy: strategy(false),
      ...rolloutTimes({ startup: 30_000, monitor: 5_000 }, context.placement),
      revisionHistoryLimit: HISTORY,
      template: {
        metadata: templateMetadata(GATEWAY, 'gateway', context, certificateAnnotation(context.certificate)),
        spec: podSpec(
          workload(context.image, context.proxy),
          { ...context, secrets: [], selector: matchLabels },
          {
            restartPolicy: 'Always',
            movable: true,
            drain: context.drain,
            container: {
              ports: containerPorts(context),
              startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 30 },
              livenessProbe: { ...probe, periodSeconds: 3, failureThreshold: 3, terminationGracePeriodSeconds: 1 },
              readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: 2, initialDelaySeconds: DISCOVERY },
            },
            ...files(context),
          },
        ),
      },
    },
  };
  return spec.transform.kubernetes?.deployment?.(args) ?? args;
}

/** HAProxy reads its certificate once, when it starts. */
function certificateAnnotation(fingerprint: string | undefined): Record<string, string> {
  return fingerprint === undefined ? {} : { [ANNOTATION.certificate]: fingerprint };
}

/** The gateway as a workload like any other, so that it is confined like any other. */
function workload(image: pulumi.Input<string>, proxy: ProxySpec): WorkloadSpec {
  return {
    name: GATEWAY,
    image,
    command: ['haproxy', '-db', '-f', `${CONFIGURATION_FOLDER}/${CONFIGURATION_FILE}`],
    env: {},
    secrets: {},
    cpu: { request: 100, limit: THREADS * 1_000 },
    // It uses little until many connections are open.
    memory: { request: 128 * 2 ** 20, limit: memoryOf(limitsOf(proxy), proxy.maxHeaderSize) },
    calls: [],
    after: [],
    internet: false,
    writablePaths: [STATE_FOLDER],
    user: USER,
    readOnlyRoot: true,
    capabilities: [],
    stopGrace: proxy.drain + STOP_MARGIN,
  };
}

function containerPorts({ exposure, tls }: GatewayContext): types.input.core.v1.ContainerPort[] {
  const names = [
    tls ? 'https' : 'http',
    ...(isHttps(exposure, tls) && exposure.kind === 'LoadBalancer' ? ['redirect'] : []),
    'health',
  ] as const;
  return names.map((name) => ({ name, containerPort: PORTS[name as keyof typeof PORTS], protocol: 'TCP' }));
}

function files({ configuration, tls }: GatewayContext) {
  const volumes: types.input.core.v1.Volume[] = [
    { name: 'configuration', configMap: { name: configuration, defaultMode: 0o444 } },
  ];
  const mounts: types.input.core.v1.VolumeMount[] = [
    { name: 'configuration', mountPath: CONFIGURATION_FOLDER, readOnly: true },
  ];
  if (tls) {
    // HAProxy looks for the key beside the certificate.
    const items = [
      { key: 'tls.crt', path: CERTIFICATE },
      { key: 'tls.key', path: `${CERTIFICATE}.key` },
    ];
    volumes.push({ name: 'tls', secret: { secretName: tls.secret, items, defaultMode: 0o400 } });
    mounts.push({ name: 'tls', mountPath: TLS_FOLDER, readOnly: true });
  }
  return { volumes, mounts };
}
