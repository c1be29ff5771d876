import type { MicroserviceArgs } from '../../../components';
import { replicasServiceArgs, serviceArgs } from '../../../components/kubernetes/service';
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
      ports: [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'TCP', appProtocol: 'http' }],
    },
  }));

it('what speaks another protocol is not called http', () =>
  expect(service({ protocol: 'tcp' }).spec).toMatchObject({ ports: [{ name: 'tcp', port: 8080 }] }));

it('a port of gRPC is one of HTTP/2 without TLS', () =>
  expect(service({ protocol: 'grpc' }).spec).toMatchObject({
    ports: [{ name: 'grpc', port: 8080, appProtocol: 'kubernetes.io/h2c' }],
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
