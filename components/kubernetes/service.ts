import type { core } from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { MicroserviceSpec } from '../microservice-spec';
import { labels, NOT_AWAITED, selector } from './labels';

/** Where an object belongs. */
export interface ObjectContext {
  namespace: pulumi.Input<string>;
  /** Value of the label that all objects of an application have. */
  partOf: string;
}

/** Name of the Service by which the gateway finds a microservice's replicas. */
export function replicasService(name: string): string {
  return `${name}-replicas`;
}

/** The address that callers use: the microservice's own name. */
export function serviceArgs(spec: MicroserviceSpec, port: number, context: ObjectContext): core.v1.ServiceArgs {
  const args = service(spec, spec.name, port, context);
  return spec.transform.kubernetes?.service?.(args) ?? args;
}

/** A name that lists every replica that is ready, for the gateway, which balances over them itself. */
export function replicasServiceArgs(spec: MicroserviceSpec, port: number, context: ObjectContext): core.v1.ServiceArgs {
  return service(spec, replicasService(spec.name), port, context, { clusterIP: 'None' });
}

function service(
  spec: MicroserviceSpec,
  name: string,
  port: number,
  { namespace, partOf }: ObjectContext,
  address: { clusterIP?: 'None' } = {},
): core.v1.ServiceArgs {
  return {
    // Whether replicas answer is the Deployment's business.
    metadata: { name, namespace, labels: labels(partOf, spec.name, 'microservice'), annotations: NOT_AWAITED },
    spec: {
      type: 'ClusterIP',
      ...address,
      selector: selector(partOf, spec.name),
      ports: [
        {
          name: spec.protocol,
          port,
          targetPort: port,
          protocol: 'TCP',
          ...(spec.protocol === 'tcp' ? {} : { appProtocol: spec.protocol === 'grpc' ? 'kubernetes.io/h2c' : 'http' }),
        },
      ],
    },
  };
}
