import type { autoscaling } from '@pulumi/kubernetes';
import type { MicroserviceSpec } from '../microservice-spec';
import { labels } from './labels';
import type { ObjectContext } from './service';

/** A number of replicas that follows the load. */
export function autoscalerArgs(
  spec: MicroserviceSpec,
  averageUtilization: number,
  { namespace, partOf }: ObjectContext,
): autoscaling.v2.HorizontalPodAutoscalerArgs {
  const args: autoscaling.v2.HorizontalPodAutoscalerArgs = {
    metadata: { name: spec.name, namespace, labels: labels(partOf, spec.name, 'microservice') },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: spec.name },
      minReplicas: spec.replicas.min,
      maxReplicas: spec.replicas.max,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }],
    },
  };
  return spec.transform.kubernetes?.autoscaler?.(args) ?? args;
}
