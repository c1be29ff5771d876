import type { MicroserviceArgs } from '../../../components';
import { PORT_NAME, replicasServiceArgs, serviceArgs, serviceProxy } from '../../../components/kubernetes/service';
import { serviceSpec } from '../../support/definitions';

const context = { namespace: 'shop-dev', partOf: 'shop-dev-1' };
const service = (args: Partial<MicroserviceArgs> = {}) => serviceArgs(serviceSpec(args), 8080, context);
const selector = { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/part-of': 'shop-dev-1' };

it('callers find a microservice at its own name and port', () =>
  expect(service()).toMatchObject({
    metadata: { name: 'api', namespace: 'shop-dev' },
    spec: {
      type: 'ClusterIP',
      selector,
      ports: [{ name: 'main', port: 8080, targetPort: 'main', protocol: 'TCP', appProtocol: 'http' }],
    },
  }));

it('what speaks another protocol is not called http', () =>
  expect(JSON.stringify(service({ protocol: 'tcp' }))).not.toContain('http'));

it('old and new pods are found by the name of their port, whatever number and protocol either has', () => {
  const names = [service(), service({ protocol: 'tcp' }), serviceArgs(serviceSpec(), 9000, context)].flatMap(
    ({ spec }) => (spec as { ports: { targetPort: string }[] }).ports.map(({ targetPort }) => targetPort),
  );
  expect(new Set(names)).toEqual(new Set([PORT_NAME]));
  expect(replicasServiceArgs(serviceSpec(), 9000, context).spec).toMatchObject({
    ports: [{ name: PORT_NAME, targetPort: PORT_NAME }],
  });
});

it('a proxy may stand in front of the replicas, at the same name and port', () => {
  const { metadata, spec } = serviceArgs(serviceSpec(), 8080, context, serviceProxy('api'));
  expect(metadata).toMatchObject({ name: 'api' });
  expect(spec).toMatchObject({ selector: { ...selector, 'app.kubernetes.io/name': 'api-proxy' } });
});

it('a port of gRPC is one of HTTP/2 without TLS', () =>
  expect(service({ protocol: 'grpc' }).spec).toMatchObject({
    ports: [{ name: 'main', port: 8080, appProtocol: 'kubernetes.io/h2c' }],
  }));

it('the gateway finds the replicas that are ready, each by its own address', () => {
  const { metadata, spec } = replicasServiceArgs(serviceSpec(), 8080, context);
  expect(metadata).toMatchObject({ name: 'api-replicas' });
  expect(spec).toMatchObject({ clusterIP: 'None', selector });
  expect(spec).not.toHaveProperty('publishNotReadyAddresses');
});

it('no Service opens a port of a node', () => {
  for (const { spec } of [service(), replicasServiceArgs(serviceSpec(), 8080, context)]) {
    expect(spec).toMatchObject({ type: 'ClusterIP' });
    expect(JSON.stringify(spec)).not.toContain('nodePort');
  }
});

it('the provider does not wait for replicas: that is done elsewhere', () =>
  expect(service().metadata).toMatchObject({ annotations: { 'pulumi.com/skipAwait': 'true' } }));

it('transform: has the last word', () =>
  expect(service({ transform: { kubernetes: { service: (args) => ({ ...args, spec: {} }) } } }).spec).toEqual({}));
