import * as pulumi from '@pulumi/pulumi';
import { applicationSpec, type ApplicationDefinition } from '../../components/application-spec';
import { jobSpec, messagesOf, serviceSpec, withService } from '../support/definitions';

const INPUT = 'must be a text, or an Output or Promise of one';
const MEMORY = 'must be a number with a unit (Ki, Mi, Gi, Ti, k, M, G, T) such as "256Mi", from 6Mi to 64Ti';
const DISK = MEMORY.replace('from 6Mi', 'from 64Mi');
const DISK_REQUEST = MEMORY.replace('from 6Mi', 'from 1Mi');
const CPU = 'must be cores such as 0.5 or "0.5", or thousandths such as "500m", from 10m to 1024';
const CPU_REQUEST = CPU.replace('10m', '1m');
const REFERENCE =
  'must be an image reference such as "registry.example.com/shop/api:1.4": the name in lower case, then a tag or a digest';
const PATH = 'must be an absolute path inside the container, such as "/tmp"';
const MOUNTED = 'must not be in /proc, /sys, /dev, /run/secrets, /run/probe, which are mounted already';
const CAPABILITY = 'must be a capability such as "CAP_NET_BIND_SERVICE"';
const FOLDER_SIZE = MEMORY.replace('from 6Mi', 'from 64Ki');
const ENV_NAME = 'the name must start with a letter or underscore and have only letters, digits, _ . -';
const SECRET_NAME = 'the name must be a file name of lower-case letters, digits, dots, hyphens and underscores';
const USER = 'must be a numeric user, or user and group, such as "10001:10001"';
const NO_ROOT = 'must not be root (give a numeric user above 0, or set hardening.allowRoot)';
const GRACE = 'must be a number with a unit (ms, s, m, h) such as "30s", from 0s to 3600s';

const BAD: [Record<string, unknown>, string][] = [
  [{ image: undefined }, `image: is missing; ${INPUT}`],
  [{ image: '' }, 'image: "" is not allowed; must name an image'],
  [{ image: 5 }, `image: 5 is not allowed; ${INPUT}`],
  [{ image: 'shop/Api:1' }, `image: "shop/Api:1" is not allowed; ${REFERENCE}`],
  [{ image: 'Shop/api' }, `image: "Shop/api" is not allowed; ${REFERENCE}`],
  [{ image: 'shop api' }, `image: "shop api" is not allowed; ${REFERENCE}`],
  [{ image: 'https://registry/api' }, `image: "https://registry/api" is not allowed; ${REFERENCE}`],
  [{ image: 'shop/api:' }, `image: "shop/api:" is not allowed; ${REFERENCE}`],
  [{ image: 'shop/api@1' }, `image: "shop/api@1" is not allowed; ${REFERENCE}`],
  [{ image: 'shop/api\n' }, `image: "shop/api\\n" is not allowed; ${REFERENCE}`],
  [{ command: [''] }, 'command[0]: "" is not allowed; must name a program'],
  [
    { command: ['run', 'a\0b'] },
    'command[1]: "a\\u0000b" is not allowed; must not have a NUL character, which ends a text for programs',
  ],
  [{ command: [] }, 'command: [] is not allowed; must name a program'],
  [{ command: 'run' }, 'command: "run" is not allowed; must be a list of texts: the program and its arguments'],
  [{ command: ['run', 1] }, 'command[1]: 1 is not allowed; must be a text'],
  [{ env: [] }, 'env: [] is not allowed; must be an object of names and values'],
  [{ env: { A: 1 } }, `env.A: 1 is not allowed; ${INPUT}`],
  [{ env: { '1A': 'x' } }, `env["1A"]: "x" is not allowed; ${ENV_NAME}`],
  [{ env: { 'A=B': 'x' } }, `env["A=B"]: "x" is not allowed; ${ENV_NAME}`],
  [{ env: { 'A\n': 'x' } }, `env["A\\n"]: "x" is not allowed; ${ENV_NAME}`],
  [
    { env: { A: 'x\0' } },
    'env.A: "x\\u0000" is not allowed; must not have a NUL character, which ends a text for programs',
  ],
  [
    { env: { A: 'x'.repeat(2 ** 17 - 2) } },
    `env.A: "${'x'.repeat(76)}... is not allowed; must have less than 128 KiB, the limit of Linux`,
  ],
  [
    { env: Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`A${index}`, 'x'.repeat(100_000)])) },
    'env: must have at most 512 KiB, together with the command (bring large texts as secrets, or in the image)',
  ],
  [{ secrets: { key: '' } }, 'secrets.key: must not be empty'],
  [{ secrets: { key: { value: '', version: '1' } } }, 'secrets.key: must not be empty'],
  [{ secrets: { key: 'x'.repeat(600 * 1024) } }, 'secrets.key: must have less than 500 KiB, has 614400 bytes'],
  [{ secrets: { ['k'.repeat(254)]: 'x' } }, `secrets.${'k'.repeat(254)}: ${SECRET_NAME}`],
  [
    { secrets: { key: { value: 'x', version: 'v'.repeat(64) } } },
    'secrets.key: must be a text, or an Output or Promise of one, or {value, version}',
  ],
  [{ secrets: [] }, 'secrets: must be an object of names and values'],
  [{ secrets: { '../a': 'hush' } }, `secrets["../a"]: ${SECRET_NAME}`],
  [{ secrets: { KEY: 'hush' } }, `secrets.KEY: ${SECRET_NAME}`],
  [{ resources: 5 }, 'resources: 5 is not allowed; must be an object with cpu, memory and ephemeralStorage'],
  [{ resources: { ram: '1Gi' } }, 'resources.ram: there is no such argument; there are: cpu, memory, ephemeralStorage'],
  [{ resources: { memroy: '1Gi' } }, 'resources.memroy: there is no such argument; did you mean "memory"?'],
  [{ resources: { memory: '12x' } }, `resources.memory: "12x" is not allowed; ${MEMORY}`],
  [{ resources: { memory: 268435456 } }, `resources.memory: 268435456 is not allowed; ${MEMORY}`],
  [{ resources: { memory: '5Mi' } }, `resources.memory: "5Mi" is not allowed; ${MEMORY}`],
  [{ resources: { memory: null } }, `resources.memory: null is not allowed; ${MEMORY}`],
  [{ resources: { memory: [] } }, `resources.memory: [] is not allowed; ${MEMORY}`],
  [{ resources: { memory: { limit: '12x' } } }, `resources.memory.limit: "12x" is not allowed; ${MEMORY}`],
  [
    { resources: { memory: { limt: '1Gi' } } },
    'resources.memory.limt: there is no such argument; did you mean "limit"?',
  ],
  [{ resources: { ephemeralStorage: '63Mi' } }, `resources.ephemeralStorage: "63Mi" is not allowed; ${DISK}`],
  [
    { resources: { ephemeralStorage: { request: '1000Ki' } } },
    `resources.ephemeralStorage.request: "1000Ki" is not allowed; ${DISK_REQUEST}`,
  ],
  [{ resources: { ephemeralStorage: 64 } }, `resources.ephemeralStorage: 64 is not allowed; ${DISK}`],
  [{ resources: { memory: '65Ti' } }, `resources.memory: "65Ti" is not allowed; ${MEMORY}`],
  [{ resources: { cpu: '9m' } }, `resources.cpu: "9m" is not allowed; ${CPU}`],
  [{ resources: { cpu: { limit: '9m' } } }, `resources.cpu.limit: "9m" is not allowed; ${CPU}`],
  [{ resources: { cpu: 0 } }, `resources.cpu: 0 is not allowed; ${CPU}`],
  [{ resources: { cpu: -1 } }, `resources.cpu: -1 is not allowed; ${CPU}`],
  [{ resources: { cpu: 1025 } }, `resources.cpu: 1025 is not allowed; ${CPU}`],
  [{ resources: { cpu: 'half' } }, `resources.cpu: "half" is not allowed; ${CPU}`],
  [{ resources: { cpu: { request: '0m' } } }, `resources.cpu.request: "0m" is not allowed; ${CPU_REQUEST}`],
  [{ resources: { cpu: { max: 1 } } }, 'resources.cpu.max: there is no such argument; there are: request, limit'],
  [{ calls: 'database' }, 'calls: "database" is not allowed; must be a list of names of microservices'],
  [{ calls: [1] }, 'calls[0]: 1 is not allowed; must be a text'],
  [{ after: 'database' }, 'after: "database" is not allowed; must be a list of names of microservices and jobs'],
  [{ internet: 'yes' }, 'internet: "yes" is not allowed; must be true or false'],
  [{ writablePaths: '/tmp' }, 'writablePaths: "/tmp" is not allowed; must be a list of paths'],
  [
    { writablePaths: ['/tmp', 'tmp'] },
    'writablePaths[1]: "tmp" is not allowed; must be an absolute path inside the container, such as "/tmp"',
  ],
  ...['/', '//'].map((path): [Record<string, unknown>, string] => [
    { writablePaths: [path] },
    `writablePaths[0]: "${path}" is not allowed; must not be the root folder`,
  ]),
  ...['/a/../b', '/a/..', '/./a', '/a//b'].map((path): [Record<string, unknown>, string] => [
    { writablePaths: [path] },
    `writablePaths[0]: "${path}" is not allowed; must be a path without "//", "." and ".."`,
  ]),
  ...['/a:b', '/a,b', '/{{x}}'].map((path): [Record<string, unknown>, string] => [
    { writablePaths: [path] },
    `writablePaths[0]: "${path}" is not allowed; ${PATH}`,
  ]),
  ...['/proc', '/sys/fs', '/dev', '/run/secrets', '/run/secrets/', '/run/probe/state'].map(
    (path): [Record<string, unknown>, string] => [
      { writablePaths: [path] },
      `writablePaths[0]: "${path}" is not allowed; ${MOUNTED}`,
    ],
  ),
  [{ writablePaths: ['/a\0'] }, `writablePaths[0]: "/a\\u0000" is not allowed; ${PATH}`],
  [
    { writablePaths: ['/tmp', '/a', '/tmp/'] },
    'writablePaths[2]: "/tmp" is not allowed; is the same as writablePaths[0] (remove one of them)',
  ],
  [{ writablePaths: [{ path: 'a' }] }, `writablePaths[0].path: "a" is not allowed; ${PATH}`],
  [{ writablePaths: [{ size: '1Mi' }] }, 'writablePaths[0].path: is missing; must be an absolute path'],
  [{ writablePaths: [{ path: '/a', size: 5 }] }, `writablePaths[0].size: 5 is not allowed; ${FOLDER_SIZE}`],
  [
    { writablePaths: [{ path: '/a', siez: '1Mi' }] },
    'writablePaths[0].siez: there is no such argument; did you mean "size"?',
  ],
  [
    { writablePaths: [{ path: '/a', size: '257Mi' }] },
    'writablePaths[0].size: "257Mi" is not allowed; must not be above the memory\'s limit (256Mi), which what is written counts towards (raise resources.memory, or lower the size)',
  ],
  [
    { storage: { path: '/tmp', size: '1Gi' } },
    'storage.path: "/tmp" is not allowed; is the same as writablePaths[0] (remove it from writablePaths)',
  ],
  [{ storage: { path: '/', size: '1Gi' } }, 'storage.path: "/" is not allowed; must not be the root folder'],
  [{ storage: { path: '/run/secrets', size: '1Gi' } }, `storage.path: "/run/secrets" is not allowed; ${MOUNTED}`],
  [
    { writablePaths: ['/a b'] },
    'writablePaths[0]: "/a b" is not allowed; must be an absolute path inside the container, such as "/tmp"',
  ],
  [{ hardening: true }, 'hardening: true is not allowed; must be an object'],
  [{ hardening: { user: 'postgres' } }, `hardening.user: "postgres" is not allowed; ${USER}`],
  [{ hardening: { user: '1:2:3' } }, `hardening.user: "1:2:3" is not allowed; ${USER}`],
  [{ hardening: { user: '0' } }, `hardening.user: "0" is not allowed; ${NO_ROOT}`],
  [{ hardening: { user: '00:5' } }, `hardening.user: "00:5" is not allowed; ${NO_ROOT}`],
  [{ hardening: { user: '0:0', allowRoot: false } }, `hardening.user: "0:0" is not allowed; ${NO_ROOT}`],
  [{ hardening: { allowRoot: 1 } }, 'hardening.allowRoot: 1 is not allowed; must be true or false'],
  [{ hardening: { readOnlyRoot: 'no' } }, 'hardening.readOnlyRoot: "no" is not allowed; must be true or false'],
  [
    { hardening: { capabilities: 'CAP_KILL' } },
    'hardening.capabilities: "CAP_KILL" is not allowed; must be a list of capabilities',
  ],
  ...['ALL', 'CAP_ALL', 'CAP_FOO', 'KILL', 'cap_kill'].map((name): [Record<string, unknown>, string] => [
    { hardening: { capabilities: [name] } },
    `hardening.capabilities[0]: "${name}" is not allowed; ${CAPABILITY}`,
  ]),
  [
    { hardening: { readonlyRoot: false } },
    'hardening.readonlyRoot: there is no such argument; did you mean "readOnlyRoot"?',
  ],
  [{ stopGrace: '61m' }, `stopGrace: "61m" is not allowed; ${GRACE}`],
  [{ stopGrace: 10 }, `stopGrace: 10 is not allowed; ${GRACE}`],
];

describe('one bad argument is one problem with path, value and rule', () => {
  it.each(BAD)('of a microservice: %j', (args, message) =>
    expect(messagesOf(withService(args))).toEqual([`services.api.${message}`]),
  );

  it.each(BAD)('of a job: %j', (args, message) =>
    expect(messagesOf({ services: {}, jobs: { migrate: { image: 'x', ...args } } })).toEqual([
      `jobs.migrate.${message}`,
    ]),
  );
});

describe('a limit below its request', () => {
  it.each([
    [
      { cpu: { request: 1, limit: '500m' } },
      /^services\.api\.resources\.cpu\.limit: .*must not be below the request \(1\) \(raise the limit or lower the request\)$/,
    ],
    [
      { memory: { request: '64Mi', limit: '32Mi' } },
      /^services\.api\.resources\.memory\.limit: .*must not be below the request \(.*\) \(raise the limit or lower the request\)$/,
    ],
    [
      { ephemeralStorage: { request: '2Gi', limit: '1Gi' } },
      /^services\.api\.resources\.ephemeralStorage\.limit: .*must not be below the request \(.*\) \(raise the limit or lower the request\)$/,
    ],
  ])('is a problem: %j', (resources, pattern) => {
    const messages = messagesOf(withService({ resources }));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(pattern);
  });
});

it('a limit that is its request is allowed, one a little below is not', () => {
  const resources = (cpu: object, memory: object) => messagesOf(withService({ resources: { cpu, memory } })).length;
  expect(resources({ request: '100m', limit: '100m' }, { request: '64Mi', limit: '64Mi' })).toBe(0);
  expect(resources({ request: '101m', limit: '100m' }, { request: '65Mi', limit: '64Mi' })).toBe(2);
});

describe('values of secrets', () => {
  it.each([
    { KEY: 'hush-hush' },
    { key: { value: 'hush-hush' } },
    { key: { value: 'hush-hush', version: 'V 1' } },
    { key: { value: 'hush-hush', version: '1', extra: 'x' } },
    { key: ['hush-hush'] },
    'hush-hush',
    ['hush-hush'],
  ])('are never shown in a message: %j', (secrets) => {
    const messages = messagesOf(withService({ secrets }));
    expect(messages).toHaveLength(1);
    expect(messages.join()).not.toContain('hush');
  });

  it('are not shown when a microservice or its secrets have other problems', () => {
    const definition = { services: { api: { image: 5, secret: { key: 'hush-hush' }, secrets: { key: 'hush-hush' } } } };
    expect(messagesOf(definition).join()).not.toContain('hush');
  });
});

describe('the defaults', () => {
  it.each([
    ['a microservice', serviceSpec()],
    ['a job', jobSpec()],
  ])('of %s', (_, spec) =>
    expect(spec).toMatchObject({
      image: 'shop/api:1',
      command: [],
      env: {},
      secrets: {},
      cpu: { request: 50, limit: 1_000 },
      memory: { request: 256 * 2 ** 20, limit: 256 * 2 ** 20 },
      ephemeralStorage: { request: 64 * 2 ** 20, limit: 2 ** 30 },
      calls: [],
      after: [],
      internet: false,
      writablePaths: [{ path: '/tmp', size: 64 * 2 ** 20 }],
      user: '10001:10001',
      readOnlyRoot: true,
      capabilities: [],
      stopGrace: 10_000,
    }),
  );

  it('of a job: five minutes', () => {
    expect(jobSpec().timeout).toBe(300_000);
    expect(jobSpec({ timeout: '1h' }).timeout).toBe(3_600_000);
  });

  it.each([
    [{ cpu: 2 }, { cpu: { request: 100, limit: 2_000 } }],
    [{ cpu: '10m' }, { cpu: { request: 1, limit: 10 } }],
    [{ cpu: { request: '1m' } }, { cpu: { request: 1, limit: 1_000 } }],
    [{ cpu: { request: 3 } }, { cpu: { request: 3_000, limit: 3_000 } }],
    [{ cpu: { request: '10m' } }, { cpu: { request: 10, limit: 1_000 } }],
    [{ cpu: { request: '10m', limit: '20m' } }, { cpu: { request: 10, limit: 20 } }],
    [{ memory: '64Mi' }, { memory: { request: 64 * 2 ** 20, limit: 64 * 2 ** 20 } }],
    [{ memory: { request: '64Mi' } }, { memory: { request: 64 * 2 ** 20, limit: 256 * 2 ** 20 } }],
    [{ memory: { request: '1Gi' } }, { memory: { request: 2 ** 30, limit: 2 ** 30 } }],
    [{ ephemeralStorage: '10Gi' }, { ephemeralStorage: { request: 64 * 2 ** 20, limit: 10 * 2 ** 30 } }],
    [{ ephemeralStorage: '64Mi' }, { ephemeralStorage: { request: 64 * 2 ** 20, limit: 64 * 2 ** 20 } }],
    [{ ephemeralStorage: { request: '2Gi' } }, { ephemeralStorage: { request: 2 ** 31, limit: 2 ** 31 } }],
    [{ ephemeralStorage: { request: '1Mi' } }, { ephemeralStorage: { request: 2 ** 20, limit: 2 ** 30 } }],
    [{ memory: { limit: '6Mi' } }, { memory: { request: 6 * 2 ** 20, limit: 6 * 2 ** 20 } }],
  ] as const)('of resources %j', (resources, expected) => expect(serviceSpec({ resources })).toMatchObject(expected));

  it('start after nothing, also after nothing that is called', () => {
    const specOf = (args: object) => {
      const definition = {
        services: { db: { image: 'x', port: 1 }, api: { image: 'x', calls: ['db', 'db'], ...args } },
      } as ApplicationDefinition;
      return applicationSpec('shop', definition).services[1]!;
    };
    expect(specOf({})).toMatchObject({ calls: ['db'], after: [] });
    expect(specOf({ after: ['db', 'db'] })).toMatchObject({ calls: ['db'], after: ['db'] });
  });
});

it('a user without a group is in the group of the same number', () =>
  expect(serviceSpec({ hardening: { user: '999' } }).user).toBe('999:999'));

it('root is possible for those who ask for it by name', () => {
  expect(
    serviceSpec({ hardening: { user: '0', allowRoot: true, readOnlyRoot: false, capabilities: ['CAP_KILL'] } }),
  ).toMatchObject({
    user: '0:0',
    readOnlyRoot: false,
    capabilities: ['CAP_KILL'],
  });
});

it('images, environment and secrets may come from other resources', () => {
  const later = pulumi.output('x');
  const spec = serviceSpec({
    image: later,
    env: { A: later, B: Promise.resolve('y') },
    secrets: { key: later, other: { value: later, version: '2' } },
  });
  expect(spec.image).toBe(later);
  expect(spec.env['A']).toBe(later);
  expect(spec.secrets).toEqual({
    key: { value: later, path: 'services.api.secrets.key' },
    other: { value: later, version: '2', path: 'services.api.secrets.other' },
  });
});

it('environment values pass through as they are', () => {
  const env = {
    NEWLINES: 'a\nb\r\n',
    QUOTES: `'"\``,
    DOLLARS: '$HOME ${X} $$ $(id)',
    PERCENT: '%s %% 100%',
    BACKSLASH: '\\n\\',
    EMPTY: '',
    UNICODE: 'ä😀',
    EQUALS: 'a=b=',
  };
  expect(serviceSpec({ env }).env).toEqual(env);
});

it('the names of secrets may be those that files usually have', () => {
  const secrets = { db_password: 'x', 'tls.crt': 'x', a: 'x' };
  expect(Object.values(serviceSpec({ secrets }).secrets).map(({ path }) => path)).toEqual([
    'services.api.secrets.db_password',
    'services.api.secrets["tls.crt"]',
    'services.api.secrets.a',
  ]);
});

it('writable folders: a path alone, or with its size; a slash at the end is nothing', () =>
  expect(
    serviceSpec({ writablePaths: ['/run', '/var/cache/nginx/', { path: '/dev/shm', size: '128Mi' }] }).writablePaths,
  ).toEqual([
    { path: '/run', size: 64 * 2 ** 20 },
    { path: '/var/cache/nginx', size: 64 * 2 ** 20 },
    { path: '/dev/shm', size: 128 * 2 ** 20 },
  ]));
