import fc from 'fast-check';
import { requestHeaders } from '../../components/check';
import { messagesOf, serviceSpec, withService } from '../support/definitions';

const TIME = 'must be a number with a unit (ms, s, m, h) such as "30s"';
const PORT = 'must be a whole number from 1 to 65535';
const FAILURES = 'must be a whole number from 1 to 100';
const ONE_KIND = 'must have exactly one of http, grpc, tcp and exec';
const PATH_START = 'must start with one "/", such as "/healthz"';
const PATH_CHARACTERS =
  'must have only characters that a URL path and its query may have, and "%" only before two hexadecimal digits';
const NAME = 'the name must consist of letters, digits and hyphens';
const VALUE = 'must consist of printable ASCII characters, without spaces at either end';
const SERVICE = 'must consist of letters, digits, ".", "_", "/" and "-", such as "shop.Orders"';
const NEEDS_PORT = 'needs a port, since the microservice has none (give the check a port, or use exec)';

const BAD: [unknown, string][] = [
  [
    '/healthz',
    ': "/healthz" is not allowed; must be a check: {http: {path}}, {grpc: {}}, {tcp: {}} or {exec: [command]}',
  ],
  [{}, `: {} is not allowed; ${ONE_KIND}`],
  [{ interval: '1s' }, `: {"interval":"1s"} is not allowed; ${ONE_KIND}`],
  [{ tcp: {}, exec: ['true'] }, `: {"tcp":{},"exec":["true"]} is not allowed; ${ONE_KIND}`],
  [{ htpp: { path: '/' } }, '.htpp: there is no such argument; did you mean "http"?'],
  [{ http: {} }, '.http.path: is missing; must be a path such as "/healthz"'],
  [{ http: '/healthz' }, '.http: "/healthz" is not allowed; must be an object with a path'],
  [{ http: { path: 'healthz' } }, `.http.path: "healthz" is not allowed; ${PATH_START}`],
  [{ http: { path: '//a' } }, `.http.path: "//a" is not allowed; ${PATH_START}`],
  [{ http: { path: '?a' } }, `.http.path: "?a" is not allowed; ${PATH_START}`],
  [{ http: { path: '/a#b' } }, `.http.path: "/a#b" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a?b=%2' } }, `.http.path: "/a?b=%2" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a b' } }, `.http.path: "/a b" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a\r\nX: y' } }, `.http.path: "/a\\r\\nX: y" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a\n' } }, `.http.path: "/a\\n" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/ä' } }, `.http.path: "/ä" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/"' } }, `.http.path: "/\\"" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/', port: 0 } }, `.http.port: 0 is not allowed; ${PORT}`],
  [{ http: { path: '/', port: 70000 } }, `.http.port: 70000 is not allowed; ${PORT}`],
  [{ http: { path: '/', prot: 80 } }, '.http.prot: there is no such argument; did you mean "port"?'],
  [
    { http: { path: '/', headers: 'Host: a' } },
    '.http.headers: "Host: a" is not allowed; must be an object with a string for each header',
  ],
  [{ http: { path: '/', headers: { 'X-A': 1 } } }, '.http.headers.X-A: 1 is not allowed; must be a string'],
  [{ http: { path: '/', headers: { 'X-A': '' } } }, `.http.headers.X-A: "" is not allowed; ${VALUE}`],
  [{ http: { path: '/', headers: { 'X-A': ' a' } } }, `.http.headers.X-A: " a" is not allowed; ${VALUE}`],
  [
    { http: { path: '/', headers: { 'X-A': 'a\r\nX-B: c' } } },
    `.http.headers.X-A: "a\\r\\nX-B: c" is not allowed; ${VALUE}`,
  ],
  [{ http: { path: '/', headers: { 'X-A': 'ä' } } }, `.http.headers.X-A: "ä" is not allowed; ${VALUE}`],
  [{ http: { path: '/', headers: { 'X A': 'a' } } }, `.http.headers["X A"]: "a" is not allowed; ${NAME}`],
  [{ http: { path: '/', headers: { '': 'a' } } }, `.http.headers[""]: "a" is not allowed; ${NAME}`],
  [{ http: { path: '/', headers: { x_a: 'a' } } }, `.http.headers.x_a: "a" is not allowed; ${NAME}`],
  [
    { http: { path: '/', headers: { Host: 'shop.example', host: 'b' } } },
    '.http.headers.host: "b" is not allowed; is a header that is there already: names do not differ by upper and lower case',
  ],
  [
    { http: { path: '/', headers: { Host: 'shop.example/a' } } },
    '.http.headers.Host: "shop.example/a" is not allowed; must be a host name, with or without a port',
  ],
  ...['Connection', 'content-length', 'Transfer-Encoding', 'TE', 'Upgrade', 'Expect'].map((name): [unknown, string] => [
    { http: { path: '/', headers: { [name]: 'x' } } },
    `.http.headers.${name}: "x" is not allowed; is a header that the check sets itself`,
  ]),
  [{ grpc: true }, '.grpc: true is not allowed; must be an object'],
  [{ grpc: { service: '' } }, `.grpc.service: "" is not allowed; ${SERVICE}`],
  [{ grpc: { service: 'a b' } }, `.grpc.service: "a b" is not allowed; ${SERVICE}`],
  [{ grpc: { port: 0 } }, `.grpc.port: 0 is not allowed; ${PORT}`],
  [{ grpc: { name: 'x' } }, '.grpc.name: there is no such argument; there are: service, port'],
  [{ tcp: 80 }, '.tcp: 80 is not allowed; must be an object'],
  [{ tcp: { port: 1.5 } }, `.tcp.port: 1.5 is not allowed; ${PORT}`],
  [{ exec: [] }, '.exec: [] is not allowed; must name a program'],
  [{ exec: 'true' }, '.exec: "true" is not allowed; must be a list of texts: the program and its arguments'],
  [{ tcp: {}, interval: '199ms' }, `.interval: "199ms" is not allowed; ${TIME}, from 0.2s to 3600s`],
  [{ tcp: {}, timeout: '11m' }, `.timeout: "11m" is not allowed; ${TIME}, from 0.1s to 600s`],
  [{ tcp: {}, failures: 0 }, `.failures: 0 is not allowed; ${FAILURES}`],
  [{ tcp: {}, failures: 101 }, `.failures: 101 is not allowed; ${FAILURES}`],
  [{ tcp: {}, failures: 2.5 }, `.failures: 2.5 is not allowed; ${FAILURES}`],
];

describe.each(['alive', 'ready'])('a bad check `%s` is one problem', (argument) => {
  it.each(BAD)('%j', (check, message) =>
    expect(messagesOf(withService({ [argument]: check }))).toEqual([`services.api.${argument}${message}`]),
  );

  it('of a path longer than 1024 characters', () => {
    const messages = messagesOf(withService({ [argument]: { http: { path: `/${'x'.repeat(1024)}` } } }));
    expect(messages).toEqual([
      expect.stringMatching(/^services\.api\.\w+\.http\.path: .* is not allowed; must have at most 1024 characters$/),
    ]);
  });

  it('of a service name longer than 128 characters', () => {
    const messages = messagesOf(withService({ [argument]: { grpc: { service: 'x'.repeat(129) } } }));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/must have at most 128 characters$/);
  });

  it('of headers with more than 4096 characters', () => {
    const headers = { 'X-A': 'a'.repeat(2_000), 'X-B': 'b'.repeat(2_100) };
    const messages = messagesOf(withService({ [argument]: { http: { path: '/', headers } } }));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/\.http\.headers: .* must have at most 4096 characters in all$/);
  });

  it.each([{ tcp: {} }, { grpc: {} }, { http: { path: '/healthz' } }])('%j of a worker without a port', (check) =>
    expect(messagesOf(withService({ port: undefined, [argument]: check }))).toEqual([
      `services.api.${argument}: ${NEEDS_PORT}`,
    ]),
  );
});

it('each of two bad checks is a problem', () => {
  expect(messagesOf(withService({ port: undefined, alive: { tcp: {} }, ready: { tcp: {} } }))).toEqual([
    `services.api.alive: ${NEEDS_PORT}`,
    `services.api.ready: ${NEEDS_PORT}`,
  ]);
});

describe('the spec of a check', () => {
  it('takes the port of the microservice', () => {
    const spec = serviceSpec({ port: 8080, alive: { http: { path: '/a' } }, ready: { tcp: {} } });
    expect(spec.alive).toEqual({
      action: { kind: 'http', path: '/a', port: 8080 },
      interval: 3_000,
      timeout: 2_000,
      failures: 3,
    });
    expect(spec.ready).toEqual({ action: { kind: 'tcp', port: 8080 }, interval: 1_000, timeout: 1_000, failures: 2 });
  });

  it('takes a port of its own', () => {
    const spec = serviceSpec({ port: 8080, alive: { http: { path: '/a', port: 81 } }, ready: { tcp: { port: 82 } } });
    expect(spec.alive?.action).toEqual({ kind: 'http', path: '/a', port: 81 });
    expect(spec.ready?.action).toEqual({ kind: 'tcp', port: 82 });
  });

  it('keeps headers and a query, and the name of a gRPC service', () => {
    const headers = { Host: 'shop.example:8080', 'X-A': `"it's" $HOME \\ %[src] #1` };
    const alive = { http: { path: '/a?b=c&d=%20?e', headers } };
    expect(serviceSpec({ port: 8080, alive }).alive?.action).toEqual({
      kind: 'http',
      path: '/a?b=c&d=%20?e',
      port: 8080,
      headers,
    });
    expect(serviceSpec({ port: 8080, alive: { grpc: {} } }).alive?.action).toEqual({
      kind: 'grpc',
      service: '',
      port: 8080,
    });
    const grpc = { service: 'shop.Orders', port: 9 };
    expect(serviceSpec({ port: 8080, alive: { grpc } }).alive?.action).toEqual({ kind: 'grpc', ...grpc });
  });

  it('of a gRPC service without one is a connection: not every server has the health service', () => {
    const spec = serviceSpec({ port: 8080, protocol: 'grpc' });
    expect([spec.alive?.action, spec.ready?.action]).toEqual([
      { kind: 'tcp', port: 8080 },
      { kind: 'tcp', port: 8080 },
    ]);
  });

  it('keeps timing, with the defaults of its use', () => {
    expect(
      serviceSpec({ port: 1, alive: { tcp: {}, interval: '10s' }, ready: { tcp: {}, timeout: '5s', failures: 9 } }),
    ).toMatchObject({
      alive: { interval: 10_000, timeout: 2_000, failures: 3 },
      ready: { interval: 1_000, timeout: 5_000, failures: 9 },
    });
  });

  it('of `ready` follows `alive` where it is not given, timing included', () => {
    const spec = serviceSpec({ port: 1, alive: { http: { path: '/healthz' }, interval: '7s' } });
    expect(spec.ready).toEqual({
      action: { kind: 'http', path: '/healthz', port: 1 },
      interval: 7_000,
      timeout: 1_000,
      failures: 2,
    });
  });

  it('of a worker may be a command, or have a port of its own', () => {
    expect(serviceSpec({ alive: { exec: ['check', '-q'] } })).toMatchObject({
      alive: { action: { kind: 'exec', command: ['check', '-q'] } },
    });
    expect(serviceSpec({ alive: { tcp: { port: 9 } } }).alive?.action).toEqual({ kind: 'tcp', port: 9 });
  });

  it('keeps any path that a URL may have', () => {
    const path = fc
      .string({ unit: fc.constantFrom(...Array.from("aZ0-._~!$&'()*+,;=:@/?"), '%2F'), maxLength: 100 })
      .map((text) => `/a${text}`);
    fc.assert(
      fc.property(path, (text) =>
        expect(serviceSpec({ port: 1, alive: { http: { path: text } } }).alive?.action).toMatchObject({ path: text }),
      ),
    );
  });
});

describe('the headers of a request', () => {
  const DEFAULTS = { Host: 'localhost', 'User-Agent': 'probe', Accept: '*/*' };

  it('have defaults', () => expect(requestHeaders({})).toEqual(Object.entries(DEFAULTS)));

  it('are added to, or replaced whatever their case', () =>
    expect(requestHeaders({ headers: { 'X-A': 'a', HOST: 'shop.example', accept: 'text/plain' } })).toEqual([
      ['Host', 'shop.example'],
      ['User-Agent', 'probe'],
      ['Accept', 'text/plain'],
      ['X-A', 'a'],
    ]));
});
