import { applicationSpec, type ApplicationDefinition } from '../../../components/application-spec';
import { NO_ADDRESSES, type DeployedAddresses } from '../../../components/docker/addresses';
import { validateForDocker } from '../../../components/docker/validate';
import { namePrefix } from '../../../components/identity';
import { formatProblem } from '../../../components/validation';

const image = 'x';
function check(
  services: ApplicationDefinition['services'],
  options: Parameters<typeof validateForDocker>[1] = {},
  jobs: ApplicationDefinition['jobs'] = {},
) {
  const { problems, warnings } = validateForDocker(applicationSpec('shop', { services, jobs }), options);
  return { problems: problems.map(formatProblem), warnings: warnings.map(formatProblem) };
}
const identity = { project: 'shop', stack: 'dev' };
const nothing = { problems: [], warnings: [] };

describe('what Docker cannot honour is an error', () => {
  it('a range of addresses that is none, public, or too small', () => {
    for (const addressRange of ['x', '8.8.0.0/16', '10.0.0.0/20']) {
      expect(check({}, { addressRange }).problems).toEqual([
        `addressRange: "${addressRange}" is not allowed; must be a private IPv4 range of at least 8192 addresses such as "10.200.0.0/19"`,
      ]);
    }
    expect(check({}, { addressRange: '10.200.0.0/19' })).toEqual(nothing);
  });

  it('more replicas than the load balancer can tell apart', () => {
    expect(check({ api: { image, replicas: 31 } }).problems).toEqual([
      'services.api.replicas: 31 is not allowed; at most 30 on Docker, also as `max`: a load balancer has room for 32, and an update needs two of them',
    ]);
    expect(check({ api: { image, replicas: 30 } })).toEqual(nothing);
  });

  it('more services and jobs than networks', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, { image }]));
    expect(check(many(64)).problems).toEqual([
      'services: at most 63 services and jobs on Docker, where one with `internet` counts twice, not 64 (split the application)',
    ]);
    expect(check({ ...many(62), web: { image, internet: true } }).problems).toHaveLength(1);
    expect(check(many(62), {}, { j: { image, command: ['x'] } })).toEqual(nothing);
  });

  it('addresses that other networks of the engine have', () => {
    const taken = { ...NO_ADDRESSES, foreign: ['10.200.0.0/16'] };
    expect(check({ api: { image } }, { addressRange: '10.200.0.0/19', addresses: taken }).problems).toEqual([
      'addressRange: "10.200.0.0/19" is not allowed; has too few free addresses: other networks of the engine overlap it (choose another range; `docker network ls` and `docker network inspect` show what is taken)',
    ]);
  });

  it('a network with a way out, as earlier versions made it', () => {
    const open = (name: string): DeployedAddresses => ({
      ...NO_ADDRESSES,
      networks: new Map([[`${namePrefix(identity, 'shop')}-${name}`, { subnet: '10.99.0.0/25', internal: false }]]),
    });
    const fix = 'destroy the stack, which keeps the data, and deploy it again';
    expect(check({ api: { image } }, { identity, addresses: open('api') }).problems).toEqual([
      `services.api: its network allows internet access (it was created by an earlier version) (${fix})`,
    ]);
    expect(check({}, { identity, addresses: open('j') }, { j: { image, command: ['x'] } }).problems[0]).toMatch(
      /^jobs\.j: /,
    );
    for (const name of ['gateway', 'api_internet'])
      expect(check({ api: { image, internet: true } }, { identity, addresses: open(name) }).problems).toEqual([]);
  });

  it('a job that leaves its command to the image', () => {
    expect(check({}, {}, { j: { image } }).problems).toEqual([
      "jobs.j.command: is required on Docker, which cannot use the image's default command for jobs (set `command`)",
    ]);
    expect(check({ worker: { image } })).toEqual(nothing);
  });

  it('names that those of the proxies would meet', () => {
    for (const [kind, name] of [
      ['services', 'gateway-config'],
      ['services', 'api-lb-config'],
      ['jobs', 'gateway-config'],
      ['jobs', 'api-lb-config'],
    ] as const) {
      const args = { [name]: { image, command: ['x'] } };
      const { problems } = kind === 'services' ? check(args) : check({}, {}, args);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`^${kind}\\.${name}: `));
    }
    expect(check({ 'lb-config': { image }, 'api-config': { image } })).toEqual(nothing);
  });

  it("a limit of processors above the machine's", () => {
    const engine = { NCPU: 2 };
    expect(check({ api: { image, resources: { cpu: '2500m' } } }, { engine }).problems).toEqual([
      'services.api.resources.cpu.limit: "2500m" is not allowed; must be at most 2, the CPUs of the engine',
    ]);
    expect(check({}, { engine }, { j: { image, command: ['x'], resources: { cpu: 3 } } }).problems).toEqual([
      'jobs.j.resources.cpu.limit: "3" is not allowed; must be at most 2, the CPUs of the engine',
    ]);
    expect(check({ api: { image, resources: { cpu: 2 } } }, { engine })).toEqual(nothing);
  });

  it("a request of memory above the machine's", () => {
    const engine = { MemTotal: 2 ** 30 };
    expect(check({ api: { image, resources: { memory: '2Gi' } } }, { engine }).problems).toEqual([
      'services.api.resources.memory.request: "2Gi" is not allowed; must be at most 1Gi, the memory of the engine',
    ]);
    expect(check({ api: { image, resources: { memory: { request: '1Gi', limit: '2Gi' } } } }, { engine })).toEqual(
      nothing,
    );
  });
});

describe('what Docker does in a weaker way is a warning that names the argument', () => {
  it.each<[string, ApplicationDefinition['services'][string], string]>([
    [
      'a range of replicas',
      { image, replicas: { min: 2, max: 5 } },
      'services.api.replicas: Docker does not scale by itself; 2 replicas run',
    ],
    [
      'a size of files that somebody has chosen',
      { image, resources: { ephemeralStorage: '2Gi' } },
      'services.api.resources.ephemeralStorage: does not apply to Docker, which limits no files of a container',
    ],
    [
      'the size of storage',
      { image, storage: { path: '/d', size: '1Gi' } },
      "services.api.storage.size: Docker's local volumes have no size limit",
    ],
    [
      'a command as `ready`',
      { image, port: 80, ready: { exec: ['x'] } },
      'services.api.ready.exec: on Docker the command decides when a new replica is ready; from then on the load balancer checks that the port accepts connections',
    ],
  ])('%s', (_, args, warning) => expect(check({ api: args })).toEqual({ problems: [], warnings: [warning] }));

  it('a range of addresses that what exists does not move to', () => {
    const networks = new Map(
      ['api', 'web'].map((name, at) => [
        `${namePrefix(identity, 'shop')}-${name}`,
        { subnet: `10.${at === 0 ? 99 : 200}.0.0/25`, internal: true },
      ]),
    );
    const addresses = { ...NO_ADDRESSES, networks };
    expect(check({ api: { image } }, { identity, addresses, addressRange: '10.200.0.0/19' })).toEqual({
      problems: [],
      warnings: [
        'addressRange: 1 of the networks exist already and keep their addresses until the stack is destroyed; 10.200.0.0/19 holds for new ones',
      ],
    });
    expect(check({ api: { image } }, { identity, addresses })).toEqual(nothing);
  });

  it('the size of a job’s storage', () => {
    const job = { image, command: ['x'], storage: { path: '/d', size: '1Gi' as const } };
    expect(check({}, {}, { j: job })).toEqual({
      problems: [],
      warnings: ["jobs.j.storage.size: Docker's local volumes have no size limit"],
    });
  });

  it('a limit of requests that reach no proxy', () => {
    const api = { image, port: 80, maxHeaders: 300 };
    expect(check({ api }).warnings).toEqual([
      'services.api.maxHeaders: has no effect: no route leads to the service, and nothing calls it',
    ]);
    expect(check({ api, web: { image, calls: ['api'] } })).toEqual(nothing);
    expect(check({ api }, {}, { j: { image, command: ['x'], calls: ['api'] } })).toEqual(nothing);
  });

  it('but a worker with a command as `ready` has no load balancer to be warned of', () =>
    expect(check({ api: { image, ready: { exec: ['x'] } } })).toEqual(nothing));
});

it('an application within all bounds gives nothing', () =>
  expect(
    check(
      { api: { image, port: 80, ready: { http: { path: '/' } } } },
      { engine: { NCPU: 2, MemTotal: 2 ** 33 }, addressRange: '10.0.0.0/8' },
    ),
  ).toEqual(nothing));
