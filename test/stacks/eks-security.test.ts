import { connectionOf } from '../../stacks/eks';
import type { JoinedCluster } from '../../stacks/joined-cluster';
import { isSecret, type Registration } from '../support/deployment';
import { allows, statementsOf } from '../support/iam';
import { prodDeployment, prodDump } from '../support/prod-dump';
import { named, policyOf, ofType, providerOf } from '../support/registrations';

const ANNOTATION = 'service.beta.kubernetes.io/aws-load-balancer-';
const SECRET = 'kubernetes:core/v1:Secret';
const PERMISSIONS = {
  'shop:podPermissions': JSON.stringify({
    order: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::invoices/*'] }],
  }),
};
const registrationsOf = async (config: Record<string, string | undefined> = {}) =>
  (await prodDeployment({ config })).registrations;
const annotationsOf = (registrations: readonly Registration[]) =>
  (named(registrations, 'shop-gateway-service').inputs['metadata'] as { annotations: Record<string, string> })
    .annotations;
const connectionsOf = (registrations: readonly Registration[], member: string) =>
  policyOf(registrations, 'shop', member).inputs['spec'] as Record<'ingress' | 'egress', Record<string, unknown>[]>;

describe('who reaches `prod`', () => {
  it('the load balancer is the only thing that is public, and only where the stack says so', async () => {
    const services = ofType(await registrationsOf(), 'Service').map(({ name, inputs }) => [
      name,
      (inputs['spec'] as { type?: string }).type ?? 'ClusterIP',
    ]);
    expect(services.filter(([, type]) => type !== 'ClusterIP')).toEqual([['shop-gateway-service', 'LoadBalancer']]);
    expect(annotationsOf(await registrationsOf())[`${ANNOTATION}scheme`]).toBe('internet-facing');
    expect(annotationsOf(await registrationsOf({ 'shop:internetFacing': undefined }))[`${ANNOTATION}scheme`]).toBe(
      'internal',
    );
  });

  it('a public load balancer without TLS is refused', async () =>
    await expect(registrationsOf({ 'shop:certificate': undefined })).rejects.toThrow(
      'certificate: is missing; a load balancer that answers the internet needs TLS',
    ));

  it('the load balancer ends TLS with the certificate, in no old version, and sends plain HTTP to a redirect', async () => {
    const registrations = await registrationsOf();
    expect(annotationsOf(registrations)).toMatchObject({
      [`${ANNOTATION}ssl-cert`]: 'arn:aws:acm:eu-central-1:123456789012:certificate/0123-abcd',
      [`${ANNOTATION}ssl-ports`]: '443',
      [`${ANNOTATION}ssl-negotiation-policy`]: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
    const { ports } = named(registrations, 'shop-gateway-service').inputs['spec'] as { ports: object[] };
    expect(ports).toMatchObject([
      { port: 443, targetPort: 'https' },
      { port: 80, targetPort: 'http' },
    ]);
    const [rules] = ofType(registrations, 'ConfigMap').map(({ inputs }) => JSON.stringify(inputs['data']));
    expect(rules).toContain('redirect scheme https');
  });

  it('or the gateway ends it, with a Secret', async () => {
    const { registrations } = await prodDeployment({
      config: { 'shop:certificate': undefined, 'shop:tlsSecret': 'shop-tls' },
      facts: { tlsSecrets: new Map([['shop-tls', { fingerprint: 'f1', daysLeft: 60 }]]) },
    });
    expect(annotationsOf(registrations)[`${ANNOTATION}ssl-cert`]).toBeUndefined();
    const gateway = JSON.stringify(named(registrations, 'shop-gateway-deployment').inputs);
    expect(gateway).toContain('"secretName":"shop-tls"');
    expect(gateway).toContain('"components.shop/certificate":"f1"');
  });

  it('the gateway sees each client’s own address, and is connected to on the ports of the load balancer only', async () => {
    const registrations = await registrationsOf();
    expect(annotationsOf(registrations)[`${ANNOTATION}target-group-attributes`]).toBe(
      'preserve_client_ip.enabled=true',
    );
    // The sender is the client: security groups say who may be one.
    expect(connectionsOf(registrations, 'gateway').ingress).toEqual([
      { ports: [8080, 8081].map((port) => ({ port, protocol: 'TCP' })) },
    ]);
  });

  it('nothing else connects, in or out, unless the shop declares it', async () => {
    const registrations = await registrationsOf();
    expect(named(registrations, 'shop-default-deny').inputs['spec']).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    const others = ofType(registrations, 'NetworkPolicy').filter(({ name }) => !name.startsWith('shop-gateway-policy'));
    for (const { inputs } of others) {
      const text = JSON.stringify(inputs);
      expect(text.replaceAll('"cidr":"172.20.0.10/32"', '')).not.toContain('cidr');
    }
  });
});

describe('what pods of `prod` may do', () => {
  it('the namespace refuses what restricted Pod Security refuses', async () =>
    expect(named(await registrationsOf(), 'shop-namespace').inputs).toMatchObject({
      metadata: {
        labels: {
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
          'pod-security.kubernetes.io/audit': 'restricted',
        },
      },
    }));

  it('labels of a user’s own turn neither that nor the readiness gate off', async () => {
    const registrations = await registrationsOf({
      'shop:namespaceLabels': JSON.stringify({
        team: 'shop',
        'pod-security.kubernetes.io/enforce': 'privileged',
        'eks.amazonaws.com/pod-readiness-gate-inject': 'disabled',
      }),
    });
    expect(named(registrations, 'shop-namespace').inputs).toMatchObject({
      metadata: {
        labels: {
          team: 'shop',
          'pod-security.kubernetes.io/enforce': 'restricted',
          'eks.amazonaws.com/pod-readiness-gate-inject': 'enabled',
        },
      },
    });
  });

  it('no pod gets a token of the cluster’s API', async () => {
    const accounts = ofType(await registrationsOf(), 'ServiceAccount');
    expect(accounts.length).toBeGreaterThanOrEqual(7);
    for (const { inputs } of accounts) expect(inputs['automountServiceAccountToken']).toBe(false);
  });

  it('none has rights in AWS, nor a way to credentials, unless the stack gives some', async () => {
    const registrations = await registrationsOf();
    expect(ofType(registrations, 'Role')).toEqual([]);
    expect(JSON.stringify(registrations.map(({ inputs }) => inputs))).not.toContain('169.254.170.23');
  });

  describe('with rights in AWS', () => {
    it('the service has a role for itself alone, of a name that CI may give, within the boundary', async () => {
      const registrations = await registrationsOf(PERMISSIONS);
      expect(
        ofType(registrations, 'Role').map(({ inputs }) => [inputs['name'], inputs['permissionsBoundary']]),
      ).toEqual([['shop-prod-pod-order', 'arn:aws:iam::123456789012:policy/shop-boundary']]);
      const namespace = named(registrations, 'shop-namespace').inputs['metadata'] as { name: string };
      expect(ofType(registrations, 'PodIdentityAssociation').map(({ inputs }) => inputs)).toMatchObject([
        { clusterName: 'shop-prod-cluster', namespace: namespace.name, serviceAccount: 'order' },
      ]);
    });

    it('it may do what is listed, and nothing else', async () => {
      const [policy] = ofType(await registrationsOf(PERMISSIONS), 'RolePolicy');
      const may = (action: string, resource: string) =>
        allows(statementsOf(policy!.inputs['policy']), { action, resource });
      expect(may('s3:GetObject', 'arn:aws:s3:::invoices/1')).toBe(true);
      expect(may('s3:PutObject', 'arn:aws:s3:::invoices/1')).toBe(false);
      expect(may('s3:GetObject', 'arn:aws:s3:::others/1')).toBe(false);
    });

    it('no pod is made before its rights: they are handed out only then', async () => {
      const registrations = await registrationsOf(PERMISSIONS);
      expect(named(registrations, 'cluster').dependencies).toEqual([
        'pod-order-association',
        'pod-order-role',
        'pod-order-role-permissions',
      ]);
    });

    it('it reaches the agent with its credentials, and AWS, but not what else is in the network; others reach neither', async () => {
      const registrations = await registrationsOf(PERMISSIONS);
      const blocks = (name: string) =>
        connectionsOf(registrations, name).egress.filter(
          (rule) => JSON.stringify(rule).includes('ipBlock') && !JSON.stringify(rule).includes('"port":53'),
        );
      expect(blocks('order')).toEqual([
        { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [{ port: 80, protocol: 'TCP' }] },
        {
          to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '10.0.0.0/16'] } }],
          ports: [{ port: 443, protocol: 'TCP' }],
        },
      ]);
      expect(blocks('user')).toEqual([]);
    });

    it('all of it goes through the one provider of AWS, which tags it and refuses other accounts', async () => {
      const registrations = await registrationsOf(PERMISSIONS);
      const resources = registrations.filter(({ type }) => type.startsWith('aws:'));
      expect(resources).toHaveLength(3);
      expect(resources.filter((one) => providerOf(registrations, one) !== 'aws')).toEqual([]);
      const { inputs } = registrations.find(({ type }) => type === 'pulumi:providers:aws')!;
      expect(inputs).toMatchObject({ region: 'eu-central-1', allowedAccountIds: '["123456789012"]' });
      expect(JSON.parse(inputs['defaultTags'] as string)).toEqual({
        tags: { Project: 'shop', Stack: 'prod', ManagedBy: 'pulumi' },
      });
    });
  });
});

describe('what `prod` keeps secret', () => {
  it('passwords go to the state encrypted, and to nothing but Secrets; so does the kubeconfig, to the provider', async () => {
    for (const { type, secrets } of await registrationsOf()) {
      expect(secrets).toEqual(
        type === SECRET ? ['data'] : type === 'pulumi:providers:kubernetes' ? ['kubeconfig'] : [],
      );
    }
  });

  it('the kubeconfig is a secret even if the cluster’s stack forgot it', async () =>
    expect(await isSecret(connectionOf({ kubeconfig: 'x' } as JoinedCluster).kubeconfig)).toBe(true));

  it('the dump shows neither', async () => {
    const dump = await prodDump();
    expect(dump).not.toContain('"Config"');
    const passwords = (await registrationsOf())
      .filter(({ type }) => type === SECRET)
      .flatMap(({ inputs }) => Object.values(inputs['data'] as Record<string, string>));
    expect(passwords.length).toBeGreaterThanOrEqual(9);
    for (const encoded of passwords) {
      expect(dump).not.toContain(encoded);
      expect(dump).not.toContain(Buffer.from(encoded, 'base64').toString());
    }
  });

  it('data and backups are on encrypted volumes', async () => {
    const claims = ofType(await registrationsOf(), 'PersistentVolumeClaim');
    expect(claims.map(({ name }) => name)).toEqual(expect.arrayContaining(['shop-database-data', 'shop-backup-data']));
    for (const { inputs } of claims) expect(inputs).toMatchObject({ spec: { storageClassName: 'encrypted' } });
  });
});
