import fc from 'fast-check';
import { ClusterObjects, nodePool, volumeTags } from '../../../components/aws/cluster-objects';
import { AWS } from '../../support/aws-mocks';
import { deploy, type Registration } from '../../support/deployment';
import { named } from '../../support/registrations';

const objects = async () => {
  const { registrations } = await deploy(
    () =>
      new ClusterObjects('objects', {
        kubeconfig: '{}',
        nodeRoleName: 'shop-nodes',
        privateSubnetIds: ['subnet-1', 'subnet-2'],
        securityGroupId: 'sg-1',
        architecture: 'arm64',
        maxVcpus: 8,
        tags: { Team: 'shop' },
      }),
    { computed: AWS },
  );
  return registrations;
};
const specOf = (registration: Registration) => registration.inputs['spec'] as Record<string, unknown>;

describe('inside a cluster', () => {
  it('there is everything that Auto Mode lacks, through the provider of this cluster', async () => {
    const registrations = (await objects()).filter(({ type }) => type.startsWith('kubernetes:'));
    expect(registrations.map(({ type, parent, provider }) => `${type} ${parent} ${provider}`).sort()).toEqual([
      'kubernetes:core/v1:ConfigMap objects objects-provider',
      'kubernetes:eks.amazonaws.com/v1:IngressClassParams objects objects-provider',
      'kubernetes:eks.amazonaws.com/v1:NodeClass objects objects-provider',
      'kubernetes:karpenter.sh/v1:NodePool objects objects-provider',
      'kubernetes:networking.k8s.io/v1:IngressClass objects objects-provider',
      'kubernetes:storage.k8s.io/v1:StorageClass objects objects-provider',
    ]);
  });

  it('network policies are enforced', async () => {
    const registrations = await objects();
    expect(named(registrations, 'objects-network-policies').inputs).toMatchObject({
      metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
      data: { 'enable-network-policy-controller': 'true' },
    });
    expect(specOf(named(registrations, 'objects-node-class'))).toMatchObject({
      networkPolicy: 'DefaultAllow',
      networkPolicyEventLogs: 'Enabled',
    });
  });

  it('nodes are in private subnets, in the security group of the cluster, with a role that may nothing else', async () => {
    expect(specOf(named(await objects(), 'objects-node-class'))).toMatchObject({
      role: 'shop-nodes',
      subnetSelectorTerms: [{ id: 'subnet-1' }, { id: 'subnet-2' }],
      securityGroupSelectorTerms: [{ id: 'sg-1' }],
    });
  });

  it('the pool of nodes uses the class of nodes, and comes after it', async () => {
    const registrations = await objects();
    const pool = named(registrations, 'objects-node-pool');
    expect(pool.dependencies).toEqual(['objects-node-class']);
    const { template } = specOf(pool) as { template: { spec: { nodeClassRef: { name: string } } } };
    const { metadata } = named(registrations, 'objects-node-class').inputs as { metadata: { name: string } };
    expect(template.spec.nodeClassRef.name).toBe(metadata.name);
  });

  it('volumes are encrypted, made where their pod is, and can grow; they are what a claim gets that names no class', async () => {
    expect(named(await objects(), 'objects-storage-class').inputs).toMatchObject({
      provisioner: 'ebs.csi.eks.amazonaws.com',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
      metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      parameters: { type: 'gp3', encrypted: 'true' },
    });
  });

  it('an ingress gets a load balancer of Auto Mode', async () => {
    const { spec } = named(await objects(), 'objects-ingress-class').inputs as { spec: Record<string, unknown> };
    expect(spec).toEqual({
      controller: 'eks.amazonaws.com/alb',
      parameters: { apiGroup: 'eks.amazonaws.com', kind: 'IngressClassParams', name: 'alb' },
    });
  });

  it('what no provider of ours tags is tagged all the same: nodes, volumes, load balancers', async () => {
    const registrations = await objects();
    expect(specOf(named(registrations, 'objects-node-class'))['tags']).toEqual({ Team: 'shop' });
    expect(named(registrations, 'objects-storage-class').inputs['parameters']).toMatchObject({
      tagSpecification_1: 'Team=shop',
    });
    expect(specOf(named(registrations, 'objects-ingress-parameters'))['tags']).toEqual([
      { key: 'Team', value: 'shop' },
    ]);
  });
});

describe('a pool of nodes', () => {
  it('has the architecture that images are built for, on demand', () => {
    expect(nodePool({ architecture: 'arm64', maxVcpus: 8 }).template.spec.requirements).toEqual(
      expect.arrayContaining([
        { key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] },
        { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
      ]),
    );
  });

  it('is bounded, so that a mistake does not cost without end', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000 }), (maxVcpus) =>
        expect(nodePool({ architecture: 'amd64', maxVcpus }).limits).toEqual({ cpu: String(maxVcpus) }),
      ),
    ));

  it('loses one node at a time when pods are packed more tightly', () =>
    expect(nodePool({ architecture: 'amd64', maxVcpus: 8 }).disruption.budgets).toEqual([{ nodes: '1' }]));
});

it('tags of volumes are numbered parameters, one for each', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,8}$/), fc.string()), (tags) => {
      const parameters = volumeTags(tags);
      expect(Object.keys(parameters)).toEqual(Object.keys(tags).map((_, index) => `tagSpecification_${index + 1}`));
      expect(Object.values(parameters)).toEqual(Object.entries(tags).map(([key, value]) => `${key}=${value}`));
    }),
  ));
