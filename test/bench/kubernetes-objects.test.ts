import { objectsOf, watchedFor } from '../../bench/kubernetes-objects';

const urn = (name: string) => `urn:pulumi:dev::fixture::${name}`;
const deployment = (name: string, minReadySeconds: number) => ({
  urn: urn(name),
  type: 'kubernetes:apps/v1:Deployment',
  inputs: { kind: 'Deployment', metadata: { name, namespace: 'here' }, spec: { minReadySeconds } },
});

const state = JSON.stringify({
  deployment: {
    resources: [
      { urn: urn('stack'), type: 'pulumi:pulumi:Stack' },
      { urn: urn('provider'), type: 'pulumi:providers:kubernetes', inputs: { namespace: 'here' } },
      {
        urn: urn('ns'),
        type: 'kubernetes:core/v1:Namespace',
        inputs: { kind: 'Namespace', metadata: { name: 'here' } },
      },
      deployment('echo', 5),
      deployment('keeper', 3),
      { urn: urn('caller'), type: 'shop:components:Microservice' },
      deployment('caller-deployment', 5),
      {
        urn: urn('map'),
        type: 'kubernetes:core/v1:ConfigMap',
        inputs: { kind: 'ConfigMap', metadata: { name: 'map', namespace: 'here' }, data: { to: 'echo.here.svc' } },
      },
      deployment('gateway', 0),
    ],
  },
});

describe('the objects of a stack', () => {
  const objects = objectsOf(state, 'here', 'there');

  it('are those of Kubernetes and no others, Deployments apart', () => {
    expect(objects.ground.map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap']);
  });

  it('stand in the other namespace, in what they say as well', () => {
    expect(objects.ground[0]!.metadata.name).toBe('there');
    expect(objects.ground[1]).toMatchObject({ metadata: { namespace: 'there' }, data: { to: 'echo.there.svc' } });
  });

  it('have all Deployments', () => {
    expect(objects.deployments.map(({ metadata }) => metadata.name)).toEqual([
      'echo',
      'keeper',
      'caller-deployment',
      'gateway',
    ]);
  });

  it('are watched for as long as the one that takes longest: they start together', () => {
    expect(watchedFor(objects)).toBe(5);
  });
});
