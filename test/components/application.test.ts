import * as docker from '@pulumi/docker';
import { Application, InvalidArgumentsError } from '../../components';
import { deploy, valueOf } from '../support/deployment';
import { definition, image, named, platform, run, tree } from '../support/sample';

describe('an application', () => {
  it('has exactly these children', async () => {
    const { registrations } = await run();
    const proxy = (parent: string, name: string) => [
      `${parent} > ServiceConfig ${name}-configuration-HASH`,
      `${parent} > Volume ${name}-volume`,
      `${parent} > Container ${name}-container`,
      `${parent} > Service ${name}-config`,
    ];
    expect(tree(registrations)).toEqual(
      [
        ' > Application shop',
        'shop > ServiceConfig shop-probe-HASH',
        'shop > ServiceConfig shop-rules-HASH',
        ...['api', 'db', 'worker', 'migrate'].map((name) => `shop > Network shop-${name}-network`),
        ...['api', 'db', 'worker'].flatMap((name) => [
          `shop > Microservice shop-${name}`,
          `shop-${name} > Service shop-${name}-service`,
        ]),
        ...[
          'shop-api > Secret shop-api-secret-db-password',
          'shop-api > Secret shop-api-secret-token-7',
          ...proxy('shop-api', 'shop-api-lb'),
        ],
        ...['shop-db > Volume shop-db-data', ...proxy('shop-db', 'shop-db-lb')],
        ...[
          'shop > Job shop-migrate',
          'shop-migrate > Service shop-migrate-service',
          'shop-migrate > Secret shop-migrate-secret-db-password',
        ],
        ...[
          'shop > Gateway shop-gateway',
          'shop-gateway > Network shop-gateway-network',
          ...proxy('shop-gateway', 'shop-gateway'),
        ],
      ].sort(),
    );
  });

  it('has no load balancer for what nobody calls, no gateway where there is none, and no volume without storage', async () => {
    const { result, registrations } = await deploy(
      () => new Application('shop', { platform: platform(), services: { api: { image, port: 80 } } }),
    );
    expect(tree(registrations)).toEqual([
      ' > Application shop',
      'shop > Microservice shop-api',
      'shop > Network shop-api-network',
      'shop > ServiceConfig shop-probe-HASH',
      'shop > ServiceConfig shop-rules-HASH',
      'shop-api > Service shop-api-service',
    ]);
    expect(result.url).toBeUndefined();
    expect(result.gateway).toBeUndefined();
  });

  it('tells where it answers, what runs and how many', async () => {
    const { result, outputs } = await run();
    expect(await valueOf(result.url!)).toBe('http://127.0.0.1:8123');
    expect(result.services['api']!.replicas).toBe(2);
    expect(await valueOf(result.services['api']!.image)).toBe('api:1');
    expect(Object.fromEntries(outputs)).toEqual({
      shop: { url: 'http://127.0.0.1:8123' },
      'shop-gateway': { url: 'http://127.0.0.1:8123' },
      'shop-api': { image: 'api:1', replicas: 2 },
      'shop-db': { image: 'x', replicas: 1 },
      'shop-worker': { image: 'x', replicas: 1 },
      'shop-migrate': { image: 'x' },
    });
  });

  it('creates nothing when an argument is not valid, for its platform or at all', async () => {
    for (const services of [{ api: { image, port: 0 } }, { api: { image, replicas: 31 } }]) {
      const { registrations } = await deploy(() => {
        expect(() => new Application('shop', { platform: platform(), services })).toThrow(InvalidArgumentsError);
      });
      expect(registrations).toEqual([]);
    }
    expect(() => new Application('shop', { platform: platform(), services: { api: { image, replicas: 31 } } })).toThrow(
      /^application "shop" on docker: one argument is not valid; nothing was created or changed\.\n {2}services\.api\.replicas: 31/,
    );
  });

  it('warns of what its platform honours in a weaker way', async () =>
    expect((await run()).warnings).toEqual(["services.db.storage.size: Docker's local volumes have no size limit"]));

  it('uses the provider that it is given for every child', async () => {
    const { registrations } = await deploy(() => {
      const provider = new docker.Provider('other-engine', { host: 'tcp://other:2375' });
      return new Application('shop', { platform: platform(), ...definition() }, { providers: [provider] });
    });
    const children = registrations.filter(({ type }) => type.startsWith('docker:'));
    expect(children.length).toBeGreaterThan(20);
    expect([...new Set(children.map(({ provider }) => provider))]).toEqual(['other-engine']);
  });
});

describe('the order of creation', () => {
  it('follows `after`: each service depends on what must be up before it', async () => {
    const { registrations } = await run();
    // A dependency on a component is one on all of its children.
    expect(named(registrations, 'shop-api-service').dependencies).toEqual(
      expect.arrayContaining(['shop-migrate-service', 'shop-api-network']),
    );
    expect(named(registrations, 'shop-migrate-service').dependencies).toEqual(
      expect.arrayContaining(['shop-db-service', 'shop-db-lb-config', 'shop-db-lb-container']),
    );
    const waits = (name: string) =>
      named(registrations, name).dependencies.filter((other) => other.endsWith('-service'));
    expect(waits('shop-worker-service')).toEqual([]);
    expect(waits('shop-db-service')).toEqual([]);
  });

  it('starts a gateway that is new with all others: nobody could be sent anywhere before', async () => {
    const { dependencies } = named((await run()).registrations, 'shop-gateway-config');
    expect(dependencies).toContain('shop-gateway-container');
    expect(dependencies).not.toContain('shop-api-service');
  });

  it('removes a proxy before any network that it may have joined', async () => {
    const { registrations } = await run();
    for (const proxy of ['shop-db-lb-container', 'shop-gateway-container'])
      expect(named(registrations, proxy).dependencies).toEqual(
        expect.arrayContaining(['api', 'db', 'worker', 'migrate'].map((name) => `shop-${name}-network`)),
      );
  });
});
