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

  const HOST = 'req.hdr(host),field(1,:),lower,rtrim(.)';
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
  const headers = ['Forwarded', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP', 'X-Original-URL', 'Proxy'];

  it('is not believed at the edge: it is deleted before the proxy says what it sees', () => {
    const lines = gateway({ scheme: 'https', trustedProxies: [] });
    for (const header of headers) expect(lines).toContain(`http-request del-header ${header}`);
    const [deleted, said] = [
      lines.indexOf('http-request del-header x-forwarded- -m beg'),
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
    const changes = lines.filter((line) => /del-header|set-header/.test(line));
    expect(changes.length).toBeGreaterThan(headers.length);
    expect(changes.every((line) => /(unless|!)\s*\{ var\(txn\.trusted\) -m bool \}$/.test(line))).toBe(true);
    expect(lines).toContain('option forwardfor');
  });

  it('is left as it is where only a proxy can connect, and between services', () => {
    for (const lines of [gateway({ scheme: 'http', trustedProxies: 'any' }), section(proxy(), 'frontend api')]) {
      expect(lines.filter((line) => /del-header|set-header/.test(line))).toEqual([]);
      expect(lines).toContain('option forwardfor');
    }
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
    const fields = JSON.parse(format(mode).replace(/:%\w+/g, ':1')) as object;
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining(['service', 'replica', 'address', 'cause', 'state', 'client']),
    );
  });

  it('names a path without its query, which may hold secrets', () => {
    expect(format('http')).toContain('"path":"%{+E}HPO"');
    expect(format('http')).not.toMatch(/%(\{[^}]*\})?(r|HU|HQ|HP)\b/);
  });

  it('is written by what clients connect to, not for replicas that come and go', () => {
    expect(section(proxy(), 'frontend api')).toContain('log global');
    expect([...section(proxy(), 'defaults'), ...section(proxy(), 'backend api')].join()).not.toContain('log global');
  });
});
