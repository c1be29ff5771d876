import { applicationSpec, type ApplicationDefinition } from '../../../components/application-spec';
import type { PolicyContext } from '../../../components/kubernetes/network-policy';
import { policiesOf, versioned } from '../../../components/kubernetes/policies';
import { callGraph, IMAGE } from '../../support/definitions';
import { valueOf } from '../../support/deployment';

const context: PolicyContext = { namespace: 'shop-dev', partOf: 'shop-dev-1', dns: [] };
const nameOf = async (args: { metadata?: unknown }) =>
  ((await valueOf(args.metadata as never)) as { name: string }).name;
const names = (definition: ApplicationDefinition, extra: Partial<PolicyContext> = {}) =>
  Promise.all(
    policiesOf(applicationSpec('shop', definition), [8080], { ...context, ...extra }).map(([member, args]) =>
      nameOf(versioned(member, args).args),
    ),
  );
const api = { image: IMAGE, port: 8080 };
const before: ApplicationDefinition = {
  services: { api, web: { ...api, calls: ['api'] } },
  gateway: { routes: [{ to: 'web' }] },
};

describe('another content is another policy, beside the old one', () => {
  it.each<[string, ApplicationDefinition, string[]]>([
    ['the port', { ...before, services: { ...before.services, api: { ...api, port: 8081 } } }, ['api', 'web']],
    ['the calls', { ...before, services: { ...before.services, web: api } }, ['api', 'web']],
    ['the internet', { ...before, services: { ...before.services, api: { ...api, internet: true } } }, ['api']],
    ['a route', { ...before, gateway: { routes: [{ to: 'api' }] } }, ['api', 'gateway', 'web']],
  ])('when what changes is %s', async (_, definition, changed) => {
    const [old, now] = [await names(before), await names(definition)];
    const added = now.filter((name) => !old.includes(name)).map((name) => name.split('.')[0]);
    expect(added.sort()).toEqual(changed);
    expect(now.filter((name) => old.includes(name))).toHaveLength(3 - changed.length);
  });

  it('and what else changes changes none', async () => {
    const services = { ...before.services, api: { ...api, image: 'shop/api:2', ready: { http: { path: '/new' } } } };
    expect(await names({ ...before, services })).toEqual(await names(before));
  });
});

it('the policy of one member never has the name of the policy of another', async () => {
  for (const name of await names(before)) expect(name).toMatch(/^[a-z]+\.[0-9a-f]{10}$/);
});

it('a name that the escape hatch gives would be the same for two contents, and does not count', async () => {
  const transform = { kubernetes: { networkPolicy: (args: object) => ({ ...args, metadata: { name: 'mine' } }) } };
  expect(await names({ services: { api: { ...api, transform } } })).toEqual([expect.stringMatching(/^api\./)]);
});

it('each member that has pods has one', () => {
  const application = callGraph({ a: ['b'], b: [] }, ['a']);
  const members = policiesOf(application, [8080], { ...context, proxied: ['b'] }).map(([member]) => member);
  expect(members).toEqual(['a', 'b', 'b-proxy', 'gateway']);
});
