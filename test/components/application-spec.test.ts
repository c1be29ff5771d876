import fc from 'fast-check';
import { applicationSpec, callersOf, type ApplicationDefinition } from '../../components/application-spec';
import { InvalidArgumentsError } from '../../components/validation';
import { messagesOf } from '../support/definitions';

const image = 'x';
const api = { image, port: 80 };
const LABEL =
  'must be a DNS label: lower-case letters, digits and hyphens, starting with a letter, ending with a letter or digit, at most 40 characters';

describe('what is no definition is refused with a message', () => {
  it.each<[unknown, string]>([
    [null, ''],
    [5, ''],
    ['x', ''],
    [[], ''],
    [{}, 'services: is missing;'],
    [{ services: null }, 'services: null is not allowed;'],
    [{ services: 5 }, 'services: 5 is not allowed;'],
    [{ services: [] }, 'services: [] is not allowed;'],
    [{ services: {}, jobs: 5 }, 'jobs: 5 is not allowed;'],
    [{ services: {}, jobs: null }, 'jobs: null is not allowed;'],
    [{ services: {}, gatway: {} }, 'gatway: there is no such argument; did you mean "gateway"?'],
  ])('%j', (definition, start) => {
    const messages = messagesOf(definition);
    expect(messages).toHaveLength(1);
    expect(messages[0]!.startsWith(start)).toBe(true);
  });

  it('a misspelt `services` is named', () =>
    expect(messagesOf({ service: { api } })).toContain('service: there is no such argument; did you mean "services"?'));
});

describe('names', () => {
  it.each(['A', 'my_api', 'a.b', '-a', 'a-', '1a', '', 'x'.repeat(41), 'ä', 'a b'])(
    '%j is refused for a service, a job and an application',
    (name) => {
      const shown = JSON.stringify(name);
      expect(messagesOf({ services: { [name]: api } })).toEqual([expect.stringMatching(/^services/)]);
      expect(messagesOf({ services: { [name]: api } })[0]).toContain(`: ${shown} is not allowed; the name ${LABEL}`);
      expect(messagesOf({ services: {}, jobs: { [name]: { image } } })[0]).toContain(
        `: ${shown} is not allowed; the name ${LABEL}`,
      );
      expect(messagesOf({ services: {} }, name)).toEqual([
        `name: ${shown} is not allowed; the name of the application ${LABEL}`,
      ]);
    },
  );

  it.each(['a', 'a1', 'my-api', 'x'.repeat(40)])('%j is allowed', (name) =>
    expect(messagesOf({ services: { [name]: api } }, name)).toEqual([]),
  );

  it('of a job and a microservice must differ', () =>
    expect(messagesOf({ services: { api }, jobs: { api: { image } } })).toEqual([
      'jobs.api: has the name of a microservice (rename one of them)',
    ]));

  it('must not be that of the gateway', () => {
    expect(messagesOf({ services: { gateway: api } })).toEqual([
      'services.gateway: is the name of the gateway itself (choose another name)',
    ]);
    expect(messagesOf({ services: {}, jobs: { gateway: { image } } })).toEqual([
      'jobs.gateway: is the name of the gateway itself (choose another name)',
    ]);
  });
});

describe('references', () => {
  const refused = (args: object, others: object = {}) =>
    messagesOf({ services: { api: { ...api, ...args }, ...others } });
  const job = (args: object) => messagesOf({ services: { api }, jobs: { migrate: { image, ...args } } });

  it('to an unknown microservice name the nearest', () => {
    expect(refused({ calls: ['databsae'] }, { database: api })).toEqual([
      'services.api.calls[0]: "databsae" is not allowed; must name a microservice; did you mean "database"?',
    ]);
    expect(refused({ calls: ['zzzzzz'] })).toEqual([
      'services.api.calls[0]: "zzzzzz" is not allowed; must name a microservice; there are: api',
    ]);
    expect(job({ calls: ['apj'] })).toEqual([
      'jobs.migrate.calls[0]: "apj" is not allowed; must name a microservice; did you mean "api"?',
    ]);
  });

  it('to a worker are refused, since it has no port', () =>
    expect(refused({ calls: ['worker'] }, { worker: { image } })).toEqual([
      'services.api.calls[0]: "worker" is not allowed; must name a microservice with a port; this one is a worker',
    ]));

  it('to a job are refused', () => {
    const messages = messagesOf({ services: { api: { ...api, calls: ['migrate'] } }, jobs: { migrate: { image } } });
    expect(messages).toEqual([
      'services.api.calls[0]: "migrate" is not allowed; must name a microservice; there are: api',
    ]);
  });

  it('to itself are refused, once', () => {
    expect(refused({ calls: ['api'] })).toEqual(['services.api.calls[0]: "api" is not allowed; must not name itself']);
    expect(refused({ after: ['api'] })).toHaveLength(1);
  });

  it('of `after` name a microservice or a job', () => {
    expect(job({ after: ['ap'] })).toEqual([
      'jobs.migrate.after[0]: "ap" is not allowed; must name a microservice or a job; did you mean "api"?',
    ]);
    expect(messagesOf({ services: { api: { ...api, after: ['migrat'] } }, jobs: { migrate: { image } } })).toEqual([
      'services.api.after[0]: "migrat" is not allowed; must name a microservice or a job; did you mean "migrate"?',
    ]);
  });

  it('to a microservice with problems of its own are no further problem', () => {
    expect(refused({ calls: ['other'] }, { other: { image, port: 0 } })).toEqual([
      expect.stringContaining('services.other.port: 0'),
    ]);
  });
});

describe('the order to start in', () => {
  it('refuses a cycle, naming all in it, once', () => {
    const cycle = {
      services: { a: { ...api, after: ['b'] }, b: { ...api, after: ['c'] }, c: { ...api, after: ['a'] } },
    };
    expect(messagesOf(cycle)).toEqual([
      'services.a.after: there is no order to start in: a starts after b starts after c starts after a (remove one of these names; what only calls another need not start after it)',
    ]);
  });

  it('names a job in a cycle as a job', () => {
    const cycle = { services: {}, jobs: { a: { image, after: ['b'] }, b: { image, after: ['a'] } } };
    expect(messagesOf(cycle)).toEqual([
      expect.stringMatching(/^jobs\.a\.after: there is no order to start in: a starts after b starts after a /),
    ]);
  });

  it('is not decided by calls: two microservices may call each other', () =>
    expect(messagesOf({ services: { a: { ...api, calls: ['b'] }, b: { ...api, calls: ['a'] } } })).toEqual([]));
});

describe('a job', () => {
  const job = (args: object) => applicationSpec('shop', { services: {}, jobs: { j: { image, ...args } } }).jobs[0]!;

  it('runs, within five minutes, without storage, unless it says otherwise', () => {
    expect(job({})).toMatchObject({ run: true, timeout: 300_000 });
    expect(job({})).not.toHaveProperty('storage');
    expect(job({ run: false, timeout: '1m', storage: { path: '/s', size: '1Mi' } })).toMatchObject({
      run: false,
      timeout: 60_000,
      storage: { path: '/s', size: 2 ** 20 },
    });
  });

  it.each<[object, string]>([
    [{ run: 'no' }, 'run: "no" is not allowed; must be true or false'],
    [{ storage: '/s' }, 'storage: "/s" is not allowed; must be an object with path and size'],
    [
      { storage: { path: 's', size: '1Gi' } },
      'storage.path: "s" is not allowed; must be an absolute path inside the container, such as "/tmp"',
    ],
    [{ storage: { path: '/s' } }, expect.stringMatching(/^jobs\.j\.storage\.size/)],
  ])('with %j is refused', (args, message) =>
    expect(messagesOf({ services: {}, jobs: { j: { image, ...args } } })).toEqual([
      typeof message === 'string' ? `jobs.j.${message}` : message,
    ]),
  );
});

it('callers are the services and jobs that say so, in the order of definition', () => {
  const spec = applicationSpec('shop', {
    services: { db: api, b: { ...api, calls: ['db'] }, a: { ...api, calls: ['db', 'b'] } },
    jobs: { j: { image, calls: ['db'] } },
  });
  expect(callersOf(spec, 'db').map(({ name }) => name)).toEqual(['b', 'a', 'j']);
  expect(callersOf(spec, 'a')).toEqual([]);
});

describe('for any input', () => {
  const keys = fc.oneof(
    fc.constantFrom(
      'services',
      'jobs',
      'gateway',
      'api',
      'image',
      'port',
      'replicas',
      'min',
      'max',
      'alive',
      'http',
      'path',
      'exec',
      'resources',
      'memory',
      'cpu',
    ),
    fc.constantFrom(
      'storage',
      'size',
      'secrets',
      'env',
      'routes',
      'to',
      'host',
      'calls',
      'after',
      'hardening',
      'user',
      'run',
      '__proto__',
      'constructor',
      'toString',
    ),
    fc.string(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, depthSize: 'large' },
      fc.oneof(
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.double(),
        fc.constantFrom('api', '/', '1Gi', '1s', 'tcp', ''),
        fc.string(),
      ),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(keys, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  const definition = fc.record(
    {
      services: fc.oneof(fc.dictionary(keys, tree, { maxKeys: 4 }), tree),
      jobs: fc.oneof(fc.dictionary(keys, tree, { maxKeys: 3 }), tree),
      gateway: tree,
    },
    { requiredKeys: [] },
  );

  it('the only error is InvalidArgumentsError, and each problem has a path and a rule in words of ours', () => {
    fc.assert(
      fc.property(fc.oneof(definition, tree), (input) => {
        try {
          applicationSpec('shop', input as unknown as ApplicationDefinition);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentsError);
          for (const { allowed } of (error as InvalidArgumentsError).problems)
            expect(allowed).not.toMatch(/^Invalid|undefined|\[object/);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('the same definition gives the same spec and is left as it was', () => {
    const valid = (): ApplicationDefinition => ({
      services: {
        api: { image, port: 1, calls: ['db'], env: { B: '1', A: '2' } },
        db: { image, port: 2, protocol: 'tcp', storage: { path: '/d', size: '1Gi' } },
      },
      jobs: { j: { image, calls: ['db'] } },
      gateway: { routes: [{ path: '/a/', to: 'api' }, { to: 'api' }] },
    });
    const input = valid();
    expect(applicationSpec('shop', input)).toEqual(applicationSpec('shop', valid()));
    expect(input).toEqual(valid());
  });
});
