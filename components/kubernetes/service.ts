import type { core } from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { MicroserviceSpec } from '../microservice-spec';
import { FORCED, labels, NOT_AWAITED, selector } from './labels';

/** Where an object belongs. */
export interface ObjectContext {
  namespace: pulumi.Input<string>;
  /** Value of the label that all objects of an application have. */
  partOf: string;
}

/**
 * Name of the port of pods and of Services. Neither number nor protocol is in it: while either changes, every Service finds
 * the port of old and of new pods, each of which has its own.
 */
export const PORT_NAME = 'main';

/** Name of the Service by which proxies find a microservice's replicas. */
export function replicasService(name: string): string {
  return `${name}-replicas`;
}

/** Name of the proxy in front of a microservice's replicas, where it has one. */
export function serviceProxy(name: string): string {
  return `${name}-proxy`;
}

/** The address that callers use: the microservice's own name. `pods` are those that answer there. */
export function serviceArgs(
  spec: MicroserviceSpec,
  port: number,
  context: ObjectContext,
  pods = spec.name,
): core.v1.ServiceArgs {
  const args = service(spec, spec.name, pods, port, context);
  return spec.transform.kubernetes?.service?.(args) ?? args;
}

/** A name that lists every replica that is ready, with its port, for proxies, which balance over them. */
export function replicasServiceArgs(spec: MicroserviceSpec, port: number, context: ObjectContext): core.v1.ServiceArgs {
  return service(spec, replicasService(spec.name), spec.name, port, context, { clusterIP: 'None' });
}

function service(
  spec: MicroserviceSpec,
  name: string,
  pods: string,
  port: number,
  { namespace, partOf }: ObjectContext,
  address: { clusterIP?: 'None' } = {},
): core.v1.ServiceArgs {
  return {
    // Whether replicas answer is the Deployment's business.
    metadata: {
      name,
      namespace,
      labels: labels(partOf, spec.name, 'microservice'),
      annotations: { ...NOT_AWAITED, ...FORCED },
    },
    spec: {
      type: 'ClusterIP',
      ...address,
      selector: selector(partOf, pods),
      ports: [
        {
          name: PORT_NAME,
          port,
          targetPort: PORT_NAME,
          protocol: 'TCP',
          ...(spec.protocol === 'tcp' ? {} : { appProtocol: spec.protocol === 'grpc' ? 'kubernetes.io/h2c' : 'http' }),
        },
      ],
    },
  };
}
