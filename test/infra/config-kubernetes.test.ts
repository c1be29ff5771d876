import { NEEDED, problems, readFor } from '../support/config';

describe('the configuration for Kubernetes', () => {
  it('has defaults that suit any cluster', () =>
    expect(readFor('kubernetes')).toEqual({
      target: 'kubernetes',
      kubeconfig: '~/.kube/config',
      context: 'shop-local',
      registry: '127.0.0.1:5000',
      exposure: 'NodePort',
      replicas: {},
      loadBalancerAnnotations: {},
      namespaceLabels: {},
      dnsCidrs: [],
      trustedProxies: [],
      serviceProxies: [],
      pullSecrets: [],
      nodesOnDemand: false,
      architecture: 'amd64',
      passwordGeneration: 1,
      revision: '1',
    }));

  it('is read from the texts that Pulumi gives', () =>
    expect(
      readFor('kubernetes', {
        'shop:nodePort': '30080',
        'shop:nodesOnDemand': 'true',
        'shop:dnsCidrs': '["172.20.0.10/32"]',
        'shop:trustedProxies': '["10.1.0.0/16"]',
        'shop:serviceProxies': '["user"]',
        'shop:externalTrafficPolicy': 'Local',
        'shop:pullSecrets': '["registry"]',
        'shop:loadBalancerAnnotations': '{"a":"b"}',
        'shop:namespaceLabels': '{"team":"shop"}',
      }),
    ).toMatchObject({
      nodePort: 30080,
      nodesOnDemand: true,
      dnsCidrs: ['172.20.0.10/32'],
      trustedProxies: ['10.1.0.0/16'],
      serviceProxies: ['user'],
      externalTrafficPolicy: 'Local',
      pullSecrets: ['registry'],
      loadBalancerAnnotations: { a: 'b' },
      namespaceLabels: { team: 'shop' },
    }));

  it('needs the cluster, the registry and how the shop is reached: none of them is guessed', () =>
    expect(problems({ 'shop:target': 'kubernetes' }).map((line) => line.split(';')[0])).toEqual([
      'shop:kubeconfig is missing',
      'shop:context is missing',
      'shop:registry is missing',
      'shop:exposure is missing',
    ]));

  it.each<[Record<string, string>, string]>([
    [
      { 'shop:exposure': 'nodeport' },
      'shop:exposure: "nodeport" is not allowed; must be "LoadBalancer", "NodePort" or "Ingress"',
    ],
    [
      { 'shop:registry': 'https://r' },
      'shop:registry: "https://r" is not allowed; must be a registry, "host" or "host:port", in lower case',
    ],
    [{ 'shop:dnsCidrs': '["x"]' }, 'shop:dnsCidrs.0: "x" is not allowed; must be a list of IPv4 blocks'],
    [
      { 'shop:trustedProxies': '["10.1.0.0/99"]' },
      'shop:trustedProxies.0: "10.1.0.0/99" is not allowed; must be a CIDR such as "10.0.0.0/8", or an address',
    ],
    [
      { 'shop:externalTrafficPolicy': 'local' },
      'shop:externalTrafficPolicy: "local" is not allowed; must be "Local", "Cluster" or "auto"',
    ],
    [{ 'shop:nodesOnDemand': 'yes' }, 'shop:nodesOnDemand: "yes" is not allowed; must be true or false'],
    [
      { 'shop:gatewayPort': '8080' },
      'shop:gatewayPort: has no effect with the target "kubernetes"; it is for "docker"',
    ],
  ])('%j is one problem', (values, message) =>
    expect(problems({ 'shop:target': 'kubernetes', ...NEEDED['kubernetes'], ...values })).toEqual([message]),
  );
});
