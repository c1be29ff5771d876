import type { Route } from '../../../components/gateway-spec';
import type { CheckAction } from '../../../components/check';
import { haproxyConfiguration, type Backend, type ProxySpec } from '../../../components/haproxy/configuration';
import { backend, check, proxy, withBackend, withRoutes } from '../../support/proxies';

/** The lines of one section, without their indentation. */
function section(spec: ProxySpec, head: string): string[] {
  const found = haproxyConfiguration(spec)
    .split(/\n(?=\S)/)
    .find((part) => part.split('\n')[0] === head);
  return (
    found
      ?.split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter(Boolean) ?? []
  );
}
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

  it('of a host compare it without port, in lower case', () =>
    expect(rulesOf([{ host: 'a.b', to: 'api' }])).toEqual([
      'use_backend api if { req.hdr(host),field(1,:),lower -m str a.b }',
    ]));

  it('of a wildcard match names below it, not the domain itself', () =>
    expect(rulesOf([{ host: '*.a.b', to: 'api' }])).toEqual([
      'use_backend api if { req.hdr(host),field(1,:),lower -m end .a.b }',
    ]));

  it('of host and path ask for both, in each alternative', () => {
    const host = '{ req.hdr(host),field(1,:),lower -m str a.b }';
    expect(rulesOf([{ host: 'a.b', path: '/x', to: 'api' }])).toEqual([
      `use_backend api if ${host} { path -m str /x } || ${host} { path -m beg /x/ }`,
    ]);
  });
});

describe('what a client says of itself', () => {
  it('is not believed by the gateway', () =>
    expect(section(withRoutes([{ to: 'web' }]), 'frontend public')).toContain(
      'http-request set-header X-Forwarded-Proto http',
    ));
});

describe('a request is repeated', () => {
  const rule =
    'http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE } || { req.hdr(Idempotency-Key) -m found }';
  const outer = () => section(proxy(), 'backend api');

  it('only if its method is idempotent or it carries a key', () => {
    expect(outer()).toContain(rule);
    expect(outer().filter((line) => line.startsWith('http-request'))).toEqual([rule]);
    expect(rule).not.toMatch(/POST|PATCH|CONNECT/);
  });

  it('when there was no connection, no answer, or the inner hop says so: never because of an answer of the service', () =>
    expect(outer().filter((line) => line.startsWith('retry-on'))).toEqual([
      'retry-on conn-failure empty-response 425',
    ]));

  it('through an inner hop that marks errors of its own, and only those, by a status that no service means', () => {
    const lines = section(proxy(), 'frontend api.replicas');
    expect(lines).toContain('http-response set-var(txn.answered) bool(true)');
    expect(lines).toContain('http-after-response set-status 425 unless { var(txn.answered) -m bool }');
    expect(lines).toContain(
      'http-after-response set-header x-proxy-error %[status] unless { var(txn.answered) -m bool }',
    );
    expect(lines.at(-1)).toBe('default_backend api.replicas');
    expect(outer()).toContain('http-response set-status 503 if { res.hdr(x-proxy-error) -m str 503 }');
  });

  it('and a service cannot pass for the proxy', () => {
    for (const head of ['backend api', 'frontend api.replicas'])
      expect(section(proxy(), head)).toContain('http-response del-header x-proxy-error');
    expect(outer().indexOf('http-response del-header x-proxy-error')).toBeGreaterThan(
      outer().indexOf('http-response set-status 503 if { res.hdr(x-proxy-error) -m str 503 }'),
    );
  });

  it('over a socket that only the proxy reaches', () => {
    expect(outer().at(-1)).toBe('server inner unix@/tmp/api.replicas.sock');
    expect(section(proxy(), 'frontend api.replicas')).toContain('bind unix@/tmp/api.replicas.sock mode 600');
  });

  it('on another replica', () =>
    expect(section(proxy(), 'defaults')).toEqual(expect.arrayContaining(['retries 3', 'option redispatch 1'])));

  it('never where the protocol is unknown: there is one hop', () => {
    const spec = proxy({
      listeners: [{ name: 'db', bind: ['10.0.0.1:5432'], mode: 'tcp', backend: 'db' }],
      backends: [{ ...backend, name: 'db', mode: 'tcp' }],
    });
    expect(section(spec, 'backend db').join('\n')).not.toMatch(/retry|http/);
    expect(haproxyConfiguration(spec)).not.toContain('.sock\n');
  });
});

describe('a backend', () => {
  const replicas = (change: Partial<Backend>) => section(withBackend(change), 'backend api.replicas');
  const template = (change: Partial<Backend>) => replicas(change).find((line) => line.startsWith('server-template'));

  it('has a slot for each replica, found by DNS', () => {
    expect(template({ slots: 5 })).toBe('server-template replica- 5 tasks.shop-dev-api:8080');
    const tcp = proxy({ listeners: [], backends: [{ ...backend, name: 'db', mode: 'tcp', port: 5432, slots: 3 }] });
    expect(section(tcp, 'backend db').at(-1)).toBe('server-template replica- 3 tasks.shop-dev-api:5432');
  });

  it('waits for an answer as long as it may take, and the outer hop for longer', () => {
    expect(replicas({ timeout: 1_234 })).toContain('timeout server 1234ms');
    expect(section(withBackend({ timeout: 1_234 }), 'backend api')).toContain('timeout server 6234ms');
  });

  it('is checked by path where `ready` is http', () => {
    const lines = replicas({
      check: check({ kind: 'http', path: '/readyz', port: 8080 }, { interval: 2_000, timeout: 700, failures: 4 }),
    });
    expect(lines).toContain('option httpchk');
    expect(lines).toContain('http-check expect status 200-399');
    expect(lines.find((line) => line.startsWith('http-check send'))).toMatch(
      /meth GET uri \/readyz ver HTTP\/1\.1 hdr Host localhost/,
    );
    expect(lines).toContain('timeout check 700ms');
    expect(lines.at(-1)).toMatch(/ check inter 2000ms fastinter 250ms fall 4 rise 1$/);
  });

  it('is checked at another port where the check has one', () =>
    expect(template({ check: check({ kind: 'tcp', port: 81 }) })).toContain(' check port 81 inter'));

  it('is checked by connecting where `ready` is tcp, or a command that a proxy cannot run', () => {
    const actions: CheckAction[] = [
      { kind: 'tcp', port: 8080 },
      { kind: 'exec', command: ['x'] },
    ];
    for (const action of actions) {
      expect(replicas({ check: check(action) }).join('\n')).not.toContain('httpchk');
      expect(template({ check: check(action) })).toMatch(/:8080 check inter 1000ms/);
    }
  });

  it('is looked at no less often than asked for', () =>
    expect(template({ check: check({ kind: 'tcp', port: 8080 }, { interval: 200 }) })).toContain(
      'inter 200ms fastinter 200ms',
    ));

  it('is not checked without a check', () => expect(template({})).not.toContain('check'));

  it('gives up requests that wait for a hung replica', () =>
    expect(section(proxy(), 'defaults').at(-1)).toContain('on-marked-down shutdown-sessions'));
});

describe('no name of a service meets one of the proxy', () => {
  const spec = withRoutes(
    ['a', 'a-replicas', 'admin', 'master', 'public', 'inner'].map((to) => ({ path: `/${to}`, to })),
  );

  it('as a section', () => {
    const heads = haproxyConfiguration(spec).match(/^(frontend|backend) .*$/gm)!;
    expect(heads.filter((head, index) => heads.indexOf(head) !== index)).toEqual([]);
  });

  it('as a socket', () => {
    const sockets = [...haproxyConfiguration(spec).matchAll(/(?:bind unix@|stats socket )(\S+)/g)].map(
      ([, path]) => path,
    );
    expect(sockets).toHaveLength(7);
    expect(new Set([...sockets, '/tmp/master.sock']).size).toBe(8);
  });
});

it('a listener binds each of its addresses and no other', () => {
  const bind = ['10.1.0.5:80', '10.2.0.5:80'];
  const lines = section(proxy({ listeners: [{ name: 'api', bind, mode: 'http', backend: 'api' }] }), 'frontend api');
  expect(lines.filter((line) => line.startsWith('bind'))).toEqual(bind.map((address) => `bind ${address}`));
  expect(lines.at(-1)).toBe('default_backend api');
});

it('asks the DNS server for long answers, so that many replicas fit', () => {
  expect(section(proxy(), 'resolvers replicas')).toEqual(
    expect.arrayContaining(['nameserver dns 127.0.0.11:53', 'accepted_payload_size 8192']),
  );
});

it('the same spec gives the same text, which ends with a newline', () => {
  expect(haproxyConfiguration(proxy())).toBe(haproxyConfiguration(structuredClone(proxy())));
  expect(haproxyConfiguration(proxy()).endsWith('\n')).toBe(true);
});

describe('where a cluster gives names and ends TLS', () => {
  const listener = (change: Partial<ProxySpec['listeners'][number]>) => {
    const spec = withRoutes([{ path: '/', to: 'api' }]);
    return haproxyConfiguration({ ...spec, listeners: [{ ...spec.listeners[0]!, ...change }] });
  };

  it('the DNS of the system is asked', () => {
    const { nameserver: _, ...spec } = proxy();
    expect(haproxyConfiguration(spec)).toContain('  parse-resolv-conf\n');
    expect(haproxyConfiguration(spec)).not.toContain('nameserver');
  });

  it('a certificate is used, and HTTP/2 is offered with it', () =>
    expect(listener({ bind: ['*:8443'], certificate: '/run/tls/x.pem' })).toContain(
      '  bind *:8443 ssl crt /run/tls/x.pem alpn h2,http/1.1\n',
    ));

  it.each([
    [undefined, '  http-request set-header X-Forwarded-Proto http\n'],
    ['http' as const, '  http-request set-header X-Forwarded-Proto http\n'],
    ['https' as const, '  http-request set-header X-Forwarded-Proto https\n'],
  ])('services are told what a request came by: %s', (scheme, line) =>
    expect(listener(scheme === undefined ? {} : { scheme })).toContain(line),
  );

  it('what a proxy before it says is left as it is', () =>
    expect(listener({ scheme: 'given' })).not.toContain('X-Forwarded-Proto'));

  it('its own health is answered for, until it stops', () =>
    expect(haproxyConfiguration(proxy({ health: '*:8404' }))).toContain(
      'frontend health\n  bind *:8404\n  mode http\n  no log\n  monitor-uri /healthz\n  monitor fail if { stopping }\n',
    ));

  it('an address of its own sends everything to https', () =>
    expect(haproxyConfiguration(proxy({ redirect: '*:8081' }))).toContain(
      'frontend redirect\n  bind *:8081\n  mode http\n  http-request redirect scheme https code 308\n',
    ));

  it('threads can be limited', () =>
    expect(haproxyConfiguration(proxy({ threads: 2 }))).toContain('global\n  maxconn 100\n  nbthread 2\n'));
});
