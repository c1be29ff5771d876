import type { MicroserviceArgs } from '../../../components';
import { deploymentArgs, DRAIN, type DeploymentContext } from '../../../components/kubernetes/deployment';
import { serviceSpec } from '../../support/definitions';

const context: DeploymentContext = {
  namespace: 'shop-dev',
  partOf: 'shop-dev-1',
  serviceAccount: 'api',
  helperImage: 'haproxy:3.0',
  secrets: [],
  architecture: 'amd64',
  attempt: 0,
  placement: 30_000,
};
interface Rendered {
  metadata: { name: string; annotations: Record<string, string>; labels: Record<string, string> };
  spec: Record<string, unknown> & {
    template: {
      metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
      spec: Record<string, unknown> & { containers: Record<string, unknown>[]; volumes: unknown[] };
    };
  };
}
const deployment = (args: Partial<MicroserviceArgs> = {}, extra: Partial<DeploymentContext> = {}) =>
  deploymentArgs(serviceSpec(args), { ...context, ...extra }) as unknown as Rendered;
const LABELS = {
  'app.kubernetes.io/component': 'microservice',
  'app.kubernetes.io/managed-by': 'pulumi',
  'app.kubernetes.io/name': 'api',
  'app.kubernetes.io/part-of': 'shop-dev-1',
};

describe('a microservice as a Deployment', () => {
  it('has its name and the recommended labels', () => {
    expect(deployment().metadata).toMatchObject({ name: 'api', namespace: 'shop-dev', labels: LABELS });
    expect(deployment().spec.template.metadata.labels).toEqual(LABELS);
  });

  it('finds its pods by labels that no other workload has, and that never change', () => {
    const { selector } = deployment({ image: 'another' }).spec;
    expect(selector).toEqual({
      matchLabels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/part-of': 'shop-dev-1' },
    });
  });

  it.each([0, 1, 3])('replicas %i: as many', (replicas) =>
    expect(deployment({ replicas }).spec['replicas']).toBe(replicas),
  );

  it('replicas in a range: left to the autoscaler, which each deployment would overrule', () =>
    expect(deployment({ replicas: { min: 2, max: 9 } }).spec).not.toHaveProperty('replicas'));

  it('an update starts one new replica before an old one goes', () =>
    expect(deployment().spec['strategy']).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    }));

  it('monitor: how long a new replica must stay healthy', () =>
    expect(deployment({ monitor: '20s' }).spec['minReadySeconds']).toBe(20));

  it('startup and monitor fit into the deadline for progress, with time for a place and for the image', () =>
    expect(deployment({ startup: '90s', monitor: '10s' }).spec['progressDeadlineSeconds']).toBe(90 + 10 + 30 + 120));

  it('port: of the container, by a name that Services and DNS know', () =>
    expect(deployment({ port: 5432, protocol: 'tcp' }).spec.template.spec.containers[0]!['ports']).toEqual([
      { name: 'main', containerPort: 5432, protocol: 'TCP' },
    ]));

  it('a replica that leaves serves until nobody sends it requests any more', () =>
    expect(deployment({ port: 80 }).spec.template.spec).toMatchObject({
      terminationGracePeriodSeconds: DRAIN + 10,
      containers: [{ lifecycle: { preStop: { sleep: { seconds: DRAIN } } } }],
    }));

  it('a worker, to whom nobody sends requests, stops at once', () =>
    expect(deployment().spec.template.spec.containers[0]).not.toHaveProperty('lifecycle'));

  describe('storage', () => {
    const storage = { path: '/data', size: '1Gi' } as const;
    const found = deployment({ port: 80, storage }, { claim: 'api-data' });

    it('is the claim, mounted at its path', () => {
      expect(found.spec.template.spec.volumes).toContainEqual({
        name: 'data',
        persistentVolumeClaim: { claimName: 'api-data' },
      });
      expect(found.spec.template.spec.containers[0]!['volumeMounts']).toContainEqual({
        name: 'data',
        mountPath: '/data',
      });
    });

    it('has one writer: the old replica stops first, and at once', () => {
      expect(found.spec['strategy']).toEqual({ type: 'Recreate' });
      expect(found.spec.template.spec.containers[0]).not.toHaveProperty('lifecycle');
    });

    it('does not leave a node that is silent before the cluster itself says so', () =>
      expect(found.spec.template.spec).not.toHaveProperty('tolerations'));
  });

  it('without storage it leaves a node that is lost', () =>
    expect(deployment().spec.template.spec).toHaveProperty('tolerations'));

  it('the provider does not wait for it, and overrules what was changed by hand', () =>
    expect(deployment().metadata.annotations).toEqual({
      'pulumi.com/skipAwait': 'true',
      'pulumi.com/patchForce': 'true',
      'pulumi.com/patchFieldManager': 'pulumi-shop-components',
    }));

  it('another attempt makes other pods', () => {
    const again = deployment({}, { attempt: 7 });
    expect(again.metadata.annotations).toMatchObject({ 'components.shop/attempt': '7' });
    expect(again.spec.template.metadata.annotations).toEqual({ 'components.shop/attempt': '7' });
    expect(deployment().spec.template.metadata).not.toHaveProperty('annotations');
  });

  it('transform: has the last word', () =>
    expect(
      deployment({ transform: { kubernetes: { deployment: (args) => ({ ...args, metadata: { name: 'x' } }) } } })
        .metadata.name,
    ).toBe('x'));
});
