import { serviceProxyDeploymentArgs, serviceProxyRules } from '../../../components/kubernetes/service-proxy';
import { serviceSpec } from '../../support/definitions';
import { discovery, kubernetesProxy } from '../../support/proxies';

it("a service's proxy has the rules of its load balancer on Docker, at the service's own port", () => {
  const rules = serviceProxyRules(serviceSpec({ port: 9000, timeout: '7s', maxConnections: 500 }), discovery);
  expect(rules).toMatchObject({
    listeners: [{ name: 'api', bind: ['*:9000'], mode: 'http', backend: 'api' }],
    backends: [{ name: 'api', dnsName: '_main._tcp.api-replicas.shop-dev.svc.cluster.local', timeout: 7_000 }],
    maxConnections: 500,
    health: '*:8404',
  });
  // Its callers are services of the application: what they say of a client is passed on.
  expect(rules.listeners[0]).not.toHaveProperty('edge');
});

it('what is not HTTP is passed on as it is', () =>
  expect(serviceProxyRules(serviceSpec({ port: 5432, protocol: 'tcp' }), discovery)).toMatchObject({
    listeners: [{ mode: 'tcp' }],
    backends: [{ mode: 'tcp' }],
  }));

it('its pods are of its own, beside the replicas', () => {
  const service = serviceSpec({ port: 9000 });
  const { metadata, spec } = serviceProxyDeploymentArgs(
    service,
    kubernetesProxy(serviceProxyRules(service, discovery)),
  );
  expect(metadata).toMatchObject({ name: 'api-proxy', labels: { 'app.kubernetes.io/component': 'load-balancer' } });
  expect(spec).toMatchObject({
    selector: { matchLabels: { 'app.kubernetes.io/name': 'api-proxy' } },
    template: { spec: { containers: [{ ports: [{ name: 'main', containerPort: 9000 }, { name: 'health' }] }] } },
  });
});
