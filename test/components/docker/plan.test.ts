import fc from 'fast-check';
import { applicationSpec, callersOf } from '../../../components/application-spec';
import type { DeployedAddresses } from '../../../components/docker/addresses';
import { defaultGatewayPort } from '../../../components/docker/identity';
import { DockerPlan, MAX_DOCKER_REPLICAS, SLOTS } from '../../../components/docker/plan';
import { gatewaySpec } from '../../../components/gateway-spec';
import { callGraph, IMAGE } from '../../support/definitions';

const identity = { project: 'shop', stack: 'dev' };
const planOf = (application: ReturnType<typeof callGraph>, addressRange?: string) =>
  new DockerPlan(application, identity, addressRange);
const within = (address: string, subnet: string) => {
  const value = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const [start, bits] = subnet.split('/') as [string, string];
  return value(address) >= value(start) && value(address) < value(start) + 2 ** (32 - Number(bits));
};

/** Any call graph of up to ten services, with some of them routed. */
const graphs = fc.integer({ min: 1, max: 10 }).chain((size) => {
  const names = Array.from({ length: size }, (_, index) => `s${index}`);
  const calls = fc.tuple(...names.map((name) => fc.shuffledSubarray(names.filter((other) => other !== name))));
  return fc
    .tuple(calls, fc.subarray(names))
    .map(([edges, routed]) => callGraph(Object.fromEntries(names.map((name, index) => [name, edges[index]!])), routed));
});

/** What an engine has given out that runs an application. */
function givenOut(plan: DockerPlan): DeployedAddresses {
  const { services, jobs } = plan.application;
  const networks = [plan.publicNetwork(), ...[...services, ...jobs].map(({ name }) => plan.network(name))];
  const proxies = new Map<string, Map<string, string>>();
  for (const service of services) {
    const balancer = plan.loadBalancer(service);
    for (const { network, address } of balancer?.attachments ?? [])
      proxies.set(network, (proxies.get(network) ?? new Map<string, string>()).set(balancer!.container, address!));
  }
  return {
    networks: new Map(networks.map(({ name, subnet, internal }) => [name, { subnet, internal }])),
    foreign: [],
    attached: new Map(),
    proxies,
  };
}

describe('for any two call graphs, one deployed after the other', () => {
  it('what is in both keeps its addresses, and nothing new gets those of what is removed', () => {
    fc.assert(
      fc.property(graphs, graphs, fc.option(fc.constant('10.200.0.0/19')), (first, second, range) => {
        const before = planOf(first);
        const deployed = givenOut(before);
        const after = new DockerPlan(second, identity, range ?? undefined, deployed);
        expect(after.publicNetwork()).toEqual(before.publicNetwork());
        const old = new Map([...deployed.networks].map(([name, { subnet }]) => [subnet, name]));
        for (const { name } of second.services) {
          const network = after.network(name);
          expect(old.get(network.subnet) ?? network.name).toBe(network.name);
          if (deployed.networks.has(network.name)) expect(network).toEqual(before.network(name));
        }
        for (const service of second.services) {
          const { container, attachments } = after.loadBalancer(service) ?? { container: '', attachments: [] };
          for (const { network, address } of attachments) {
            const others = new Map([...(deployed.proxies.get(network) ?? [])].map(([name, one]) => [one, name]));
            expect(others.get(address!) ?? container).toBe(container);
            expect(address).toBe(deployed.proxies.get(network)?.get(container) ?? address);
          }
        }
      }),
    );
  });

  it('a second look changes nothing', () => {
    fc.assert(
      fc.property(graphs, (application) => {
        const [before, after] = [
          planOf(application),
          new DockerPlan(application, identity, undefined, givenOut(planOf(application))),
        ];
        for (const service of application.services) {
          expect(after.network(service.name)).toEqual(before.network(service.name));
          expect(after.loadBalancer(service)).toEqual(before.loadBalancer(service));
        }
      }),
    );
  });
});

describe('for any call graph', () => {
  it('a load balancer joins the networks of its callers, and listens there only', () => {
    fc.assert(
      fc.property(graphs, (application) => {
        const plan = planOf(application);
        for (const service of application.services) {
          const callers = callersOf(application, service.name);
          const balancer = plan.loadBalancer(service);
          if (callers.length === 0) {
            expect(balancer).toBeUndefined();
            continue;
          }
          const networks = callers.map(({ name }) => plan.network(name));
          expect(balancer!.attachments.map(({ network }) => network)).toEqual(networks.map(({ name }) => name));
          expect(balancer!.attachments.every(({ alias }) => alias === service.name)).toBe(true);
          const addresses = balancer!.proxy.listeners
            .flatMap(({ bind }) => bind)
            .map((bind) => bind.replace(/:8080$/, ''));
          expect(addresses).toEqual(balancer!.attachments.map(({ address }) => address));
          addresses.forEach((address, index) => {
            expect(within(address, networks[index]!.subnet)).toBe(true);
            expect(within(address, networks[index]!.ipRange)).toBe(false);
          });
        }
      }),
    );
  });

  it('no two proxies have one address', () => {
    fc.assert(
      fc.property(graphs, (application) => {
        const plan = planOf(application);
        const addresses = application.services.flatMap((service) =>
          (plan.loadBalancer(service)?.attachments ?? []).map(({ address }) => address),
        );
        expect(new Set(addresses).size).toBe(addresses.length);
      }),
    );
  });

  it('the gateway joins exactly the networks of what it routes to, with no address to call it at', () => {
    fc.assert(
      fc.property(graphs, (application) => {
        fc.pre(application.gateway !== undefined);
        const plan = planOf(application);
        const { attachments, proxy } = plan.gateway(application.gateway);
        const routed = [...new Set(application.gateway.routes.map(({ to }) => to))].sort();
        expect(attachments.map(({ network }) => network).sort()).toEqual(
          routed.map((name) => plan.network(name).name).sort(),
        );
        expect(attachments.every(({ address, alias }) => address === undefined && alias === undefined)).toBe(true);
        expect(proxy.backends.map(({ name }) => name).sort()).toEqual(routed);
        const network = plan.publicNetwork();
        expect(proxy.listeners).toHaveLength(1);
        expect(proxy.listeners[0]!.bind).toEqual([`${network.address}:8080`]);
        expect(within(network.address, network.subnet)).toBe(true);
        for (const { name } of application.services)
          expect(within(network.address, plan.network(name).subnet)).toBe(false);
      }),
    );
  });

  it('a service that is added at the end moves no other and changes no proxy that it does not call', () => {
    fc.assert(
      fc.property(graphs, (application) => {
        const calls = Object.fromEntries(application.services.map((service) => [service.name, service.calls]));
        const routed = application.gateway?.routes.map(({ to }) => to);
        const [before, after] = [planOf(application), planOf(callGraph({ ...calls, added: [] }, routed))];
        for (const service of application.services) {
          expect(after.network(service.name)).toEqual(before.network(service.name));
          expect(after.loadBalancer(service)).toEqual(before.loadBalancer(service));
        }
        expect(after.publicNetwork()).toEqual(before.publicNetwork());
      }),
    );
  });
});

describe('names', () => {
  const tricky = [
    'a',
    'b',
    'a-lb',
    'a-config',
    'a-data',
    'public',
    'gateway-proxy',
    'gateway-x',
    'config',
    'data',
    'lb',
    'proxy',
    'probe',
  ];

  // Of names that would meet, validation refuses one: see validate.test.ts.
  it('of one kind of object never meet', () => {
    const application = applicationSpec('shop', {
      services: Object.fromEntries(
        tricky.map((name) => [name, { image: IMAGE, port: 80, calls: name === 'b' ? [] : ['b'], after: [] }]),
      ),
      jobs: { caller: { image: IMAGE, calls: tricky } },
      gateway: { routes: [{ to: 'a' }] },
    });
    const plan = planOf(application);
    const proxies = [
      plan.gateway(application.gateway!),
      ...application.services.map((service) => plan.loadBalancer(service)!),
    ];
    const kinds = {
      networks: [plan.publicNetwork().name, ...[...tricky, 'caller'].map((name) => plan.network(name).name)],
      services: [
        ...[...tricky, 'caller'].map((name) => plan.serviceName(name)),
        ...proxies.map(({ configService }) => configService),
      ],
      containers: proxies.map(({ container }) => container),
      volumes: [...tricky.map((name) => plan.dataVolume(name)), ...proxies.map(({ volume }) => volume)],
    };
    for (const [kind, names] of Object.entries(kinds)) {
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      expect({ kind, twice }).toEqual({ kind, twice: [] });
    }
  });
});

describe('a network', () => {
  const application = applicationSpec('shop', {
    services: { a: { image: IMAGE, internet: true }, b: { image: IMAGE } },
    gateway: undefined as never,
  });

  it('has no way out; who asks for one has a second network', () => {
    const plan = planOf(application);
    const [a, b] = application.services;
    expect([plan.network('a').internal, plan.network('b').internal]).toEqual([true, true]);
    expect(plan.internetNetwork(a!)).toMatchObject({ name: `${plan.prefix}-a_internet`, internal: false });
    expect(plan.internetNetwork(b!)).toBeUndefined();
    expect(plan.internetNetwork(a!)!.subnet).not.toBe(plan.network('a').subnet);
    expect(plan.networkNames().sort()).toEqual(
      ['a', 'a_internet', 'b', 'gateway'].map((name) => `${plan.prefix}-${name}`),
    );
  });

  it('is the same whether its service may reach the internet or not', () => {
    const closed = applicationSpec('shop', { services: { a: { image: IMAGE }, b: { image: IMAGE } } });
    expect(planOf(closed).network('a')).toEqual(planOf(application).network('a'));
  });

  it('of the gateway has one, since its port is published', () =>
    expect(planOf(application).publicNetwork().internal).toBe(false));

  it('lies in the configured range', () => {
    const plan = planOf(application, '192.168.64.0/19');
    for (const { subnet } of [plan.network('a'), plan.network('b'), plan.publicNetwork()])
      expect(within(subnet.split('/')[0]!, '192.168.64.0/19')).toBe(true);
  });
});

describe('a backend', () => {
  const application = applicationSpec('shop', {
    services: {
      db: { image: IMAGE, port: 5432, protocol: 'tcp', timeout: '7s', ready: { tcp: {}, interval: '2s' } },
      api: { image: IMAGE, port: 80, calls: ['db'] },
    },
    gateway: { routes: [{ to: 'api' }], port: 8123 },
  });

  it('finds the replicas by DNS, more of them than may run, and checks that they are ready', () => {
    const [balancer] = [planOf(application).loadBalancer(application.services[0]!)!];
    expect(balancer.proxy.backends).toEqual([
      {
        name: 'db',
        mode: 'tcp',
        dnsName: `tasks.${planOf(application).serviceName('db')}`,
        port: 5432,
        slots: SLOTS,
        check: { action: { kind: 'tcp', port: 5432 }, interval: 2_000, timeout: 1_000, failures: 2 },
        timeout: 7_000,
        idleTimeout: 3_600_000,
        maxConnections: 8_192,
      },
    ]);
    expect(SLOTS).toBeGreaterThan(MAX_DOCKER_REPLICAS);
    expect(balancer.proxy.nameserver).toBe('127.0.0.11:53');
  });

  it('of the gateway is the replicas themselves, not their load balancer', () =>
    expect(planOf(application).gateway(application.gateway!).proxy.backends).toMatchObject([
      { name: 'api', dnsName: `tasks.${planOf(application).serviceName('api')}` },
    ]));
});

it('the gateway is published at the configured port, or one that follows from the stack', () => {
  const plan = planOf(callGraph({ a: [] }));
  const spec = gatewaySpec({ routes: [{ to: 'a' }] });
  expect(plan.published({ ...spec, port: 8123 })).toEqual({ internal: 8080, external: 8123 });
  expect(plan.published(spec)).toEqual({
    internal: 8080,
    external: defaultGatewayPort(plan.prefix),
  });
});
