import { applicationSpec } from '../../components';
import { formatProblem } from '../../components/validation';
import { startOrder } from '../../components/start-order';
import { shop, type ShopArgs } from '../../stacks/shop';
import { problemsOf } from '../support/definitions';

const images = { frontend: 'f', 'user-service': 'u', 'product-service': 'p', 'order-service': 'o', database: 'd' };
const secret = { value: 'hush', version: '1' };
const secrets = {
  'postgres-password': secret,
  'user-password': secret,
  'product-password': secret,
  'order-password': secret,
  'token-key': secret,
};
const args = (more: Partial<ShopArgs> = {}): ShopArgs => ({ images, secrets, replicas: {}, revision: '1', ...more });
const spec = (more: Partial<ShopArgs> = {}) => applicationSpec('shop', shop(args(more)));
const service = (name: string, more: Partial<ShopArgs> = {}) => spec(more).services.find((one) => one.name === name)!;

describe('the shop', () => {
  it('is valid and starts in this order', () =>
    expect(startOrder(spec(), () => false).map(({ name }) => name)).toEqual([
      'database',
      'backup',
      'migrate',
      'user',
      'product',
      'order',
      'frontend',
    ]));

  it('is called by nobody but those who need it', () => {
    const calls = Object.fromEntries([...spec().services, ...spec().jobs].map((one) => [one.name, one.calls]));
    expect(calls).toEqual({
      database: [],
      user: ['database'],
      product: ['database'],
      order: ['database', 'user', 'product'],
      frontend: [],
      migrate: ['database'],
      backup: ['database'],
    });
  });

  it('is reached by path, and its database not at all', () => {
    const routes = spec().gateway!.routes.map(({ path, to }) => [path, to]);
    expect(Object.fromEntries(routes)).toEqual({
      '/': 'frontend',
      '/api/users': 'user',
      '/api/sessions': 'user',
      '/api/products': 'product',
      '/api/orders': 'order',
    });
  });

  it('runs two replicas of each stateless service and one database with storage', () => {
    expect(Object.fromEntries(spec().services.map((one) => [one.name, one.replicas.min]))).toEqual({
      database: 1,
      user: 2,
      product: 2,
      order: 2,
      frontend: 2,
    });
    expect(
      spec()
        .services.filter((one) => one.storage)
        .map((one) => one.name),
    ).toEqual(['database']);
  });

  it('asks nobody else whether it is alive', () => {
    for (const name of ['user', 'product', 'order', 'frontend']) {
      expect(service(name).alive!.action).toMatchObject({ kind: 'http', path: '/healthz' });
      expect(service(name).ready!.action).toMatchObject({ kind: 'http', path: '/readyz' });
    }
  });

  it('is hardened: no root, no capability, nothing to write to but memory and storage, no internet', () => {
    for (const one of [...spec().services, ...spec().jobs]) {
      expect(one).toMatchObject({ readOnlyRoot: true, capabilities: [], internet: false });
      expect(one.user).not.toMatch(/^0/);
    }
  });

  it('gives each service a password of its own, and none in the environment', () => {
    const distinct = Object.fromEntries(
      Object.keys(secrets).map((name) => [name, { value: name, version: '1' }]),
    ) as unknown as ShopArgs['secrets'];
    const given = spec({ secrets: distinct });
    const valueOf = (name: string, file: string) =>
      given.services.find((one) => one.name === name)!.secrets[file]!.value;
    expect(['user', 'product', 'order'].map((name) => valueOf(name, 'database-password'))).toEqual([
      'user-password',
      'product-password',
      'order-password',
    ]);
    for (const one of given.services.filter(({ name }) => name !== 'database'))
      expect(JSON.stringify(one.secrets)).not.toContain('postgres-password');
    expect(JSON.stringify([...spec().services, ...spec().jobs].map(({ env }) => env))).not.toContain('hush');
  });
});

describe('its configuration', () => {
  it('sets replicas by service', () =>
    expect(service('product', { replicas: { product: 5 } }).replicas).toEqual({ min: 5, max: 5 }));

  it.each([
    ['produkt', 'replicas.produkt: there is no such service; did you mean "product"?'],
    ['migrate', expect.stringMatching(/^replicas\.migrate: there is no such service; /) as unknown as string],
    ['constructor', expect.stringMatching(/^replicas\.constructor: there is no such service; /) as unknown as string],
    ['toString', expect.stringMatching(/^replicas\.toString: there is no such service; /) as unknown as string],
  ])('refuses replicas of %s', (name, message) =>
    expect(problemsOf(() => shop(args({ replicas: { [name]: 2 } }))).map(formatProblem)).toEqual([message]),
  );

  it('cannot give the database two replicas', () =>
    expect(problemsOf(() => spec({ replicas: { database: 2 } })).map(({ path }) => path)).toEqual([
      'services.database.replicas',
    ]));

  it('rolls every stateless service by its revision, and nothing else', () => {
    const environment = (revision: string) =>
      Object.fromEntries(
        [...spec({ revision }).services, ...spec({ revision }).jobs].map((one) => [one.name, one.env]),
      );
    const [before, after] = [environment('1'), environment('2')];
    const changed = Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
    expect(changed).toEqual(['user', 'product', 'order', 'frontend']);
  });

  it('sets the port of the gateway, or leaves it to the platform', () => {
    expect(spec({ gatewayPort: 8123 }).gateway!.port).toBe(8123);
    expect(spec().gateway).not.toHaveProperty('port');
  });
});

describe('its backups', () => {
  const job = (more: Partial<ShopArgs> = {}) => spec(more).jobs.find(({ name }) => name === 'backup')!;

  it('have storage of their own, and are not made unless somebody asks', () => {
    expect(job()).toMatchObject({ run: false, storage: { path: '/backups', size: 5 * 2 ** 30 } });
    expect(job().env).toMatchObject({ BACKUP_DIR: '/backups', KEEP: '10' });
  });

  it('are made, and restored, by name', () => {
    expect(job({ backup: 'a' })).toMatchObject({ run: true, command: ['backup', 'a'] });
    expect(job({ restore: 'a@1' })).toMatchObject({ run: true, command: ['restore', 'a@1'] });
  });

  it('are no reason to change anything else of the job', () => {
    const { command: _command, run: _run, ...prepared } = job();
    for (const request of [{ backup: 'a' }, { restore: 'a@1' }]) expect(job(request)).toMatchObject(prepared);
  });

  it('come before the migration, which must not change what could not be saved', () =>
    expect(spec({ backup: 'a' }).jobs.find(({ name }) => name === 'migrate')!.after).toEqual(['database', 'backup']));

  it('are not restored while one is made', () =>
    expect(problemsOf(() => shop(args({ backup: 'a', restore: 'a@1' }))).map(formatProblem)).toEqual([
      'restore: cannot be together with backup (remove one of them)',
    ]));

  it('know the passwords that a migration sets, and not the key that signs tokens', () =>
    expect(Object.keys(job().secrets)).toEqual([
      'postgres-password',
      'user-password',
      'product-password',
      'order-password',
    ]));
});

it('is a new value each time, so that nobody changes that of another', () =>
  expect(shop(args())).not.toBe(shop(args())));
