import { problems, readFor } from '../support/config';

const withTarget = (values: Record<string, string>) => problems({ 'shop:target': 'eks', ...values });

describe('the configuration for the cluster of another stack', () => {
  it('has defaults that reach nobody outside the network and give pods no rights', () =>
    expect(readFor('eks')).toEqual({
      target: 'eks',
      clusterStack: 'prod-cluster',
      internetFacing: false,
      podPermissions: {},
      trustedProxies: [],
      serviceProxies: [],
      costTags: {},
      replicas: {},
      loadBalancerAnnotations: {},
      namespaceLabels: {},
      passwordGeneration: 1,
      revision: '1',
    }));

  it('is read from the texts that Pulumi gives', () =>
    expect(
      readFor('eks', {
        'shop:clusterStack': 'acme/platform/blue',
        'shop:internetFacing': 'true',
        'shop:certificate': 'arn:aws:acm:eu-central-1:123456789012:certificate/0123-abcd',
        'shop:podPermissions': '{"order":[{"actions":["s3:GetObject"],"resources":["arn:aws:s3:::b/*"]}]}',
      }),
    ).toMatchObject({
      clusterStack: 'acme/platform/blue',
      internetFacing: true,
      certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/0123-abcd',
      podPermissions: { order: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] }] },
    }));

  it.each<[Record<string, string>, string]>([
    [
      { 'shop:clusterStack': 'platform/blue' },
      'shop:clusterStack: "platform/blue" is not allowed; must be the name of a stack, "prod-cluster" or "organization/project/stack"',
    ],
    [
      { 'shop:certificate': 'arn:aws:iam::123456789012:server-certificate/x' },
      'shop:certificate: "arn:aws:iam::123456789012:server-certificate/x" is not allowed; must be the ARN of a certificate of ACM',
    ],
    [
      { 'shop:podPermissions': '{"order":{"actions":[]}}' },
      'shop:podPermissions.order: {"actions":[]} is not allowed; must be a list of {actions, resources}',
    ],
    [
      { 'shop:podPermissions': '{"order":[{"actions":[],"resources":["arn"]}]}' },
      'shop:podPermissions.order.0.actions: [] is not allowed; must name something',
    ],
    [{ 'shop:internetFacing': 'yes' }, 'shop:internetFacing: "yes" is not allowed; must be true or false'],
    [
      { 'shop:kubeconfig': '~/.kube/config' },
      'shop:kubeconfig: has no effect with the target "eks"; it is for "kubernetes"',
    ],
    [{ 'shop:registry': 'r.example' }, 'shop:registry: has no effect with the target "eks"; it is for "kubernetes"'],
    [{ 'shop:storageClass': 'fast' }, 'shop:storageClass: has no effect with the target "eks"; it is for "kubernetes"'],
  ])('%j is one problem', (values, message) => expect(withTarget(values)).toEqual([message]));
});
