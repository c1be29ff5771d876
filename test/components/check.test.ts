import fc from 'fast-check';
import { messagesOf, serviceSpec, withService } from '../support/definitions';

const TIME = 'must be a number with a unit (ms, s, m, h) such as "30s"';
const PORT = 'must be a whole number from 1 to 65535';
const FAILURES = 'must be a whole number from 1 to 100';
const ONE_KIND = 'must have exactly one of http, tcp and exec';
const PATH_START = 'must start with a slash, such as "/healthz"';
const PATH_CHARACTERS = 'must have only characters that a URL path may have, and no query';
const NEEDS_PORT = 'needs a port, since the microservice has none (give the check a port, or use exec)';

const BAD: [unknown, string][] = [
  ['/healthz', ': "/healthz" is not allowed; must be a check: {http: {path}}, {tcp: {}} or {exec: [command]}'],
  [{}, `: {} is not allowed; ${ONE_KIND}`],
  [{ interval: '1s' }, `: {"interval":"1s"} is not allowed; ${ONE_KIND}`],
  [{ tcp: {}, exec: ['true'] }, `: {"tcp":{},"exec":["true"]} is not allowed; ${ONE_KIND}`],
  [{ htpp: { path: '/' } }, '.htpp: there is no such argument; did you mean "http"?'],
  [{ http: {} }, '.http.path: is missing; must be a path such as "/healthz"'],
  [{ http: '/healthz' }, '.http: "/healthz" is not allowed; must be an object with a path'],
  [{ http: { path: 'healthz' } }, `.http.path: "healthz" is not allowed; ${PATH_START}`],
  [{ http: { path: '/a?b=c' } }, `.http.path: "/a?b=c" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a b' } }, `.http.path: "/a b" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a\r\nX: y' } }, `.http.path: "/a\\r\\nX: y" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/a\n' } }, `.http.path: "/a\\n" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/ä' } }, `.http.path: "/ä" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/"' } }, `.http.path: "/\\"" is not allowed; ${PATH_CHARACTERS}`],
  [{ http: { path: '/', port: 0 } }, `.http.port: 0 is not allowed; ${PORT}`],
  [{ http: { path: '/', port: 70000 } }, `.http.port: 70000 is not allowed; ${PORT}`],
  [{ http: { path: '/', prot: 80 } }, '.http.prot: there is no such argument; did you mean "port"?'],
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

  it.each([{ tcp: {} }, { http: { path: '/healthz' } }])('%j of a worker without a port', (check) =>
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
      .string({ unit: fc.constantFrom(...Array.from("aZ0-._~!$&'()*+,;=:@%/")), maxLength: 100 })
      .map((text) => `/${text}`);
    fc.assert(
      fc.property(path, (text) =>
        expect(serviceSpec({ port: 1, alive: { http: { path: text } } }).alive?.action).toMatchObject({ path: text }),
      ),
    );
  });
});
