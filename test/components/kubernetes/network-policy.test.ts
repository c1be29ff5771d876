import fc from 'fast-check';
import { applicationSpec, type ApplicationSpec } from '../../../components/application-spec';
import {
  defaultDenyArgs,
  gatewayPolicyArgs,
  serviceProxyPolicyArgs,
  workloadPolicyArgs,
  type PolicyContext,
} from '../../../components/kubernetes/network-policy';
import { callGraph, IMAGE, jobSpec } from '../../support/definitions';

const context: PolicyContext = { namespace: 'shop-dev', partOf: 'shop-dev-1', dns: [] };
const NAME = 'app.kubernetes.io/name';
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number; protocol: string }[];
}
interface Peer {
  podSelector?: { matchLabels: Record<string, string> };
  namespaceSelector?: unknown;
  ipBlock?: { cidr: string; except?: string[] };
}
interface Policy {
  podSelector: { matchLabels?: Record<string, string> };
  policyTypes: string[];
  ingress?: Rule[];
  egress?: Rule[];
}
const specOf = (args: { spec?: unknown }) => args.spec as Policy;
const policyOf = (application: ApplicationSpec, name: string, extra: Partial<PolicyContext> = {}) =>
  specOf(
    workloadPolicyArgs(
      application.services.find((one) => one.name === name)!,
      'microservice',
      application,
      {
        ...context,
        ...extra,
      },
    ),
  );
const gatewayOf = (application: ApplicationSpec) => specOf(gatewayPolicyArgs([8080], application, context));
const namesIn = (rules: Rule[] | undefined, side: 'from' | 'to') =>
  (rules ?? []).flatMap((rule) =>
    (rule[side] ?? [])
      .filter((peer) => !peer.namespaceSelector)
      .flatMap((peer) => peer.podSelector?.matchLabels[NAME] ?? []),
  );
const isDns = ({ ports = [] }: Rule) => ports.every(({ port }) => port === 53);

describe('a connection is possible exactly where it was declared', () => {
  it('whatever the graph of calls and routes', () => {
    const NAMES = ['a', 'b', 'c', 'd'];
    const graph = fc.record(
      Object.fromEntries(
        NAMES.map((name) => [name, fc.uniqueArray(fc.constantFrom(...NAMES.filter((n) => n !== name)))]),
      ),
    );
    fc.assert(
      fc.property(graph, fc.uniqueArray(fc.constantFrom(...NAMES)), (calls, routed) => {
        const application = callGraph(calls, routed);
        for (const from of NAMES) {
          const callees = namesIn(policyOf(application, from).egress, 'to');
          expect(callees).toEqual([...calls[from]!].sort());
          for (const to of NAMES) {
            const let_in = namesIn(policyOf(application, to).ingress, 'from');
            expect(let_in.includes(from)).toBe(calls[from]!.includes(to));
            expect(let_in.includes('gateway')).toBe(routed.includes(to));
          }
        }
        if (routed.length > 0) expect(namesIn(gatewayOf(application).egress, 'to')).toEqual([...routed].sort());
      }),
      { numRuns: 50 },
    );
  });

  it('only on the port of the microservice', () => {
    const application = callGraph({ a: ['b'], b: [] });
    const ports = [{ port: 8080, protocol: 'TCP' }];
    expect(policyOf(application, 'a').egress!.filter((rule) => !isDns(rule))).toMatchObject([{ ports }]);
    expect(policyOf(application, 'b').ingress).toMatchObject([{ ports }]);
  });

  it('for the gateway also where the check has a port of its own, which only the cluster asks', () => {
    const application = applicationSpec('shop', {
      services: { api: { image: IMAGE, port: 8080, ready: { http: { path: '/', port: 9000 } } } },
      gateway: { routes: [{ to: 'api' }] },
    });
    const ports = [{ port: 8080, protocol: 'TCP' }];
    expect(policyOf(application, 'api').ingress).toMatchObject([{ ports }]);
    expect(gatewayOf(application).egress!.filter((rule) => !isDns(rule))).toMatchObject([{ ports }]);
  });
});

describe('a microservice with a proxy', () => {
  const application = callGraph({ a: ['b'], b: [], c: ['b'] }, ['b']);
  const proxied = { proxied: ['b'] };

  it('lets in its proxy and the gateway, but none of those that call it', () =>
    expect(namesIn(policyOf(application, 'b', proxied).ingress, 'from')).toEqual(['b-proxy', 'gateway']));

  it('is called through its proxy only', () =>
    expect(namesIn(policyOf(application, 'a', proxied).egress, 'to')).toEqual(['b-proxy']));

  it('has a proxy that lets in those that call it, and connects to nothing else', () => {
    const b = application.services.find(({ name }) => name === 'b')!;
    const policy = specOf(serviceProxyPolicyArgs(b, application, { ...context, ...proxied }));
    expect(policy.podSelector.matchLabels).toMatchObject({ [NAME]: 'b-proxy' });
    expect(policy.ingress).toMatchObject([{ ports: [{ port: 8080, protocol: 'TCP' }] }]);
    expect(namesIn(policy.ingress, 'from')).toEqual(['a', 'c']);
    expect(namesIn(policy.egress, 'to')).toEqual(['b']);
  });
});

describe('what is not declared is refused', () => {
  it('for every pod of the namespace, whoever made it, in both directions', () =>
    expect(specOf(defaultDenyArgs(context))).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }));

  it('also from a pod of the same microservice', () => {
    expect(policyOf(callGraph({ a: [] }), 'a').ingress).toBeUndefined();
  });

  it('also the look-up of names, for what connects to nobody', () =>
    expect(policyOf(callGraph({ a: [] }), 'a')).toEqual({
      podSelector: { matchLabels: { [NAME]: 'a', 'app.kubernetes.io/part-of': 'shop-dev-1' } },
      policyTypes: ['Ingress', 'Egress'],
    }));

  it('has a name that no microservice can have', () =>
    expect((defaultDenyArgs(context).metadata as { name: string }).name).toContain('.'));
});

describe('the DNS of the cluster', () => {
  it('can be asked by what connects to somebody', () => {
    const [first] = policyOf(callGraph({ a: ['b'], b: [] }), 'a').egress!;
    expect(first).toEqual({
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    });
  });

  it('may answer at addresses of its own', () => {
    const [first] = policyOf(callGraph({ a: ['b'], b: [] }), 'a', { dns: ['172.20.0.10/32'] }).egress!;
    expect(first!.to).toContainEqual({ ipBlock: { cidr: '172.20.0.10/32' } });
  });
});

describe('internet', () => {
  const application = applicationSpec('shop', {
    services: { out: { image: IMAGE, internet: true }, in: { image: IMAGE } },
  });

  it('true: any address, but none of those that only a node should talk to', () => {
    const blocks = policyOf(application, 'out').egress!.flatMap(({ to }) =>
      to!.flatMap(({ ipBlock }) => ipBlock ?? []),
    );
    expect(blocks).toEqual([
      { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] },
      { cidr: '::/0', except: ['fe80::/10'] },
    ]);
  });

  it('false: none', () => expect(JSON.stringify(policyOf(application, 'in'))).not.toContain('ipBlock'));
});

describe('the gateway', () => {
  const application = callGraph({ a: [], b: [] }, ['a']);

  it('can be connected to from anywhere, on its public ports only', () =>
    expect(specOf(gatewayPolicyArgs([8080, 8081], application, context)).ingress).toEqual([
      { ports: [8080, 8081].map((port) => ({ port, protocol: 'TCP' })) },
    ]));

  it('or from the named blocks only, if what is in front of it has some', () =>
    expect(
      specOf(gatewayPolicyArgs([8080], application, { ...context, gatewayFrom: ['10.0.0.0/16'] })).ingress,
    ).toEqual([{ from: [{ ipBlock: { cidr: '10.0.0.0/16' } }], ports: [{ port: 8080, protocol: 'TCP' }] }]));

  it('connects to nothing that no route leads to', () =>
    expect(namesIn(gatewayOf(application).egress, 'to')).toEqual(['a']));
});

describe('what the platform lets a member reach', () => {
  const reaches = {
    a: [
      { cidr: '169.254.170.23/32', port: 80 },
      { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'], port: 443 },
    ],
  };
  const application = callGraph({ a: [], b: [] });

  it('is added to what it declares, with the look-up of names', () =>
    expect(policyOf(application, 'a', { reaches }).egress!.filter((rule) => !isDns(rule))).toEqual([
      { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [{ port: 80, protocol: 'TCP' }] },
      { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [{ port: 443, protocol: 'TCP' }] },
    ]));

  it('is for nobody else', () => expect(policyOf(application, 'b', { reaches }).egress).toBeUndefined());
});

it('a job calls like a microservice, and nobody calls it', () => {
  const { services } = callGraph({ db: [] });
  const job = jobSpec({ calls: [] });
  const found = specOf(
    workloadPolicyArgs({ ...job, calls: ['db'] }, 'job', { ...callGraph({ db: [] }), services }, context),
  );
  expect(namesIn(found.egress, 'to')).toEqual(['db']);
  expect(found.ingress).toBeUndefined();
});

it('transform: has the last word', () => {
  const application = applicationSpec('shop', {
    services: {
      api: { image: IMAGE, transform: { kubernetes: { networkPolicy: () => ({ spec: { podSelector: {} } }) } } },
    },
  });
  expect(policyOf(application, 'api')).toEqual({ podSelector: {} });
});
