import type * as docker from '@pulumi/docker';

/**
 * Escape hatch of a microservice or a gateway: functions that get what was rendered and return what to use
 * instead. They run after validation; what they change is not checked again.
 */
export interface Transform {
  /** Changes the load balancer's, or the gateway's, HAProxy configuration. It is checked by HAProxy before it is used. */
  proxy?: (configuration: string) => string;
  /** Changes what is given to the Docker provider. Used by the Docker target only. */
  docker?: {
    service?: (args: docker.ServiceArgs) => docker.ServiceArgs;
    proxyContainer?: (args: docker.ContainerArgs) => docker.ContainerArgs;
  };
}
