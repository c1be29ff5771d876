import { serviceAccountArgs } from '../../../components/kubernetes/service-account';

const context = { namespace: 'shop-dev', partOf: 'shop-dev-1' };

it('pods have an identity of their own, without a token of the cluster’s API', () =>
  expect(serviceAccountArgs('api', 'microservice', context)).toEqual({
    metadata: {
      name: 'api',
      namespace: 'shop-dev',
      labels: expect.objectContaining({ 'app.kubernetes.io/name': 'api' }) as object,
    },
    automountServiceAccountToken: false,
  }));

it('with it images are pulled that not everybody may pull', () =>
  expect(serviceAccountArgs('api', 'microservice', { ...context, pullSecrets: ['registry'] })).toMatchObject({
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'registry' }],
  }));
