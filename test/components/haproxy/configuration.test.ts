import { haproxyConfiguration, type ProxySpec } from '../../../components/haproxy/configuration';
import { bufferSize } from '../../../components/haproxy/limits';
import { backend, proxy, section, withBackend, withRoutes } from '../../support/proxies';

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

describe('no name of a service meets one of the proxy', () => {
  const spec = withRoutes(
    ['a', 'a-replicas', 'admin', 'master', 'public', 'inner'].map((to) => ({ path: `/${to}`, to })),
  );

  it('as a section', () => {
    const heads = haproxyConfiguration(spec).match(/^(frontend|backend) .*$/gm)!;
    expect(heads.filter((head, index) => heads.indexOf(head) !== index)).toEqual([]);
  });
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

it('a proxy keeps the buffers that it frees for reuse: to allocate them anew costs more than to copy a request', () => {
  // 256 clients, each with a request, its copy and an answer.
  const [, bytes] = section(proxy(), 'global')
    .join('\n')
    .match(/tune\.memory\.hot-size (\d+)/)!;
  expect(Number(bytes)).toBeGreaterThan(256 * bufferSize(32 * 2 ** 10));
});
