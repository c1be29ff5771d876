import { claimArgs } from '../../../components/kubernetes/claim';

const context = { namespace: 'shop-dev', partOf: 'shop-dev-1' };
const claim = (storageClass?: string) => claimArgs('api', 'microservice', 5 * 2 ** 30, storageClass, context);

it('data has a name that the next stack finds again, and room for one writer', () =>
  expect(claim()).toMatchObject({
    metadata: { name: 'api-data', namespace: 'shop-dev' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
  }));

it('of a job it is labelled as such', () => {
  const labels = claimArgs('backup', 'job', 1, undefined, context).metadata as { labels: Record<string, string> };
  expect(labels.labels).toMatchObject({
    'app.kubernetes.io/component': 'job',
    'app.kubernetes.io/name': 'backup',
    'app.kubernetes.io/part-of': 'shop-dev-1',
  });
});

it('the class of storage is the default of the cluster, or that of the platform', () => {
  expect(claim().spec).not.toHaveProperty('storageClassName');
  expect(claim('fast').spec).toMatchObject({ storageClassName: 'fast' });
});

it('the next stack takes it over without a conflict, and nobody waits for a volume before a pod wants it', () =>
  expect(claim().metadata).toMatchObject({
    annotations: { 'pulumi.com/patchFieldManager': 'pulumi-shop-components', 'pulumi.com/skipAwait': 'true' },
  }));
