import { disruptionBudgetArgs } from '../../../components/kubernetes/disruption-budget';

it('a drained node takes one replica at a time, and does not wait for one that is broken anyway', () =>
  expect(disruptionBudgetArgs('api', 'microservice', { namespace: 'shop-dev', partOf: 'shop-dev-1' })).toMatchObject({
    metadata: { name: 'api', namespace: 'shop-dev' },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/part-of': 'shop-dev-1' } },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  }));
