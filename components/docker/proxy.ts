import type * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { LOG_DRIVER, mountedConfig, type ConfigFile } from './service';
import { labels, type ComponentKind } from './identity';
import { APPLY, PROBE, PROXY_FOLDER, RECEIVED, RECEIVED_RULES, START } from './proxy-scripts';

/**
 * A proxy is two things. A plain container, since only that can publish a port on 127.0.0.1, keep its address and be
 * restarted in place: it is never replaced for a changed configuration. And a one-task service that gets the
 * configuration, has HAProxy check it, writes it to their common volume and reloads: a bad one fails the update while
 * the old one serves.
 */
export interface ProxyContext {
  prefix: string;
  /** Name of the microservice, or `gateway`. */
  name: string;
  kind: Extract<ComponentKind, 'gateway' | 'load-balancer'>;
  /** Name of the container. */
  containerName: string;
  image: pulumi.Input<string>;
  /** Name of the volume with the configuration and the sockets. */
  volume: string;
  /** The network that the container is born in; it is attached to others while it runs. */
  network: pulumi.Input<string>;
  address?: string;
  /** Most bytes of memory. */
  memory: number;
  published?: { internal: number; external: number };
}

const USER = '99:99';
/** As the engine writes ids for people. */
const SHORT_ID = 12;

export function proxyContainerArgs(context: ProxyContext): docker.ContainerArgs & { name: string } {
  return {
    name: context.containerName,
    image: context.image,
    entrypoints: ['/bin/sh', '-c'],
    command: [START],
    user: USER,
    restart: 'always',
    init: false,
    readOnly: true,
    capabilities: { drops: ['ALL'] },
    securityOpts: ['no-new-privileges:true'],
    // An address may be bound before the container is attached to its network.
    sysctls: { 'net.ipv4.ip_nonlocal_bind': '1' },
    memory: Math.ceil(context.memory / 2 ** 20),
    memorySwap: Math.ceil(context.memory / 2 ** 20),
    stopSignal: 'SIGTERM',
    stopTimeout: 5,
    destroyGraceSeconds: 5,
    networkMode: 'bridge',
    networksAdvanced: [
      { name: context.network, ...(context.address === undefined ? {} : { ipv4Address: context.address }) },
    ],
    ...(context.published ? { ports: [{ ...context.published, ip: '127.0.0.1', protocol: 'tcp' }] } : {}),
    volumes: [{ volumeName: context.volume, containerPath: PROXY_FOLDER }],
    logDriver: LOG_DRIVER.name,
    logOpts: LOG_DRIVER.options,
    labels: labels(context.prefix, context.name, context.kind),
  };
}

/** The one-task service that brings a configuration into force. */
export function proxyConfigArgs(
  context: ProxyContext & {
    serviceName: string;
    probe: ConfigFile;
    rules: ConfigFile;
    configuration: ConfigFile;
    containerId: pulumi.Input<string>;
    attempt: number;
  },
): docker.ServiceArgs {
  return {
    name: context.serviceName,
    labels: labels(context.prefix, context.name, 'proxy-config'),
    endpointSpec: { mode: 'dnsrr' },
    mode: { replicated: { replicas: 1 } },
    taskSpec: {
      containerSpec: {
        image: context.image,
        commands: ['/bin/sh', '-c', APPLY],
        // A new container starts with what lies on the volume; this makes it join its networks, too.
        // Its short id: the whole one looks like a key to whoever searches variables for secrets.
        env: { PROXY: pulumi.output(context.containerId).apply((id) => id.slice(0, SHORT_ID)) },
        labels: labels(context.prefix, context.name, 'proxy-config'),
        user: USER,
        readOnly: true,
        capDrops: ['ALL'],
        // HAProxy's image names a signal that only HAProxy understands.
        stopSignal: 'SIGTERM',
        // Left out, the provider sends zero: it would be killed at once, maybe while it writes the configuration.
        stopGracePeriod: '10s',
        mounts: [{ type: 'volume', source: context.volume, target: PROXY_FOLDER, readOnly: false }],
        configs: [
          mountedConfig(context.probe, PROBE, 0o555),
          mountedConfig(context.rules, RECEIVED_RULES, 0o444),
          mountedConfig(context.configuration, RECEIVED, 0o444),
        ],
      },
      resources: {
        limits: { nanoCpus: 1e9, memoryBytes: 64 * 2 ** 20 },
        reservation: { nanoCpus: 1e6, memoryBytes: 6 * 2 ** 20 },
      },
      restartPolicy: { condition: 'on-failure', delay: '2s', maxAttempts: 0, window: '0s' },
      logDriver: LOG_DRIVER,
      forceUpdate: context.attempt,
      runtime: 'container',
    },
    updateConfig: {
      order: 'stop-first',
      parallelism: 1,
      delay: '0s',
      monitor: '3s',
      failureAction: 'rollback',
      maxFailureRatio: '0',
    },
    rollbackConfig: {
      order: 'stop-first',
      parallelism: 1,
      delay: '0s',
      monitor: '1s',
      failureAction: 'pause',
      maxFailureRatio: '0',
    },
  };
}
