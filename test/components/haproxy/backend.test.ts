import { READY_DEFAULTS, type CheckAction } from '../../../components/check';
import { hangTime } from '../../../components/haproxy/backend';
import { haproxyConfiguration, type Backend } from '../../../components/haproxy/configuration';
import { backend, check, httpCheck, proxy, section, withBackend } from '../../support/proxies';

describe('a request is repeated', () => {
  const lines = (change: Partial<Backend> = { check: httpCheck }) => section(withBackend(change), 'backend api');

  it('only if its method is idempotent or it carries a key', () => {
    const acls = lines().filter((line) => line.startsWith('acl repeatable'));
    expect(acls).toEqual([
      'acl repeatable method GET HEAD OPTIONS TRACE PUT DELETE',
      'acl repeatable req.hdr(Idempotency-Key),length gt 0',
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
