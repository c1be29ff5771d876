import fc from 'fast-check';
import { gatewaySpec, routeKey, type Route } from '../../components/gateway-spec';
import { messagesOf } from '../support/definitions';

const services = {
  api: { image: 'x', port: 80 },
  web: { image: 'x', port: 80 },
  worker: { image: 'x' },
  database: { image: 'x', port: 5432, protocol: 'tcp' },
};
const gateway = (args: unknown) => messagesOf({ services, gateway: args });

describe('a gateway with one bad argument has one problem', () => {
  const HOST = 'must be a host name in lower case, without port or path, such as "shop.example.com" or "*.example.com"';
  const HTTP = 'must name a microservice with a port that speaks http or grpc';
  it.each<[unknown, string]>([
    [5, 'gateway: 5 is not allowed; must be an object with routes'],
    [null, 'gateway: null is not allowed; must be an object with routes'],
    ['', 'gateway: "" is not allowed; must be an object with routes'],
    [{}, 'gateway.routes: is missing; must be a list of routes'],
    [{ routes: [] }, 'gateway.routes: [] is not allowed; must have at least one route'],
    [{ routes: { to: 'api' } }, 'gateway.routes: {"to":"api"} is not allowed; must be a list of routes'],
    [
      { routes: [{ to: 'api' }], maxConnections: 100_001 },
      'gateway.maxConnections: 100001 is not allowed; must be a whole number from 100 to 100000',
    ],
    [
      { routes: [{ to: 'api' }], drain: '2h' },
      'gateway.drain: "2h" is not allowed; must be a number with a unit (ms, s, m, h) such as "30s", from 1s to 3600s',
    ],
    ...[
      '10.0.0.0/33',
      '10.0.0',
      'proxy.example.com',
      '10.0.0.0/8/8',
      '::1/129',
      '10.0.0.0/',
      'any } { always_true',
    ].map((cidr): [unknown, string] => [
      { routes: [{ to: 'api' }], trustedProxies: ['192.0.2.1', cidr] },
      `gateway.trustedProxies[1]: ${JSON.stringify(cidr)} is not allowed; must be a CIDR such as "10.0.0.0/8", or an address`,
    ]),
    [{ routes: ['api'] }, 'gateway.routes[0]: "api" is not allowed; must be a route: {path, host, to}'],
    [{ routes: [{}] }, 'gateway.routes[0].to: is missing; must name a microservice'],
    [
      { routes: [{ path: 'api', to: 'api' }] },
      'gateway.routes[0].path: "api" is not allowed; must start with a slash, such as "/healthz"',
    ],
    [
      { routes: [{ path: '/a b', to: 'api' }] },
      'gateway.routes[0].path: "/a b" is not allowed; must have only characters that a URL path may have, and no query',
    ],
    ...['/%zz', '/a%2', '/%'].map((path): [unknown, string] => [
      { routes: [{ path, to: 'api' }] },
      `gateway.routes[0].path: "${path}" is not allowed; must have "%" only before two hexadecimal digits`,
    ]),
    ...['/..', '/a/../b', '/./a', '/a/.'].map((path): [unknown, string] => [
      { routes: [{ path, to: 'api' }] },
      `gateway.routes[0].path: "${path}" is not allowed; must not have "." or "..", which clients resolve`,
    ]),
    ...['//', '/a//b'].map((path): [unknown, string] => [
      { routes: [{ path, to: 'api' }] },
      `gateway.routes[0].path: "${path}" is not allowed; must not have "//"`,
    ]),
    [
      { routes: [{ host: 'Shop.example', to: 'api' }] },
      `gateway.routes[0].host: "Shop.example" is not allowed; ${HOST}`,
    ],
    [
      { routes: [{ host: 'shop.example:80', to: 'api' }] },
      `gateway.routes[0].host: "shop.example:80" is not allowed; ${HOST}`,
    ],
    [{ routes: [{ host: 'a.*.b', to: 'api' }] }, `gateway.routes[0].host: "a.*.b" is not allowed; ${HOST}`],
    [{ routes: [{ host: '*', to: 'api' }] }, `gateway.routes[0].host: "*" is not allowed; ${HOST}`],
    [{ routes: [{ host: 'a } b', to: 'api' }] }, `gateway.routes[0].host: "a } b" is not allowed; ${HOST}`],
    [{ routes: [{ host: 'a\n', to: 'api' }] }, `gateway.routes[0].host: "a\\n" is not allowed; ${HOST}`],
    [{ routes: [{ hots: 'a', to: 'api' }] }, 'gateway.routes[0].hots: there is no such argument; did you mean "host"?'],
    [
      { routes: [{ to: 'apy' }] },
      'gateway.routes[0].to: "apy" is not allowed; must name a microservice; did you mean "api"?',
    ],
    [
      { routes: [{ to: 'zzzzzz' }] },
      'gateway.routes[0].to: "zzzzzz" is not allowed; must name a microservice; there are: api, web, worker, database',
    ],
    [
      { routes: [{ to: 'toString' }] },
      'gateway.routes[0].to: "toString" is not allowed; must name a microservice; there are: api, web, worker, database',
    ],
    [{ routes: [{ to: 'worker' }] }, `gateway.routes[0].to: "worker" is not allowed; ${HTTP}`],
    [{ routes: [{ to: 'database' }] }, `gateway.routes[0].to: "database" is not allowed; ${HTTP}`],
    [
      { routes: [{ to: 'api' }, { path: '/', to: 'web' }] },
      'gateway.routes[1]: "*/" is not allowed; is the same as gateway.routes[0] (remove one of them)',
    ],
    [
      {
        routes: [
          { path: '/a', to: 'api' },
          { path: '/a/', to: 'api' },
        ],
      },
      'gateway.routes[1]: "*/a" is not allowed; is the same as gateway.routes[0] (remove one of them)',
    ],
    [
      {
        routes: [
          { host: 'a.b', to: 'api' },
          { host: 'a.b', path: '/', to: 'web' },
        ],
      },
      'gateway.routes[1]: "a.b/" is not allowed; is the same as gateway.routes[0] (remove one of them)',
    ],
    [{ routes: [{ to: 'api' }], port: 0 }, 'gateway.port: 0 is not allowed; must be a whole number from 1 to 65535'],
    [
      { routes: [{ to: 'api' }], port: 70000 },
      'gateway.port: 70000 is not allowed; must be a whole number from 1 to 65535',
    ],
    [{ routes: [{ to: 'api' }], prot: 80 }, 'gateway.prot: there is no such argument; did you mean "port"?'],
    [{ routes: [{ to: 'api' }], transform: 1 }, 'gateway.transform: 1 is not allowed; must be an object of functions'],
  ])('%j', (args, message) => expect(gateway(args)).toEqual([message]));

  it('and of several routes each bad one is listed', () => {
    const messages = gateway({
      routes: [
        { path: '/a', to: 'x1' },
        { path: '/b', to: 'worker' },
        { path: '/c', to: 'api' },
        { path: '/c', to: 'web' },
      ],
    });
    expect(messages.map((message) => message.split(':')[0])).toEqual([
      'gateway.routes[0].to',
      'gateway.routes[1].to',
      'gateway.routes[3]',
    ]);
  });

  it('but routes that differ in host or path are fine', () => {
    expect(
      gateway({
        routes: [
          { to: 'api' },
          { host: 'a.b', to: 'api' },
          { host: '*.a.b', to: 'api' },
          { path: '/a', to: 'api' },
          { path: '/A', to: 'api' },
        ],
      }),
    ).toEqual([]);
  });
});

describe('the order of routes', () => {
  it('is: exact hosts, wildcards, any host; longer before shorter', () => {
    const routes: Route[] = [
      { to: 'web' },
      { path: '/api', to: 'api' },
      { path: '/api/users', to: 'api' },
      { host: '*.example.com', to: 'web' },
      { host: '*.shop.example.com', to: 'web' },
      { host: 'shop.example.com', to: 'web' },
      { host: 'shop.example.com', path: '/api', to: 'api' },
    ];
    expect(gatewaySpec({ routes: routes }).routes.map(routeKey)).toEqual([
      'shop.example.com/api',
      'shop.example.com/',
      '*.shop.example.com/',
      '*.example.com/',
      '*/api/users',
      '*/api',
      '*/',
    ]);
  });

  const host = fc.constantFrom(undefined, 'a.b', 'c.a.b', '*.a.b', '*.b');
  const path = fc.constantFrom(undefined, '/', '/a', '/a/', '/a/b', '/ab', '/b//');
  const distinct = fc.uniqueArray(fc.record({ host, path }), {
    selector: (route) => routeKey(gatewaySpec({ routes: [{ ...route, to: 'x' }] }).routes[0]!),
  });

  it('does not depend on the order of definition', () => {
    const shuffled = distinct.chain((routes) =>
      fc.tuple(fc.constant(routes), fc.shuffledSubarray(routes, { minLength: routes.length })),
    );
    fc.assert(
      fc.property(shuffled, ([routes, others]) => {
        const sorted = (list: typeof routes) =>
          gatewaySpec({ routes: list.map((route) => ({ ...route, to: 'x' })) }).routes;
        expect(sorted(others)).toEqual(sorted(routes));
      }),
    );
  });

  it('leaves the given routes as they were', () => {
    const routes = [
      { path: '/', to: 'web' },
      { path: '/api/', to: 'api' },
    ];
    const before = structuredClone(routes);
    gatewaySpec({ routes });
    expect(routes).toEqual(before);
  });
});

it('a path has no slash at its end, save the root', () => {
  const pathOf = (path?: string) => gatewaySpec({ routes: [{ path, to: 'x' }] }).routes[0]!.path;
  expect([undefined, '/', '//', '/a', '/a/', '/a///', '/a//b/'].map(pathOf)).toEqual([
    '/',
    '/',
    '/',
    '/a',
    '/a',
    '/a',
    '/a//b',
  ]);
});

it('a port is optional and kept', () => {
  expect(gatewaySpec({ routes: [{ to: 'x' }] })).toEqual({
    routes: [{ path: '/', to: 'x' }],
    maxConnections: 8_192,
    drain: 300_000,
    trustedProxies: [],
    transform: {},
  });
  expect(gatewaySpec({ routes: [{ to: 'x' }], port: 81 }).port).toBe(81);
});

it('more routes than fit into a config of Swarm are refused', () => {
  const routes = (count: number, length: number) =>
    gateway({
      routes: Array.from({ length: count }, (_, index) => ({
        path: `/${String(index).padStart(length, '0')}`,
        to: 'api',
      })),
    }).map((message) => message.replace(/: .* is not allowed/, ':'));
  expect(routes(500, 20)).toEqual([]);
  expect(routes(501, 20)).toEqual(['gateway.routes:; must have at most 500 routes']);
  expect(routes(100, 1_000)).toEqual(['gateway.routes:; must have at most 50000 characters of hosts and paths in all']);
});
