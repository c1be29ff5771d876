import { DockerPlan } from '../../../components/docker/plan';
import { serviceName, servicesOf, variantOf, type DeployedVariant } from '../../../components/docker/variants';
import { applicationSpec } from '../../../components/application-spec';

const PREFIX = 'shop-dev';
const api = (variant: string | undefined, createdAt = 1): DeployedVariant => ({ member: 'api', variant, createdAt });
const name = (deployed: Record<string, DeployedVariant>, taken: string[] = []) =>
  serviceName({ name: 'api', variant: 'new' }, PREFIX, new Map(Object.entries(deployed)), new Set(taken));

describe('the name of the service of a microservice', () => {
  it.each<[string, Record<string, DeployedVariant>, string]>([
    ['is its own at first', {}, 'shop-dev-api'],
    ['stays where the service can be updated in place', { 'shop-dev-api': api('new') }, 'shop-dev-api'],
    ['stays whatever it is', { 'shop-dev-api-2': api('new') }, 'shop-dev-api-2'],
    ['stays where nobody knows what the service was made for', { 'shop-dev-api': api(undefined) }, 'shop-dev-api'],
    ['is another where the service would be replaced', { 'shop-dev-api': api('old') }, 'shop-dev-api-2'],
    ['is its own again the next time', { 'shop-dev-api-2': api('old') }, 'shop-dev-api'],
    [
      'is that of the last where a replacement has failed half-way',
      { 'shop-dev-api': api('old', 1), 'shop-dev-api-2': api('new', 2) },
      'shop-dev-api-2',
    ],
    [
      'is a third one where that is reverted: the state has the second, and the first still serves',
      { 'shop-dev-api': api('new', 1), 'shop-dev-api-2': api('old', 2) },
      'shop-dev-api-3',
    ],
  ])('%s', (_, deployed, expected) => expect(name(deployed)).toBe(expected));

  it('is none that another microservice has or will have', () => {
    expect(name({ 'shop-dev-api': api('old') }, ['shop-dev-api', 'shop-dev-api-2'])).toBe('shop-dev-api-3');
    const foreign = { member: 'api-2', variant: 'x', createdAt: 1 };
    expect(name({ 'shop-dev-api': api('old'), 'shop-dev-api-2': foreign })).toBe('shop-dev-api-3');
  });

  it('is not that of what brings the rules of its load balancer into force', () => {
    const rules = new Map([['shop-dev-api-lb-config', { member: '', createdAt: 2 }]]);
    expect(servicesOf('api', 'shop-dev-api', rules)).toEqual([]);
  });
});

describe('a variant', () => {
  const folder = (path: string, size = 1) => ({ path, size });
  const of = (internet: boolean, ...writablePaths: { path: string; size: number }[]) =>
    variantOf({ name: 'api', internet, writablePaths });
  const stored = (name: string, path: string, data?: string, size = 1) =>
    variantOf({ name, internet: false, writablePaths: [], storage: { path, size, name: data } });

  it('is another for other networks and for other writable folders, and for nothing else', () => {
    const all = [of(false), of(true), of(false, folder('/a')), of(false, folder('/a', 2)), of(false, folder('/b'))];
    expect(new Set(all).size).toBe(all.length);
    expect(of(true, folder('/a'))).toBe(of(true, folder('/a')));
  });

  it('is another for other data, and for another place of them, but not for another size', () => {
    expect(new Set([of(false), stored('api', '/a'), stored('api', '/b'), stored('api', '/a', 'db')]).size).toBe(4);
    expect(stored('api', '/a', undefined, 2)).toBe(stored('api', '/a'));
    expect(stored('api', '/a', 'db')).toBe(stored('db', '/a'));
  });
});

describe('the plan of an application', () => {
  const IDENTITY = { project: 'shop', stack: 'dev' };
  const spec = (internet: boolean, storage = false) =>
    applicationSpec('shop', {
      services: {
        api: {
          image: 'api',
          port: 80,
          internet,
          ...(storage ? { storage: { path: '/data', size: '1Gi' } } : {}),
        },
      },
      gateway: { routes: [{ path: '/', to: 'api' }] },
    });
  const plan = (internet: boolean, storage?: boolean) => {
    const before = new DockerPlan(spec(false), IDENTITY, undefined);
    const running = new Map([
      [before.serviceName('api'), { member: 'api', variant: variantOf(spec(false).services[0]!), createdAt: 1 }],
    ]);
    return { before, after: new DockerPlan(spec(internet, storage), IDENTITY, undefined, undefined, running) };
  };

  it('leads the gateway to the replicas under their new name', () => {
    const { before, after } = plan(true);
    expect(after.serviceName('api')).toBe(`${before.serviceName('api')}-2`);
    expect(after.isDeployed('api')).toBe(true);
    expect(after.fronts(after.application.services[0]!)[0]!.sections).toContain(
      `tasks.${before.serviceName('api')}-2:80`,
    );
    expect(plan(false).after.serviceName('api')).toBe(before.serviceName('api'));
  });

  it('gives a service another name when it gets storage', () => {
    const { before, after } = plan(false, true);
    expect(after.serviceName('api')).toBe(`${before.serviceName('api')}-2`);
  });
});
