import type { Route } from '../../../components/gateway-spec';
import type { ProxySpec } from '../../../components/haproxy/proxy-spec';
import { backend, proxy, section, withRoutes } from '../../support/proxies';

const rulesOf = (routes: Route[]) =>
  section(withRoutes(routes), 'frontend public').filter((line) => line.startsWith('use_backend'));

describe('routes', () => {
  it('are tried in the order of the spec: hosts, wildcards, long paths first', () => {
    const rules = rulesOf([
      { to: 'web' },
      { path: '/api', to: 'api' },
      { host: '*.b.c', to: 'any' },
      { host: 'a.b.c', to: 'one' },
      { path: '/api/users', to: 'users' },
    ]);
    expect(rules.map((rule) => rule.split(' ')[1])).toEqual(['one', 'any', 'users', 'api', 'web']);
  });

  it('match whole segments of the path: the path itself, or what lies below', () =>
    expect(rulesOf([{ path: '/api', to: 'api' }])).toEqual([
      'use_backend api if { path -m str /api } || { path -m beg /api/ }',
    ]));

  it('of the root match everything', () => expect(rulesOf([{ to: 'web' }])).toEqual(['use_backend web']));

  const HOST = 'req.hdr(host),host_only,rtrim(.)';
  it('of a host compare it without port and final dot, in lower case', () =>
    expect(rulesOf([{ host: 'a.b', to: 'api' }])).toEqual([`use_backend api if { ${HOST} -m str a.b }`]));

  it('of a wildcard match names below it, not the domain itself', () =>
    expect(rulesOf([{ host: '*.a.b', to: 'api' }])).toEqual([`use_backend api if { ${HOST} -m end .a.b }`]));

  it('of host and path ask for both, in each alternative', () => {
    const host = `{ ${HOST} -m str a.b }`;
    expect(rulesOf([{ host: 'a.b', path: '/x', to: 'api' }])).toEqual([
      `use_backend api if ${host} { path -m str /x } || ${host} { path -m beg /x/ }`,
    ]);
  });
});

describe('what a client says of itself', () => {
  const gateway = (edge: NonNullable<ProxySpec['listeners'][number]['edge']>) => {
    const spec = withRoutes([{ to: 'web' }]);
    return section({ ...spec, listeners: [{ ...spec.listeners[0]!, edge }] }, 'frontend public');
  };
  const deletion = 'http-request del-header ';

  it.each([
    ...[
      'Forwarded',
      'Forwarded-For',
      'X-Forwarded',
      'X-Forwarded-For',
      'X-Forwarded-Prefix',
      'X-Real-IP',
      'X-Client-IP',
    ],
    ...['True-Client-IP', 'CF-Connecting-IP', 'X-Original-URL', 'X-Original-Forwarded-For', 'X-Host', 'Proxy'],
    ...['Client-IP', 'X-Cluster-Client-IP', 'Fastly-Client-IP', 'WL-Proxy-Client-IP', 'Proxy-Client-IP', 'X-Scheme'],
    ...['X-Remote-Addr', 'X-ProxyUser-IP', 'X-Azure-ClientIP', 'X-Azure-SocketIP', 'X-URL-Scheme'],
    // What CGI, WSGI and PHP take for the same.
    ...['X_Forwarded_For', 'X_Forwarded-Proto', 'X_REAL_IP', 'X.Forwarded.For'],
  ])('is not believed at the edge: %s', (header) => {
    const rule = gateway({ scheme: 'https', trustedProxies: [] }).find((line) => line.startsWith(`${deletion}'`))!;
    const pattern = rule.slice(deletion.length + 1, -"' -m reg".length);
    // HAProxy keeps names in lower case.
    expect(header.toLowerCase()).toMatch(new RegExp(pattern));
    for (const other of [
      'x-forward',
      'proxy-authorization',
      'host',
      'x-real-ip-2',
      'authorization',
      'origin',
      'x-client',
      'x-remote-user',
    ])
      expect(other).not.toMatch(new RegExp(pattern));
  });

  it('is deleted before the proxy says what it sees', () => {
    const lines = gateway({ scheme: 'https', trustedProxies: [] });
    const [deleted, said] = [
      lines.findIndex((line) => line.startsWith(`${deletion}'`)),
      lines.indexOf('http-request set-header X-Forwarded-Proto https'),
    ];
    expect(deleted).toBeGreaterThan(0);
    expect(said).toBeGreaterThan(deleted);
    for (const line of [
      'http-request set-header X-Forwarded-Host %[req.hdr(host)]',
      'http-request set-header X-Forwarded-Port 443',
      'http-request set-header X-Real-IP %[src]',
      'option forwardfor',
    ])
      expect(lines).toContain(line);
  });

  it('is believed of a trusted proxy, by its address', () => {
    const lines = gateway({ scheme: 'http', trustedProxies: ['10.0.0.0/8', '192.0.2.1'] });
    expect(lines).toContain('http-request set-var(txn.trusted) bool(true) if { src 10.0.0.0/8 192.0.2.1 }');
    const changes = lines.filter((line) => /(del-header|set-header) (?!Connection)/.test(line));
    expect(changes.length).toBeGreaterThan(5);
    expect(changes.every((line) => /(unless|!)\s*\{ var\(txn\.trusted\) -m bool \}$/.test(line))).toBe(true);
    expect(lines).toContain('option forwardfor');
  });

  it('is believed of many trusted proxies, in lines that HAProxy can read', () => {
    const trustedProxies = Array.from({ length: 200 }, (_, index) => `10.0.${index}.0/24`);
    const lines = gateway({ scheme: 'http', trustedProxies }).filter((line) => line.includes('{ src '));
    for (const line of lines) expect(line.split(' ').length).toBeLessThan(64);
    expect(lines.flatMap((line) => line.split(' ').filter((word) => word.startsWith('10.0.')))).toEqual(trustedProxies);
  });

  it('is left as it is where only a proxy can connect, and between services', () => {
    for (const lines of [gateway({ scheme: 'http', trustedProxies: 'any' }), section(proxy(), 'frontend api')]) {
      expect(lines.filter((line) => /(del-header|set-header) (?!Connection)/.test(line))).toEqual([]);
      expect(lines).toContain('option forwardfor');
    }
  });

  it('of its own connection is not passed on: a proxy behind would drop the headers that it names', () =>
    expect(section(proxy(), 'frontend api')).toEqual(
      expect.arrayContaining([
        'http-request del-header Connection if !{ req.hdr(Upgrade) -m found }',
        'http-request set-header Connection Upgrade if { req.hdr(Upgrade) -m found }',
      ]),
    ));

  it.each(['api', 'gateway'])('cannot be hidden in a tunnel: frontend %s', (name) => {
    const lines = name === 'api' ? section(proxy(), 'frontend api') : gateway({ scheme: 'http', trustedProxies: [] });
    expect(lines).toContain('http-request deny status 405 if METH_CONNECT');
  });
});

it('a listener binds each of its addresses and no other', () => {
  const bind = ['10.1.0.5:80', '10.2.0.5:80'];
  const lines = section(proxy({ listeners: [{ name: 'api', bind, mode: 'http', backend: 'api' }] }), 'frontend api');
  expect(lines.filter((line) => line.startsWith('bind'))).toEqual(bind.map((address) => `bind ${address}`));
  expect(lines.at(-1)).toBe('default_backend api');
});

describe('a line of the log', () => {
  const format = (mode: 'http' | 'tcp') => {
    const db = { ...backend, mode };
    const lines = section(
      proxy({ listeners: [{ name: 'api', bind: ['*:1'], mode, backend: 'api' }], backends: [db] }),
      'frontend api',
    );
    return lines.find((line) => line.startsWith('log-format'))!.slice("log-format '".length, -1);
  };

  it.each(['http', 'tcp'] as const)('of %s is JSON that says which service, replica and cause', (mode) => {
    expect(format(mode)).toMatch(/^%\{\+json\}o /);
    const fields = [...format(mode).matchAll(/%\((\w+)\)/g)].map(([, name]) => name);
    expect(fields).toEqual(
      expect.arrayContaining(['service', 'replica', 'address', 'port', 'cause', 'state', 'client']),
    );
  });

  it('names a path without its query, which may hold secrets', () => {
    expect(format('http')).toContain('%(path)[capture.req.uri,field(1,?)]');
    expect(format('http')).not.toMatch(/%(\(\w+\))?(\{[^}]*\})?(r|HU|HQ|HP|HPO)\b/);
  });

  it('is not cut off, however long the path is', () =>
    expect(section(proxy(), 'global')).toContain('log stdout len 8192 format raw daemon warning'));

  it('is written by what clients connect to, not for replicas that come and go', () => {
    expect(section(proxy(), 'frontend api')).toContain('log global');
    expect([...section(proxy(), 'defaults'), ...section(proxy(), 'backend api')].join()).not.toContain('log global');
  });
});
