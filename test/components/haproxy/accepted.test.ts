import { join } from 'node:path';
import { haproxyConfiguration, type ProxySpec } from '../../../components/haproxy/configuration';
import { RULES } from '../../../components/haproxy/rules';
import { describeWithHaproxy, expectAccepted } from '../../support/haproxy';
import { backend, check, proxy, withBackend, withRoutes } from '../../support/proxies';

describeWithHaproxy('HAProxy itself accepts', () => {
  const everyCharacter = "/aZ0-._~!$&'()*+,;=:@%/";
  it.each<[string, ProxySpec]>([
    ['a load balancer with an http check', proxy()],
    [
      'several addresses',
      proxy({ listeners: [{ name: 'api', bind: ['10.1.0.5:80', '10.2.0.5:80'], mode: 'http', backend: 'api' }] }),
    ],
    ['a tcp check at another port', withBackend({ check: check({ kind: 'tcp', port: 81 }) })],
    ['a command as the check', withBackend({ check: check({ kind: 'exec', command: ['x'] }) })],
    ['no check', withBackend({})],
    ['gRPC', withBackend({ mode: 'grpc' })],
    ['a service record', withBackend({ dnsName: '_http._tcp.api.ns.svc.cluster.local' })],
    [
      'trusted proxies',
      {
        ...proxy(),
        listeners: [{ ...proxy().listeners[0]!, edge: { scheme: 'https', trustedProxies: ['10.0.0.0/8', '::1'] } }],
      },
    ],
    [
      'tcp',
      proxy({
        listeners: [{ name: 'db', bind: ['10.1.0.5:5432'], mode: 'tcp', backend: 'db' }],
        backends: [{ ...backend, name: 'db', mode: 'tcp', check: check({ kind: 'tcp', port: 5432 }) }],
      }),
    ],
    [
      'routes of all kinds',
      withRoutes([
        { to: 'web' },
        { path: '/api', to: 'api' },
        { host: '*.b.c', to: 'web' },
        { host: 'a.b.c', path: '/x/y', to: 'api' },
      ]),
    ],
    ['a route with every character of a path', withRoutes([{ path: everyCharacter, to: 'api' }])],
    ["a route with quotes only: /''", withRoutes([{ path: "/''", to: 'api' }])],
    [
      'a check with every character of a path',
      withBackend({ check: check({ kind: 'http', path: everyCharacter, port: 8080 }) }),
    ],
    [
      'a check with headers of every character',
      withBackend({
        check: check({
          kind: 'http',
          path: '/a?b=c',
          port: 8080,
          headers: { 'X-A': String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index)) },
        }),
      }),
    ],
    [
      'a check of gRPC',
      withBackend({ mode: 'grpc', check: check({ kind: 'grpc', service: 'shop.Orders', port: 81 }) }),
    ],
    [
      'many backends',
      proxy({
        backends: Array.from({ length: 40 }, (_, index) => ({ ...backend, name: index === 0 ? 'api' : `s${index}` })),
      }),
    ],
    [
      'names that are words of the configuration',
      withRoutes([
        { path: '/a', to: 'if' },
        { path: '/b', to: 'unless' },
        { path: '/c', to: 'public' },
        { to: 'default' },
      ]),
    ],
  ])('%s', (_, spec) => {
    expectAccepted((folder) => ({
      'haproxy.cfg': haproxyConfiguration({ ...spec, rulesFile: join(folder, 'rules.lua') }),
      'rules.lua': RULES,
    }));
  });
});
