import { Cluster, type ClusterArgs } from '../../../components/aws/cluster';
import { AWS } from '../../support/aws-mocks';
import { deploy, isSecret, valueOf } from '../../support/deployment';
import { named } from '../../support/registrations';

const args: ClusterArgs = {
  kubernetesVersion: '1.35',
  privateApiCidrs: ['10.1.0.0/16'],
  account: '123456789012',
  region: 'eu-central-1',
  clusterName: 'shop-test',
  vpcId: 'vpc-1',
  privateSubnetIds: ['subnet-1', 'subnet-2'],
  secretsKeyArn: 'arn:secrets',
  logsKeyArn: 'arn:logs',
};
const run = (change: Partial<ClusterArgs> = {}) =>
  deploy(() => new Cluster('cluster', { ...args, ...change }), { computed: AWS });

describe('a cluster', () => {
  it('tells others what they need of it, the kubeconfig as a secret', async () => {
    const { result } = await run();
    expect(result).toMatchObject({
      account: '123456789012',
      region: 'eu-central-1',
      clusterName: 'shop-test',
      clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/shop-test',
    });
    expect(await valueOf(result.securityGroupId)).toBe('sg-cluster');
    expect(await valueOf(result.nodeRoleName)).toBe('shop-test-nodes');
    expect(await valueOf(result.kubeconfig)).toBe('{"kind":"Config"}');
    expect(await isSecret(result.kubeconfig)).toBe(true);
  });

  it('is there only when its roles may do their work and its log group waits for it', async () => {
    const { registrations } = await run();
    const { dependencies } = named(registrations, 'cluster-eks');
    const before = registrations.map(({ name }) => name).filter((name) => /^cluster-(control|nodes)/.test(name));
    expect(before).toHaveLength(11);
    expect(dependencies).toEqual(before.sort());
  });

  it('gives no DNS of its own to nodes that have one', async () =>
    expect(named((await run()).registrations, 'cluster-eks').inputs['corednsAddonOptions']).toMatchObject({
      enabled: false,
    }));

  it('has Services where the address of its DNS is known beforehand', async () =>
    expect(named((await run()).registrations, 'cluster-eks').inputs['kubernetesServiceIpAddressRange']).toBe(
      '172.20.0.0/16',
    ));

  it('limits its roles only if there is a boundary', async () => {
    const { registrations } = await run();
    expect(named(registrations, 'cluster-nodes').inputs['permissionsBoundary']).toBeUndefined();
  });

  it('that is not valid creates nothing', async () => {
    await expect(run({ publicApiCidrs: ['0.0.0.0/0'] })).rejects.toThrow(
      'cluster "cluster": one argument is not valid; nothing was created or changed.',
    );
  });
});
