import { Network, type NetworkArgs } from '../../../components/aws/network';
import { AWS } from '../../support/aws-mocks';
import { deploy, valueOf } from '../../support/deployment';
import { named } from '../../support/registrations';

const args: NetworkArgs = {
  natGateways: 'single',
  account: '123456789012',
  region: 'eu-central-1',
  prefix: 'shop-test',
  logRetentionDays: 7,
  keyArn: 'arn:key',
};
const run = (change: Partial<NetworkArgs> = {}) =>
  deploy(() => new Network('network', { ...args, ...change }), { computed: AWS });

describe('a network', () => {
  it('is one component whose children begin with its name', async () => {
    const { registrations } = await run();
    const children = registrations.filter(({ name }) => name !== 'network');
    expect(children.map(({ parent }) => parent)).toEqual(children.map(() => 'network'));
    expect(children.map(({ name }) => name).sort()).toEqual([
      'network-connections',
      'network-default',
      'network-flow-log',
      'network-logger',
      'network-logger-write',
      'network-vpc',
    ]);
  });

  it('hands out its subnets, and registers them', async () => {
    const { result, outputs } = await run();
    expect(await valueOf(result.privateSubnetIds)).toEqual(['private-1', 'private-2', 'private-3']);
    expect(outputs.get('network')).toEqual({
      vpcId: 'network-vpc-id',
      privateSubnetIds: ['private-1', 'private-2', 'private-3'],
      publicSubnetIds: ['public-1', 'public-2', 'public-3'],
    });
  });

  it('has room for as many zones as it was told', async () => {
    const { registrations } = await run({ zones: 2, vpcCidr: '10.9.0.0/20' });
    expect(named(registrations, 'network-vpc').inputs).toMatchObject({
      cidrBlock: '10.9.0.0/20',
      numberOfAvailabilityZones: 2,
      subnetSpecs: [{ cidrMask: 22 }, { cidrMask: 25 }],
    });
  });

  it('limits its role only if there is a boundary', async () => {
    const boundary = async (permissionsBoundary?: string) =>
      named((await run({ permissionsBoundary })).registrations, 'network-logger').inputs['permissionsBoundary'];
    expect(await boundary()).toBeUndefined();
    expect(await boundary('arn:boundary')).toBe('arn:boundary');
  });

  it('that is not valid creates nothing', async () => {
    await expect(run({ zones: 9 })).rejects.toThrow(
      'network "network": one argument is not valid; nothing was created or changed.',
    );
  });
});
