import type { ApplicationDefinition, MicroserviceArgs } from '../../../components';
import { applicationSpec } from '../../../components/application-spec';
import type { CertificateFacts } from '../../../components/kubernetes/certificate';
import type { ClaimFacts, ClusterFacts } from '../../../components/kubernetes/preflight';
import { validateForKubernetes } from '../../../components/kubernetes/validate';
import { formatProblem } from '../../../components/validation';
import { IMAGE } from '../../support/definitions';

const GIB = 2 ** 30;
const facts: ClusterFacts = {
  version: 'v1.34.2',
  nodes: [
    { cpu: 2_000, memory: 4 * GIB, ephemeralStorage: 50 * GIB, architecture: 'amd64' },
    { cpu: 4_000, memory: 2 * GIB, ephemeralStorage: 20 * GIB, architecture: 'amd64' },
  ],
  storageClasses: [{ name: 'fast', isDefault: true, canGrow: false }],
  ingressClasses: ['traefik'],
  claims: new Map(),
  tlsSecrets: new Map([['shop-tls', { fingerprint: 'f1', daysLeft: 60 }]]),
  pullSecrets: ['registry'],
  metrics: true,
};
const claim = (size: number, more: Partial<ClaimFacts> = {}): ClaimFacts => ({
  size,
  storageClass: 'fast',
  choseClass: false,
  accessModes: ['ReadWriteOnce'],
  ...more,
});
type Options = Parameters<typeof validateForKubernetes>[1];
const options: Options = { architecture: 'amd64', exposure: { kind: 'NodePort' }, facts };
const validate = (definition: ApplicationDefinition, more: Partial<Options> = {}) => {
  const { problems, warnings } = validateForKubernetes(applicationSpec('shop', definition), { ...options, ...more });
  return { problems: problems.map(formatProblem), warnings: warnings.map(formatProblem) };
};
const service = (args: Partial<MicroserviceArgs> = {}, gateway = false): ApplicationDefinition => ({
  services: { api: { image: IMAGE, port: 8080, ...args } },
  ...(gateway ? { gateway: { routes: [{ to: 'api' }] } } : {}),
});
const problems = (definition: ApplicationDefinition, more: Partial<Options> = {}) =>
  validate(definition, more).problems;
const withCertificate = (certificate: CertificateFacts) => ({
  ...facts,
  tlsSecrets: new Map([['shop-tls', certificate]]),
});
const onPlatform = (more: Partial<Options>) => problems(service({}, true), more);

it('an application that the cluster can take has neither problem nor warning', () =>
  expect(validate(service({ storage: { path: '/data', size: '5Gi' } }, true))).toEqual({ problems: [], warnings: [] }));

describe('of the platform is refused', () => {
  it.each(['default', 'kube-system', 'Shop', `a${'x'.repeat(63)}`])('namespace %s', (namespace) =>
    expect(onPlatform({ namespace })).toEqual([
      `namespace: ${JSON.stringify(namespace)} is not allowed; must be a DNS label of at most 63 characters, and none of the cluster's own namespaces`,
    ]),
  );

  it('a port that is none of the nodes', () =>
    expect(onPlatform({ exposure: { kind: 'NodePort', port: 8080 } })).toEqual([
      'exposure.port: 8080 is not allowed; must be from 30000 to 32767, the ports of nodes',
    ]));

  it('a host name that an Ingress may not have', () =>
    expect(onPlatform({ exposure: { kind: 'Ingress', className: 'traefik', host: 'Shop.example.com' } })).toEqual([
      'exposure.host: "Shop.example.com" is not allowed; must be a host name in lower case, without port',
    ]));

  it('a label of the namespace that the API does not take', () =>
    expect(onPlatform({ namespaceLabels: { 'example.com/team': 'the shop', ok: 'yes' } })).toEqual([
      'namespaceLabels["example.com/team"]: "the shop" is not allowed; must be a label of Kubernetes: a prefix and a name, and a value of at most 63 letters, digits, ".", "_", "-"',
    ]));

  it('an ingress class that does not exist', () =>
    expect(onPlatform({ exposure: { kind: 'Ingress', className: 'treafik' } })).toEqual([
      'exposure.className: "treafik" is not allowed; the cluster has no such ingress class; did you mean "traefik"?',
    ]));

  it('TLS that is ended twice', () =>
    expect(onPlatform({ exposure: { kind: 'LoadBalancer', endsTls: true }, tls: { secret: 'shop-tls' } })).toEqual([
      'tls: would be terminated at both the load balancer and the gateway (set only one of `tls` and `exposure.endsTls`)',
    ]));

  it.each<[string, Partial<Options>]>([
    ['tls.secret', { tls: { secret: 'shop-tsl' } }],
    ['exposure.tlsSecret', { exposure: { kind: 'Ingress', className: 'traefik', tlsSecret: 'shop-tsl' } }],
  ])('a certificate that is not there, by the argument that names it: %s', (path, more) =>
    expect(onPlatform(more)).toEqual([
      expect.stringContaining(`${path}: "shop-tsl" is not allowed; the namespace has no such Secret`) as string,
    ]),
  );

  it('a Secret for the registry that is not there', () => {
    expect(onPlatform({ pullSecrets: ['registry'] })).toEqual([]);
    expect(onPlatform({ pullSecrets: ['registry', 'regstry'] })).toEqual([
      'pullSecrets[1]: "regstry" is not allowed; the namespace has no such Secret of type kubernetes.io/dockerconfigjson; ' +
        'did you mean "registry"? (make it with `kubectl create secret docker-registry`)',
    ]);
  });

  it('a Secret without a certificate', () =>
    expect(onPlatform({ tls: { secret: 'shop-tls' }, facts: withCertificate({ fingerprint: 'f1' }) })).toEqual([
      'tls.secret: "shop-tls" is not allowed; holds no certificate that can be read (make the Secret again)',
    ]));

  it('a processor that no node has, unless nodes are made on demand', () => {
    expect(onPlatform({ architecture: 'arm64' })).toEqual([
      'architecture: "arm64" is not allowed; the cluster\'s nodes are amd64',
    ]);
    expect(onPlatform({ architecture: 'arm64', nodesOnDemand: true })).toEqual([]);
  });
});

describe('of a microservice or a job is refused', () => {
  it('root, which restricted Pod Security forbids', () =>
    expect(problems(service({ hardening: { user: '0:0', allowRoot: true } }))).toEqual([
      'services.api.hardening.user: "0:0" is not allowed; must not be root: the namespace is under restricted Pod Security',
    ]));

  it('the group of root, too', () =>
    expect(problems(service({ hardening: { user: '5:0', allowRoot: true } }))).toHaveLength(1));

  it('any capability but one', () =>
    expect(problems(service({ hardening: { capabilities: ['CAP_NET_BIND_SERVICE', 'CAP_CHOWN'] } }))).toEqual([
      'services.api.hardening.capabilities: ["CAP_CHOWN"] is not allowed; only CAP_NET_BIND_SERVICE may be added: the namespace is under restricted Pod Security',
    ]));

  it('a request larger than any node, unless nodes are made on demand', () => {
    const large = service({
      resources: { cpu: { request: 4.5, limit: 5 }, memory: '8Gi', ephemeralStorage: { request: '51Gi' } },
    });
    expect(problems(large)).toEqual([
      'services.api.resources.cpu.request: "4500m" is not allowed; no node has more processor time than 4',
      'services.api.resources.memory.request: "8Gi" is not allowed; no node has more than 4Gi of memory',
      'services.api.resources.ephemeralStorage.request: "51Gi" is not allowed; no node has more than 50Gi of disk for the files of pods',
    ]);
    expect(problems(large, { nodesOnDemand: true })).toEqual([]);
    expect(problems({ services: {}, jobs: { big: { image: IMAGE, resources: { memory: '8Gi' } } } })).toEqual([
      expect.stringContaining('jobs.big.resources.memory.request') as string,
    ]);
  });
});

describe('of a microservice is refused', () => {
  it('more replicas behind a gateway than the DNS of the cluster can list', () => {
    expect(problems(service({ replicas: 481 }, true))).toEqual([
      "services.api.replicas: 481 is not allowed; at most 480 behind a proxy, as many as an answer of the cluster's DNS lists",
    ]);
    expect(problems(service({ replicas: 481 }))).toEqual([]);
  });

  it('the name by which the gateway finds the replicas of another', () => {
    const services = { api: { image: IMAGE, port: 80 }, 'api-replicas': { image: IMAGE, port: 80 } };
    expect(problems({ services, gateway: { routes: [{ to: 'api' }] } })).toEqual([
      'services.api-replicas: is the name by which proxies find the replicas of api (choose another name)',
    ]);
    expect(problems({ services })).toEqual([]);
  });

  it('scaling by load where the cluster does not measure', () =>
    expect(problems(service({ replicas: { min: 1, max: 3 } }), { facts: { ...facts, metrics: false } })).toEqual([
      'services.api.replicas: requires the metrics API (metrics.k8s.io), which this cluster does not serve (install metrics-server, or give a fixed number)',
    ]));
});

describe('proxies of services are refused', () => {
  const services = { api: { image: IMAGE, port: 80 }, web: { image: IMAGE, port: 80, calls: ['api'] } };

  it('for what does not exist, or is not called', () =>
    expect(problems({ services }, { serviceProxies: ['apy', 'web', 'api'] })).toEqual([
      'serviceProxies[0]: "apy" is not allowed; there is no such service; did you mean "api"?',
      'serviceProxies[1]: "web" is not allowed; is called by no service or job (remove it)',
    ]));

  it('where others have the names that they need', () => {
    const more = { ...services, 'api-proxy': { image: IMAGE }, 'api-replicas': { image: IMAGE } };
    expect(problems({ services: more }, { serviceProxies: ['api'] })).toEqual([
      'services.api-replicas: is the name by which proxies find the replicas of api (choose another name)',
      'services.api-proxy: is the name of the proxy of api (choose another name)',
    ]);
    expect(problems({ services: more })).toEqual([]);
  });

  it('of more replicas than the DNS of the cluster can list', () =>
    expect(
      problems({ services: { ...services, api: { ...services.api, replicas: 481 } } }, { serviceProxies: ['api'] }),
    ).toHaveLength(1));
});

describe('storage', () => {
  const data = service({ storage: { path: '/data', size: '5Gi' } });
  const withClaim = (size: number, canGrow: boolean) =>
    problems(data, {
      facts: {
        ...facts,
        claims: new Map([['api-data', claim(size)]]),
        storageClasses: [{ name: 'fast', isDefault: true, canGrow }],
      },
    });

  it('of a class that does not exist is refused', () =>
    expect(problems(data, { storageClass: 'fats' })).toEqual([
      'storageClass: "fats" is not allowed; the cluster has no such storage class; did you mean "fast"?',
    ]));

  it('needs a class where the cluster has no default', () =>
    expect(
      problems(data, { facts: { ...facts, storageClasses: [{ name: 'fast', isDefault: false, canGrow: true }] } }),
    ).toEqual(['services.api.storage: the cluster has no default storage class; there are: fast (set storageClass)']));

  it('of a job is checked like that of a microservice', () => {
    const backup = { image: IMAGE, storage: { path: '/backups', size: '5Gi' as const } };
    expect(problems({ ...data, jobs: { backup } }, { storageClass: 'fats' })).toEqual([
      'storageClass: "fats" is not allowed; the cluster has no such storage class; did you mean "fast"?',
    ]);
    expect(
      problems(
        { services: {}, jobs: { backup } },
        { facts: { ...facts, claims: new Map([['backup-data', claim(6 * GIB)]]) } },
      ),
    ).toEqual([
      'jobs.backup.storage.size: "5Gi" is not allowed; must not be below 6Gi, which the claim has: volumes do not shrink',
    ]);
  });

  it('does not shrink', () =>
    expect(withClaim(6 * GIB, true)).toEqual([
      'services.api.storage.size: "5Gi" is not allowed; must not be below 6Gi, which the claim has: volumes do not shrink',
    ]));

  it('grows where its class lets it', () => {
    expect(withClaim(GIB, true)).toEqual([]);
    expect(withClaim(GIB, false)).toEqual([
      'services.api.storage.size: "5Gi" is not allowed; the claim has 1Gi, and storage class fast does not let volumes grow',
    ]);
    expect(withClaim(5 * GIB, false)).toEqual([]);
  });
});

describe('what cannot change while it lives is refused with the way out:', () => {
  const data = service({ storage: { path: '/data', size: '5Gi' } });
  const storageClasses = ['fast', 'slow'].map((name) => ({ name, isDefault: name === 'fast', canGrow: true }));
  const withClaim = (more: Partial<ClaimFacts>, storageClass?: string) =>
    problems(data, {
      facts: { ...facts, storageClasses, claims: new Map([['api-data', claim(5 * GIB, more)]]) },
      ...(storageClass === undefined ? {} : { storageClass }),
    });
  const move = (keep: string) =>
    `(${keep}. To move the data: 1. back it up, and copy the backup out of the cluster where another claim of this stack has it, 2. remove \`storage\` and deploy, 3. \`kubectl --context CONTEXT --namespace NAMESPACE delete pvc api-data\`, 4. add \`storage\` again and deploy, 5. restore the backup)`;

  it('the class of a claim', () => {
    expect(withClaim({ choseClass: true }, 'slow')).toEqual([
      `storageClass: "slow" is not allowed; claim api-data has storage class "fast", which cannot change ${move('keep "fast"')}`,
    ]);
    expect(withClaim({ storageClass: 'slow' }, 'fast')).toHaveLength(1);
    expect(withClaim({ choseClass: true }, 'fast')).toEqual([]);
  });

  it('a class that the claim was given, and that is now left to the cluster', () => {
    expect(withClaim({ storageClass: 'slow', choseClass: true })).toEqual([
      `storageClass: "the cluster's default" is not allowed; claim api-data has storage class "slow", which cannot change ${move('keep "slow"')}`,
    ]);
    // The default is another now; the claim keeps the one that it had.
    expect(withClaim({ storageClass: 'slow' })).toEqual([]);
  });

  it('a claim without a class', () =>
    expect(withClaim({ storageClass: undefined }, 'slow')).toEqual([
      `storageClass: "slow" is not allowed; claim api-data has no storage class, which cannot change ${move('remove the argument')}`,
    ]));

  it('how a claim can be mounted', () =>
    expect(withClaim({ accessModes: ['ReadWriteMany'] })).toEqual([
      `services.api.storage: claim api-data is for ReadWriteMany, which cannot change to ReadWriteOnce ${move('give the storage another name with `storage.name`, which starts empty')}`,
    ]));

  it('a size grows by the class of the claim, not by what is the default now', () => {
    const classes = [
      { name: 'fast', isDefault: true, canGrow: true },
      { name: 'slow', isDefault: false, canGrow: false },
    ];
    const claims = new Map([['api-data', claim(GIB, { storageClass: 'slow' })]]);
    expect(problems(data, { facts: { ...facts, storageClasses: classes, claims } })).toEqual([
      'services.api.storage.size: "5Gi" is not allowed; the claim has 1Gi, and storage class slow does not let volumes grow',
    ]);
  });

  it('the class of a load balancer', () => {
    const withService = (type: string, current: string | undefined, wanted: string | undefined, choseClass = true) =>
      problems(service({}, true), {
        exposure: { kind: 'LoadBalancer', ...(wanted === undefined ? {} : { loadBalancerClass: wanted }) },
        facts: { ...facts, gatewayService: { type, loadBalancerClass: current, choseClass } },
      });
    expect(withService('LoadBalancer', 'a', 'b')).toEqual([
      'exposure.loadBalancerClass: "b" is not allowed; the gateway\'s Service has "a", which cannot change (keep "a", or delete the Service first with `kubectl --context CONTEXT --namespace NAMESPACE delete service gateway` and `pulumi refresh`: the address changes, and nothing answers until the next deployment)',
    ]);
    expect(withService('LoadBalancer', 'a', undefined)).toHaveLength(1);
    expect(withService('LoadBalancer', undefined, 'b', false)).toHaveLength(1);
    // A controller has set it.
    expect(withService('LoadBalancer', 'a', undefined, false)).toEqual([]);
    expect(withService('LoadBalancer', 'a', 'a')).toEqual([]);
    expect(withService('NodePort', undefined, 'b')).toEqual([]);
  });
});

describe('what the user may not look at is not judged', () => {
  it.each<keyof ClusterFacts>([
    'nodes',
    'storageClasses',
    'ingressClasses',
    'claims',
    'tlsSecrets',
    'pullSecrets',
    'metrics',
  ])('%s', (fact) => {
    const { [fact]: _, ...known } = facts;
    const definition = service({ replicas: 1, storage: { path: '/data', size: '5Gi' } }, true);
    expect(problems(definition, { facts: known as ClusterFacts })).toEqual([]);
  });
});

describe('a warning says that less is done than was asked for:', () => {
  const warnings = (args: Partial<MicroserviceArgs>, gateway = false) => validate(service(args, gateway)).warnings;

  it('times that are no whole seconds', () =>
    expect(warnings({ ready: { tcp: {}, interval: '500ms', timeout: '1s' } })).toEqual([
      'services.api.ready.interval: Kubernetes counts in whole seconds; 500ms becomes 1s',
    ]));

  it.each([
    [15, []],
    [14, []],
    [13, ['tls.secret: the certificate expires in 13 days; renew it and run `up` again']],
    [1, ['tls.secret: the certificate expires in 1 day; renew it and run `up` again']],
    [0, ['tls.secret: the certificate expires in 0 days; renew it and run `up` again']],
    [-1, ['tls.secret: the certificate has expired: browsers refuse it; renew it and run `up` again']],
  ])('a certificate with %d days left', (daysLeft, expected) => {
    const certificate = withCertificate({ fingerprint: 'f1', daysLeft });
    const found = validate(service({}, true), { tls: { secret: 'shop-tls' }, facts: certificate });
    expect(found).toEqual({ problems: [], warnings: expected });
  });

  it.each([
    ['timeout', '5s'],
    ['idleTimeout', '1h'],
    ['maxConnections', 100],
    ['maxHeaderSize', '64Ki'],
    ['maxHeaders', 300],
  ])('%s, where no proxy applies it', (name, value) => {
    expect(warnings({ [name]: value })).toEqual([
      `services.api.${name}: has an effect on Kubernetes only behind a gateway or a proxy (add a route, or name the service in serviceProxies)`,
    ]);
    expect(warnings({ [name]: value }, true)).toEqual([]);
  });

  it('a port of the gateway', () =>
    expect(validate({ ...service(), gateway: { routes: [{ to: 'api' }], port: 8080 } }).warnings).toEqual([
      "gateway.port: does not apply to Kubernetes; the platform's exposure decides",
    ]));
});
