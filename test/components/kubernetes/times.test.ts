import { gatewayDrain, placementOf } from '../../../components/kubernetes/times';

it('a pod may wait for a node that is being made, not for room that nobody makes', () => {
  expect(placementOf({})).toBe(30_000);
  expect(placementOf({ nodesOnDemand: true })).toBe(300_000);
});

it('a gateway that leaves serves until the load balancer of a cloud has noticed', () => {
  expect(gatewayDrain({ exposure: { kind: 'LoadBalancer' } })).toBe(60);
  expect(gatewayDrain({ exposure: { kind: 'NodePort' } })).toBe(10);
  expect(gatewayDrain({ exposure: { kind: 'NodePort' }, gatewayDrain: 3 })).toBe(3);
});
