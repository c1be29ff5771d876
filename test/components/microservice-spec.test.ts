import { messagesOf, serviceSpec, withService } from '../support/definitions';

const REPLICAS = 'must be a whole number from 0 to 1000, on Docker to 30, or {min, max, cpu}';
const ONE_TO_MAX = 'must be a whole number from 1 to 1000';
const PORT = 'must be a whole number from 1 to 65535';
const TIME = 'must be a number with a unit (ms, s, m, h) such as "30s"';
const STORAGE_SIZE = 'must be a number with a unit (Ki, Mi, Gi, Ti, k, M, G, T) such as "256Mi", from 1Mi to 65536Gi';
const HEADER_SIZE = 'must be a number with a unit (Ki, Mi, Gi, Ti, k, M, G, T) such as "64Ki", from 4Ki to 1Mi';
const storage = { path: '/data', size: '1Gi' };

describe('a microservice with one bad argument has one problem that says where, what and what is allowed', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ replicas: -1 }, `replicas: -1 is not allowed; ${REPLICAS}`],
    [{ replicas: 1.5 }, `replicas: 1.5 is not allowed; ${REPLICAS}`],
    [{ replicas: 1001 }, `replicas: 1001 is not allowed; ${REPLICAS}`],
    [{ replicas: 1e300 }, `replicas: 1e+300 is not allowed; ${REPLICAS}`],
    [{ replicas: NaN }, `replicas: NaN is not allowed; ${REPLICAS}`],
    [{ replicas: '3' }, `replicas: "3" is not allowed; ${REPLICAS}`],
    [{ replicas: null }, `replicas: null is not allowed; ${REPLICAS}`],
    [{ replicas: [] }, `replicas: [] is not allowed; ${REPLICAS}`],
    [{ replicas: { min: 3, max: 2 } }, 'replicas.min: 3 is not allowed; must not be above max'],
    [{ replicas: { min: 0, max: 2 } }, `replicas.min: 0 is not allowed; ${ONE_TO_MAX}`],
    [{ replicas: { min: 1, max: 2.5 } }, `replicas.max: 2.5 is not allowed; ${ONE_TO_MAX}`],
    [{ replicas: { min: 1 } }, `replicas.max: is missing; ${ONE_TO_MAX}`],
    [
      { replicas: { min: 1, max: 2, cpu: 0 } },
      'replicas.cpu: 0 is not allowed; must be a whole number of percent from 1 to 100',
    ],
    [
      { replicas: { min: 1, max: 2, cpu: 101 } },
      'replicas.cpu: 101 is not allowed; must be a whole number of percent from 1 to 100',
    ],
    [{ replicas: { min: 1, max: 2, cpus: 5 } }, 'replicas.cpus: there is no such argument; did you mean "cpu"?'],
    [{ port: 0 }, `port: 0 is not allowed; ${PORT}`],
    [{ port: -80 }, `port: -80 is not allowed; ${PORT}`],
    [{ port: 70000 }, `port: 70000 is not allowed; ${PORT}`],
    [{ port: 80.5 }, `port: 80.5 is not allowed; ${PORT}`],
    [{ port: '80' }, `port: "80" is not allowed; ${PORT}`],
    [{ protocol: 'udp' }, 'protocol: "udp" is not allowed; must be "http", "grpc" or "tcp"'],
    [{ startup: '0s' }, `startup: "0s" is not allowed; ${TIME}, from 1s to 3600s`],
    [{ startup: 60 }, `startup: 60 is not allowed; ${TIME}, from 1s to 3600s`],
    [{ monitor: '-1s' }, `monitor: "-1s" is not allowed; ${TIME}, from 0s to 3600s`],
    [{ timeout: '99ms' }, `timeout: "99ms" is not allowed; ${TIME}, from 0.1s to 3600s`],
    [{ timeout: '2h' }, `timeout: "2h" is not allowed; ${TIME}, from 0.1s to 3600s`],
    [{ idleTimeout: '500ms' }, `idleTimeout: "500ms" is not allowed; ${TIME}, from 1s to 86400s`],
    [{ idleTimeout: 60 }, `idleTimeout: 60 is not allowed; ${TIME}, from 1s to 86400s`],
    [{ maxConnections: 99 }, 'maxConnections: 99 is not allowed; must be a whole number from 100 to 100000'],
    [{ maxConnections: '1k' }, 'maxConnections: "1k" is not allowed; must be a whole number from 100 to 100000'],
    [{ maxHeaders: 5 }, 'maxHeaders: 5 is not allowed; must be a whole number from 20 to 5000'],
    [{ maxHeaderSize: '2Ki' }, `maxHeaderSize: "2Ki" is not allowed; ${HEADER_SIZE}`],
    [{ maxHeaderSize: '2Mi' }, `maxHeaderSize: "2Mi" is not allowed; ${HEADER_SIZE}`],
    [{ maxHeaderSize: 65536 }, `maxHeaderSize: 65536 is not allowed; ${HEADER_SIZE}`],
    [{ storage: 'data' }, 'storage: "data" is not allowed; must be an object with path and size'],
    [
      { storage: { path: 'data', size: '1Gi' } },
      'storage.path: "data" is not allowed; must be an absolute path inside the container, such as "/tmp"',
    ],
    [
      { storage: { path: '/a:b', size: '1Gi' } },
      'storage.path: "/a:b" is not allowed; must be an absolute path inside the container, such as "/tmp"',
    ],
    [{ storage: { path: '/', size: '1Gi' } }, 'storage.path: "/" is not allowed; must not be the root folder'],
    [{ storage: { size: '1Gi' } }, 'storage.path: is missing; must be an absolute path'],
    [{ storage: { path: '/data', size: '12x' } }, `storage.size: "12x" is not allowed; ${STORAGE_SIZE}`],
    [{ storage: { path: '/data', size: '1k' } }, `storage.size: "1k" is not allowed; ${STORAGE_SIZE}`],
    [{ storage: { path: '/data', size: '65Ti' } }, `storage.size: "65Ti" is not allowed; ${STORAGE_SIZE}`],
    [{ storage: { path: '/data' } }, `storage.size: is missing; ${STORAGE_SIZE}`],
    [{ storage: { ...storage, sise: '1Gi' } }, 'storage.sise: there is no such argument; did you mean "size"?'],
    [
      { storage, replicas: 2 },
      'replicas: 2 is not allowed; must be 1 (or 0) with storage, which two replicas cannot share (remove storage, or keep one replica)',
    ],
    [
      { storage, replicas: { min: 1, max: 3 } },
      'replicas: {"min":1,"max":3,"cpu":70} is not allowed; must be 1 (or 0) with storage, which two replicas cannot share (remove storage, or keep one replica)',
    ],
    [{ transform: 5 }, 'transform: 5 is not allowed; must be an object of functions'],
    [{ replicass: 2 }, 'replicass: there is no such argument; did you mean "replicas"?'],
    [{ Port: 80 }, 'Port: there is no such argument; did you mean "port"?'],
    [
      { healthcheck: 'x' },
      expect.stringMatching(
        /healthcheck: there is no such argument; there are: image, command, .*port, protocol, replicas, alive/,
      ),
    ],
    [{ toString: 5 }, expect.stringMatching(/toString: there is no such argument; /)],
  ])('%j', (args, message) => {
    const expected: unknown = typeof message === 'string' ? `services.api.${message}` : message;
    expect(messagesOf(withService(args))).toEqual([expected]);
  });

  it.each([null, 5, 'x', true])('%j instead of the arguments', (args) =>
    expect(messagesOf({ services: { api: args } })).toEqual([
      `services.api: ${JSON.stringify(args)} is not allowed; must be an object with the arguments of a microservice`,
    ]),
  );
});

describe('the edges of what is allowed are allowed', () => {
  it.each<Record<string, unknown>>([
    ...[
      { replicas: 0 },
      { replicas: 1000 },
      { replicas: { min: 1, max: 1 } },
      { replicas: { min: 1, max: 1000, cpu: 100 } },
    ],
    ...[{ port: 1 }, { port: 65535 }, { startup: '1s' }, { startup: '1h' }, { monitor: '0s' }, { timeout: '100ms' }],
    ...[
      { storage: { path: '/data', size: '1Mi' } },
      { storage, replicas: 0 },
      { storage, replicas: 1 },
      { storage: { path: '/d', size: '64Ti' } },
    ],
  ])('%j', (args) => expect(messagesOf(withService(args))).toEqual([]));
});

it('lists all that is wrong, not only the first', () => {
  const messages = messagesOf(
    withService({ port: 0, replicas: -1, resources: { memory: '12x' }, calls: ['nobody'], portt: 1 }),
  );
  expect(messages.map((message) => message.split(':')[0]).sort()).toEqual([
    'services.api.port',
    'services.api.portt',
    'services.api.replicas',
    'services.api.resources.memory',
  ]);
  const two = {
    services: {
      a: { image: 'x', port: 0 },
      b: { image: 'x', calls: ['c'] },
      d: { image: 'x', hardening: { user: '0' } },
    },
  };
  expect(messagesOf(two).map((message) => message.split(':')[0])).toEqual([
    'services.a.port',
    'services.d.hardening.user',
    'services.b.calls[0]',
  ]);
});

describe('the defaults', () => {
  it('of a microservice with a port', () => {
    const check = { action: { kind: 'tcp', port: 8080 } };
    expect(serviceSpec({ port: 8080 })).toMatchObject({
      name: 'api',
      port: 8080,
      protocol: 'http',
      replicas: { min: 2, max: 2 },
      alive: { ...check, interval: 3_000, timeout: 2_000, failures: 3 },
      ready: { ...check, interval: 1_000, timeout: 1_000, failures: 2 },
      startup: 60_000,
      monitor: 5_000,
      timeout: 30_000,
      transform: {},
    });
    expect(serviceSpec({ port: 8080 })).not.toHaveProperty('storage');
    expect(serviceSpec({ port: 8080 }).replicas).not.toHaveProperty('cpu');
  });

  it('of a worker: one replica, no port, no checks', () => {
    const spec = serviceSpec();
    expect(spec.replicas).toEqual({ min: 1, max: 1 });
    for (const absent of ['port', 'alive', 'ready']) expect(spec).not.toHaveProperty(absent);
  });

  it('of storage: one replica', () =>
    expect(serviceSpec({ port: 8080, storage: { path: '/data', size: '5Gi' } })).toMatchObject({
      replicas: { min: 1, max: 1 },
      storage: { path: '/data', size: 5 * 2 ** 30 },
    }));

  it('of a range: 70 percent', () =>
    expect(serviceSpec({ replicas: { min: 1, max: 4 } }).replicas).toEqual({ min: 1, max: 4, cpu: 70 }));

  it('do not replace a zero', () =>
    expect(serviceSpec({ port: 8080, replicas: 0, monitor: '0s' })).toMatchObject({
      replicas: { min: 0, max: 0 },
      monitor: 0,
    }));
});

it('keeps what is given', () => {
  const transform = { proxy: (text: string) => text };
  expect(
    serviceSpec({
      port: 9,
      protocol: 'tcp',
      replicas: { min: 2, max: 3, cpu: 50 },
      startup: '2m',
      monitor: '1.5s',
      timeout: '100ms',
      transform,
    }),
  ).toMatchObject({
    port: 9,
    protocol: 'tcp',
    replicas: { min: 2, max: 3, cpu: 50 },
    startup: 120_000,
    monitor: 1_500,
    timeout: 100,
    transform,
  });
});
