import type * as docker from '@pulumi/docker';
import type * as kubernetes from '@pulumi/kubernetes';

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
  /** Changes what is given to the Kubernetes provider. Used by the Kubernetes target only. */
  kubernetes?: {
    deployment?: (args: kubernetes.apps.v1.DeploymentArgs) => kubernetes.apps.v1.DeploymentArgs;
    service?: (args: kubernetes.core.v1.ServiceArgs) => kubernetes.core.v1.ServiceArgs;
    networkPolicy?: (args: kubernetes.networking.v1.NetworkPolicyArgs) => kubernetes.networking.v1.NetworkPolicyArgs;
    autoscaler?: (
      args: kubernetes.autoscaling.v2.HorizontalPodAutoscalerArgs,
    ) => kubernetes.autoscaling.v2.HorizontalPodAutoscalerArgs;
  };
}
