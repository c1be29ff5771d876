import { objectsOf, watchedFor } from '../../bench/kubernetes-objects';

const urn = (name: string) => `urn:pulumi:dev::fixture::${name}`;
const deployment = (name: string, minReadySeconds: number, dependencies: string[] = []) => ({
  urn: urn(name),
  type: 'kubernetes:apps/v1:Deployment',
  dependencies: dependencies.map(urn),
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
      deployment('echo', 5, ['ns']),
      deployment('keeper', 3, ['ns']),
      { urn: urn('caller'), type: 'shop:components:Microservice', dependencies: [urn('echo')] },
      deployment('caller-deployment', 5, ['ns', 'echo']),
      {
        urn: urn('map'),
        type: 'kubernetes:core/v1:ConfigMap',
        dependencies: [urn('ns')],
        inputs: { kind: 'ConfigMap', metadata: { name: 'map', namespace: 'here' }, data: { to: 'echo.here.svc' } },
      },
      deployment('gateway', 0, ['map', 'caller-deployment', 'keeper']),
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

  it('come in stages, each after those that it depends on', () => {
    expect(objects.stages.map((stage) => stage.map(({ metadata }) => metadata.name))).toEqual([
      ['echo', 'keeper'],
      ['caller-deployment'],
      ['gateway'],
    ]);
  });

  it('are watched once where they start together, and once a stage otherwise', () => {
    expect(watchedFor(objects)).toEqual({ together: 5, inStages: 10 });
  });
});
