import { clusterProblems, eksOf, registrationsOf } from '../support/aws-dump';
import { named, ofType } from '../support/registrations';

describe('what reaches `prod-cluster`, and what it reaches', () => {
  it('nodes and control plane are in private subnets only', async () => {
    const inputs = await eksOf();
    expect(inputs['privateSubnetIds']).toEqual(['private-1', 'private-2', 'private-3']);
    expect(inputs['publicSubnetIds']).toBeUndefined();
    expect(inputs['subnetIds']).toBeUndefined();
    const { spec } = named(await registrationsOf(), 'objects-node-class').inputs as { spec: Record<string, unknown> };
    expect(spec['subnetSelectorTerms']).toEqual([{ id: 'private-1' }, { id: 'private-2' }, { id: 'private-3' }]);
  });

  it('the API has no public endpoint unless blocks are named', async () => {
    expect(await eksOf()).toMatchObject({ endpointPrivateAccess: true, endpointPublicAccess: false });
    expect((await eksOf())['publicAccessCidrs']).toBeUndefined();
  });

  it('a public endpoint answers the named blocks only, and the private one stays', async () =>
    expect(await eksOf({ 'shop:publicApiCidrs': '["203.0.113.0/24"]' })).toMatchObject({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ['203.0.113.0/24'],
    }));

  it('a public endpoint for the whole internet is refused', async () =>
    expect(await clusterProblems({ 'shop:publicApiCidrs': '["0.0.0.0/0"]' })).toEqual(['publicApiCidrs[0]']));

  it('the private endpoint is open to the named blocks and to no port but its own', async () => {
    const rules = ofType(
      await registrationsOf({ 'shop:privateApiCidrs': '["10.1.0.0/16","10.2.0.0/16"]' }),
      'SecurityGroupIngressRule',
    );
    expect(rules.map(({ inputs }) => inputs)).toMatchObject(
      ['10.1.0.0/16', '10.2.0.0/16'].map((cidrIpv4) => ({ cidrIpv4, ipProtocol: 'tcp', fromPort: 443, toPort: 443 })),
    );
    const publicOnly = { 'shop:privateApiCidrs': '[]', 'shop:publicApiCidrs': '["203.0.113.0/24"]' };
    expect(ofType(await registrationsOf(publicOnly), 'SecurityGroupIngressRule')).toEqual([]);
  });

  it('every connection of the network is logged', async () =>
    expect(ofType(await registrationsOf(), 'FlowLog').map(({ inputs }) => inputs)).toMatchObject([
      { vpcId: 'network-vpc-id', trafficType: 'ALL', logDestinationType: 'cloud-watch-logs' },
    ]));

  it('the default security group lets nothing through', async () =>
    expect(ofType(await registrationsOf(), 'DefaultSecurityGroup').map(({ inputs }) => inputs)).toEqual([
      { vpcId: 'network-vpc-id', ingress: [], egress: [] },
    ]));

  it('workloads run on nodes of the bounded pool only', async () => {
    const registrations = await registrationsOf();
    const { computeConfig } = named(registrations, 'cluster-eks').inputs['autoMode'] as {
      computeConfig: { nodePools: string[] };
    };
    expect(computeConfig.nodePools).toEqual(['system']);
    expect(named(registrations, 'objects-node-pool').inputs['spec']).toMatchObject({ limits: { cpu: '64' } });
  });

  it('network policies are enforced', async () =>
    expect(named(await registrationsOf(), 'objects-network-policies').inputs).toMatchObject({
      metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
      data: { 'enable-network-policy-controller': 'true' },
    }));

  it('nothing but load balancers is public', async () => {
    const registrations = await registrationsOf();
    const text = JSON.stringify(registrations.map(({ inputs }) => inputs));
    expect(text).not.toMatch(/0\.0\.0\.0\/0|::\/0|"Principal":"\*"|"publicly|"associatePublicIp/);
    // Public subnets are for the controllers of load balancers, which find them by tag.
    expect(text).not.toContain('public-1');
  });
});
