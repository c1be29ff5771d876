import { autoscalerArgs } from '../../../components/kubernetes/autoscaler';
import { serviceSpec } from '../../support/definitions';

const context = { namespace: 'shop-dev', partOf: 'shop-dev-1' };
const range = serviceSpec({ replicas: { min: 2, max: 9, cpu: 60 } });

it('a range of replicas follows the use of processor time', () =>
  expect(autoscalerArgs(range, 60, context)).toMatchObject({
    metadata: { name: 'api', namespace: 'shop-dev' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
      minReplicas: 2,
      maxReplicas: 9,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
    },
  }));

it('transform: has the last word', () => {
  const spec = {
    ...range,
    transform: { kubernetes: { autoscaler: () => ({ kind: 'HorizontalPodAutoscaler' as const }) } },
  };
  expect(autoscalerArgs(spec, 60, context)).toEqual({ kind: 'HorizontalPodAutoscaler' });
});
