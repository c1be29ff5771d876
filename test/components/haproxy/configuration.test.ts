import type { Route } from '../../../components/gateway-spec';
import { haproxyConfiguration, type Backend, type ProxySpec } from '../../../components/haproxy/configuration';
import { READY_DEFAULTS, type CheckAction } from '../../../components/check';
import { hangTime } from '../../../components/haproxy/backend';
import { backend, check, httpCheck, proxy, withBackend, withRoutes } from '../../support/proxies';

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

describe('a request is repeated', () => {
  const lines = (change: Partial<Backend> = { check: httpCheck }) => section(withBackend(change), 'backend api');

  it('only if its method is idempotent or it carries a key', () => {
    const acls = lines().filter((line) => line.startsWith('acl repeatable'));
    expect(acls).toEqual([
      'acl repeatable method GET HEAD OPTIONS TRACE PUT DELETE',
      'acl repeatable req.hdr(Idempotency-Key) -m found',
    ]);
    expect(lines()).toContain('http-request disable-l7-retry if !repeatable');
    expect(acls.join()).not.toMatch(/POST|PATCH|CONNECT/);
  });

  it('when there was no connection or no answer: never because of an answer, or because it is slow', () =>
    expect(lines().filter((line) => line.startsWith('retry-on'))).toEqual(['retry-on conn-failure empty-response']));

  it('on another replica', () =>
    expect(section(proxy(), 'defaults')).toEqual(expect.arrayContaining(['retries 3', 'option redispatch 1'])));

  it('never where the protocol is unknown', () => {
    const spec = proxy({
      listeners: [{ name: 'db', bind: ['10.0.0.1:5432'], mode: 'tcp', backend: 'db' }],
      backends: [{ ...backend, name: 'db', mode: 'tcp' }],
    });
    expect(section(spec, 'backend db').join('\n')).not.toMatch(/retry|http/);
  });

  it('and one that may not be has a connection that no other request uses, before and after it', () => {
    const own = lines().filter((line) => line.includes('own_connection'));
    expect(own).toEqual([
      'http-request set-var(txn.own_connection) uuid if !repeatable || large',
      'http-request set-header Connection close if { var(txn.own_connection) -m found } !{ req.hdr(Upgrade) -m found }',
      expect.stringContaining(' sni var(txn.own_connection) '),
    ]);
    expect(lines()).toEqual(
      expect.arrayContaining(['acl large req.body_size gt 4096', 'acl large req.hdr(Transfer-Encoding) -m found']),
    );
  });
});

describe('a replica that hangs', () => {
  it('loses the requests that wait for it at the time when its check has certainly failed', () => {
    const lines = section(
      withBackend({ check: check(httpCheck.action, { interval: 2_000, timeout: 700, failures: 4 }) }),
      'backend api',
    );
    // 2 s until the next check, four that are not answered, three pauses of 250 ms, and a margin.
    const at = lines.indexOf('tcp-response inspect-delay 6300ms');
    expect(lines.slice(at, at + 3)).toEqual([
      'tcp-response inspect-delay 6300ms',
      'tcp-response content accept if { status -m found }',
      'tcp-response content close if { lua.hung -m bool }',
    ]);
  });

  it('is given up within 5 s at default settings', () => {
    const { interval, timeout, failures } = READY_DEFAULTS;
    expect(hangTime({ action: httpCheck.action, interval, timeout, failures })).toBe(4_000);
  });

  it('is not looked for without a check, or in a protocol that is unknown', () => {
    expect(haproxyConfiguration(withBackend({}))).not.toContain('inspect-delay');
    expect(haproxyConfiguration(withBackend({ mode: 'tcp', check: httpCheck }))).not.toContain('inspect-delay');
  });

  it('is the only one to lose any: a failed check leaves alone what a replica works on', () =>
    expect(haproxyConfiguration(proxy())).not.toContain('shutdown-sessions'));
});

describe('limits', () => {
  const two = (change: Partial<ProxySpec> = {}) => ({
    ...withRoutes([{ path: '/a', to: 'a' }, { to: 'b' }]),
    maxConnections: 8_000,
    ...change,
  });

  it('are those of the spec, and what is refused is told so', () => {
    expect(section(withBackend({ maxConnections: 50 }), 'backend api')).toContain(
      "http-request return status 503 content-type text/plain string 'Service api has reached its limit of concurrent requests.' hdr Retry-After 1 hdr Connection close if { be_conn gt 50 }",
    );
    // 8,000, an eighth of it in reserve, and 256 that are told 503.
    expect(section(two(), 'frontend public')).toEqual(
      expect.arrayContaining(['maxconn 9256', expect.stringMatching(/return status 503 .* if \{ fe_conn gt 9000 \}$/)]),
    );
    expect(section(two(), 'global')).toContain('maxconn 9320');
  });

  it('leave each service a share that the clients of another cannot take', () => {
    for (const name of ['a', 'b'])
      expect(section(two(), `backend ${name}`)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/return status 503 .* if \{ fe_conn\(public\) gt 8000 \} \{ be_conn gt 500 \}$/),
        ]),
      );
  });

  it('need no share where there is one service', () => {
    expect(section(proxy(), 'backend api').join('\n')).not.toContain('fe_conn');
    expect(section(proxy(), 'frontend api')).toContain('maxconn 1256');
  });

  it('of a connection that is passed through end it', () => {
    const db = { ...backend, name: 'db', mode: 'tcp' as const };
    const spec = proxy({ listeners: [{ name: 'db', bind: ['*:1'], mode: 'tcp', backend: 'db' }], backends: [db] });
    expect(section(spec, 'frontend db')).toContain('tcp-request connection reject if { fe_conn gt 1000 }');
  });

  it('of headers are told by 431 as long as they fit the buffer', () => {
    const spec = proxy({ maxHeaderSize: 65_536, maxHeaders: 300 });
    expect(section(spec, 'frontend api')).toContain(
      'http-request deny status 431 if { req.hdrs,length gt 65536 } || { req.hdr_cnt gt 300 }',
    );
    expect(section(spec, 'global')).toEqual(
      expect.arrayContaining(['tune.bufsize 73728', 'tune.http.maxhdr 700', 'tune.maxrewrite 2048']),
    );
  });
});

describe('times', () => {
  it('one until the answer begins, another for silence from then on', () => {
    const lines = section(withBackend({ timeout: 1_234, idleTimeout: 70_000 }), 'backend api');
    expect(lines).toEqual(
      expect.arrayContaining([
        'timeout server 1234ms',
        'http-response set-timeout server 70000ms',
        'timeout tunnel 70000ms',
      ]),
    );
  });

  it('silence ends a connection that is passed through, and nothing else does', () => {
    const db = { ...backend, name: 'db', mode: 'tcp' as const, timeout: 1_000, idleTimeout: 70_000 };
    const spec = proxy({ listeners: [{ name: 'db', bind: ['*:1'], mode: 'tcp', backend: 'db' }], backends: [db] });
    expect(section(spec, 'backend db').filter((line) => line.startsWith('timeout'))).toEqual([
      'timeout server 70000ms',
      'timeout tunnel 70000ms',
    ]);
    expect(section(spec, 'frontend db')).toContain('timeout client 71000ms');
  });

  it('a client may be silent for as long as the service that its route leads to allows, whatever others allow', () => {
    const spec = withRoutes([{ path: '/a', to: 'a' }, { to: 'b' }]);
    const [a, b] = spec.backends.map((one) => ({ ...one, idleTimeout: one.name === 'a' ? 10_000 : 90_000 }));
    const lines = section({ ...spec, backends: [a!, b!] }, 'frontend public');
    expect(lines).toContain('timeout client 91000ms');
    // The last rule that applies counts.
    expect(lines.filter((line) => line.includes('set-timeout client'))).toEqual([
      'http-request set-timeout client 91000ms',
      'http-request set-timeout client 11000ms if { path -m str /a } || { path -m beg /a/ }',
    ]);
    expect(section(spec, 'frontend public').join()).not.toContain('set-timeout client');
  });

  it('what runs when the proxy is reloaded has the time that the spec gives', () =>
    expect(section(proxy({ drain: 90_000 }), 'global')).toContain('hard-stop-after 90000ms'));
});

describe('a backend', () => {
  const replicas = (change: Partial<Backend>) => section(withBackend(change), 'backend api');
  const template = (change: Partial<Backend>) => replicas(change).find((line) => line.startsWith('server-template'));

  it('has a slot for each replica, found by DNS', () => {
    expect(template({ slots: 5 })).toMatch(/^server-template replica- 5 tasks\.shop-dev-api:8080 /);
    const tcp = proxy({ listeners: [], backends: [{ ...backend, name: 'db', mode: 'tcp', port: 5432, slots: 3 }] });
    expect(section(tcp, 'backend db').at(-1)).toBe('server-template replica- 3 tasks.shop-dev-api:5432');
  });

  it('is checked by path where `ready` is http', () => {
    const lines = replicas({
      check: check({ kind: 'http', path: '/readyz', port: 8080 }, { interval: 2_000, timeout: 700, failures: 4 }),
    });
    expect(lines.find((line) => line.startsWith('tcp-check send'))).toContain('GET /readyz HTTP/1.1');
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
      expect(replicas({ check: check(action) }).join('\n')).not.toContain('tcp-check');
      expect(template({ check: check(action) })).toMatch(/:8080 .*\bcheck inter 1000ms/);
    }
  });

  it('is looked at no less often than asked for', () =>
    expect(template({ check: check({ kind: 'tcp', port: 8080 }, { interval: 200 }) })).toContain(
      'inter 200ms fastinter 200ms',
    ));

  it('is not checked without a check', () => expect(template({})).not.toContain('check'));

  it('of gRPC is spoken to in HTTP/2, and one connection carries many requests', () => {
    expect(template({ mode: 'grpc' })).toBe('server-template replica- 32 tasks.shop-dev-api:8080 proto h2');
    expect(replicas({ mode: 'grpc' }).join()).not.toContain('own_connection');
  });

  it('of gRPC gives a status for a call that may not be sent again: a reset would have clients send it', () => {
    const rules = (change: Partial<Backend>) =>
      replicas({ mode: 'grpc', ...change }).filter((line) => /^tcp-response|txn\.once/.test(line));
    const once = 'http-request set-var(txn.once) bool(true) if !repeatable';
    const answered = 'tcp-response content accept if { status -m found }';
    const unanswered = 'tcp-response content lua.unanswered if { var(txn.once) -m bool }';
    expect(rules({ timeout: 7_000 })).toEqual([once, 'tcp-response inspect-delay 7000ms', answered, unanswered]);
    expect(rules({ check: httpCheck }).slice(2)).toEqual([
      answered,
      unanswered,
      'tcp-response content close if { lua.hung -m bool }',
    ]);
  });

  it('takes the port from DNS where its name is one of a service record', () =>
    expect(template({ dnsName: '_http._tcp.api.ns.svc.cluster.local' })).toMatch(
      /^server-template replica- 32 _http\._tcp\.api\.ns\.svc\.cluster\.local sni/,
    ));
});

describe('no name of a service meets one of the proxy', () => {
  const spec = withRoutes(
    ['a', 'a-replicas', 'admin', 'master', 'public', 'inner'].map((to) => ({ path: `/${to}`, to })),
  );

  it('as a section', () => {
    const heads = haproxyConfiguration(spec).match(/^(frontend|backend) .*$/gm)!;
    expect(heads.filter((head, index) => heads.indexOf(head) !== index)).toEqual([]);
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

it('asks DNS as often as the target needs, and drops at once what it no longer lists', () =>
  expect(section(proxy({ dnsInterval: 250 }), 'resolvers replicas')).toEqual(
    expect.arrayContaining(['hold valid 250ms', 'hold obsolete 250ms', 'hold timeout 5m']),
  ));

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

  it('its own health is answered for, until it stops', () =>
    expect(section(proxy({ health: '*:8404' }), 'frontend health')).toEqual(
      expect.arrayContaining(['bind *:8404', 'monitor-uri /healthz', 'monitor fail if { stopping }']),
    ));

  it('an address of its own sends everything to https', () =>
    expect(section(proxy({ redirect: '*:8081' }), 'frontend redirect')).toEqual(
      expect.arrayContaining(['bind *:8081', 'http-request redirect scheme https code 308']),
    ));

  it('threads can be limited', () => expect(section(proxy({ threads: 2 }), 'global')).toContain('nbthread 2'));
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
