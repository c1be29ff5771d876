import { applicationSpec } from '../../components';
import { UNBUILT_IMAGES } from '../../stacks/images';
import { shop as shopDefinition, type ShopSecrets } from '../../stacks/shop';
import { CALLS } from './fixture/definition';
import { theCluster } from './support/cluster';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';
import { shop } from './support/shop';
import { onKubernetes } from './support/only';
import { fullStrength, target, type Container } from './support/target';
import type { Stack } from './support/stack';

/** Who declared to call whom, and where each listens. */
interface Declared {
  scope: string;
  calls: Record<string, string[]>;
  ports: Record<string, number>;
}

const declared: Declared[] = [];
let fixture: Stack;

beforeAll(async () => {
  fixture = await fixtureStack();
  await fixture.mustUp();
  await fullStrength(fixture.scope, 'echo', 3);
  declared.push({ scope: fixture.scope, calls: CALLS, ports: { echo: 8080, caller: 8080, keeper: 8080 } });
  const { scope } = await shop();
  declared.push({ scope, ...declaredByShop() });
});

/** As stacks/shop.ts declares it. */
function declaredByShop(): Omit<Declared, 'scope'> {
  const secret = { value: 'not deployed', version: '1' };
  const names = ['postgres-password', 'user-password', 'product-password', 'order-password', 'token-key'] as const;
  const secrets = Object.fromEntries(names.map((name) => [name, secret])) as unknown as ShopSecrets;
  const definition = shopDefinition({ images: UNBUILT_IMAGES, secrets, replicas: {}, revision: '1' });
  const { services, jobs } = applicationSpec('shop', definition);
  return {
    calls: Object.fromEntries([...services, ...jobs].map(({ name, calls }) => [name, calls])),
    ports: Object.fromEntries(services.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port]]))),
  };
}

/** Where everything of both applications listens at this moment. */
async function allAddresses() {
  const found = declared.map(async ({ scope }) => (await target.addresses(scope)).map((one) => ({ ...one, scope })));
  return (await Promise.all(found)).flat();
}

/** A container of a service or job from which to connect; none of a job that has ended. */
async function inside(scope: string, service: string): Promise<Container | undefined> {
  return (await target.containers(scope)).find(
    (one) => one.service === service && one.running && (one.component === 'microservice' || one.component === 'job'),
  );
}

describe('only what is declared can connect', () => {
  it('by name: exactly the services that a service calls', async () => {
    const members = declared.flatMap(({ scope, calls, ports }) =>
      Object.entries(calls).map(([service, callees]) => ({ scope, service, callees, ports })),
    );
    // Each waits for names that lead nowhere.
    const counts = await Promise.all(
      members.map(async ({ scope, service, callees, ports }) => {
        const from = await inside(scope, service);
        if (!from) return 0;
        const targets = Object.entries(ports)
          .filter(([name]) => name !== service)
          .flatMap(([name, port]) =>
            target.namesOf(scope, name).map((host) => ({ label: `${name} as ${host}`, host, port })),
          );
        const reached = await target.connections(from.id, targets);
        // Under its own name, whatever others there are.
        expect({ service, reaches: reached.filter((label) => !isOtherName(label)).sort() }).toEqual({
          service,
          reaches: callees.map((name) => `${name} as ${name}`).sort(),
        });
        const others = reached.filter(isOtherName).filter((label) => !callees.includes(label.split(' ')[0]!));
        expect({ service, reaches: others }).toEqual({ service, reaches: [] });
        return targets.length;
      }),
    );
    const attempts = counts.reduce((sum, count) => sum + count, 0);
    expect(attempts).toBeGreaterThan(20);
    report({ name: 'isolation by name', note: `${attempts} attempts` });
  });

  it('by address: no replica reaches another service, a gateway, or another application', async () => {
    let attempts = 0;
    const all = await allAddresses();
    expect(all.length).toBeGreaterThan(20);
    for (const { scope, calls, ports } of declared) {
      for (const [service, callees] of Object.entries(calls)) {
        const from = await inside(scope, service);
        if (!from) continue;
        const others = all.filter((one) => one.scope !== scope || one.service !== service);
        const mayReach = (one: (typeof all)[number], port: number) =>
          one.scope === scope && one.forCallers && callees.includes(one.service) && ports[one.service] === port;
        const targets = others.flatMap((one) =>
          [...new Set(Object.values(ports)), 8404].map((port) => ({
            label: `${one.label}:${port}`,
            name: one.label,
            host: one.host,
            port,
            allowed: mayReach(one, port),
            service: one.service,
          })),
        );
        attempts += targets.length;
        const reached = new Set(await target.connections(from.id, targets));
        // The address of one that has gone meanwhile may be another's.
        const still = new Set((await allAddresses()).map(({ label }) => label));
        const met = targets.filter(({ label, name }) => reached.has(label) && still.has(name));
        expect({ service, reaches: met.filter(({ allowed }) => !allowed).map(({ label }) => label) }).toEqual({
          service,
          reaches: [],
        });
        // What may be reached is, so that the attempts themselves work.
        expect({ service, reaches: [...new Set(met.map((one) => one.service))].sort() }).toEqual({
          service,
          reaches: [...callees].sort(),
        });
      }
    }
    report({ name: 'isolation by address', note: `${attempts} attempts` });
  });
});

/** Not the short name, by which services are meant to find each other. */
function isOtherName(label: string): boolean {
  const [name, , host] = label.split(' ');
  return name !== host;
}

onKubernetes('what is outside the cluster', () => {
  it('is reached by those who declared `internet`, and by nobody else', async () => {
    // The API server has an address outside all pods and Services, so it stands for the internet.
    const { hostname, port } = new URL(theCluster().config.getCurrentCluster()!.server);
    const outside = [{ label: 'outside', host: hostname, port: Number(port) }];
    const reaches = async (service: string) => target.connections((await inside(fixture.scope, service))!.id, outside);
    for (const service of ['echo', 'caller', 'keeper']) expect(await reaches(service)).toEqual([]);
    await fixture.mustUp({ 'fixture:patch': JSON.stringify({ services: { caller: { internet: true } } }) });
    await fullStrength(fixture.scope, 'caller', 2);
    expect(await reaches('caller')).toEqual(['outside']);
    expect(await reaches('echo')).toEqual([]);
    await fixture.mustUp();
    report({ name: 'isolation from the internet', note: `${hostname}:${port}, with and without \`internet\`` });
  });
});

describe('every container is confined', () => {
  it('runs as a plain user, without capabilities, with a root that cannot be written', async () => {
    const all = (await Promise.all(declared.map(({ scope }) => target.containers(scope)))).flat();
    expect(all.length).toBeGreaterThan(10);
    let seen = 0;
    for (const container of all) {
      // An engine under load replaces one or the other; what is gone need not be confined.
      const now = (await Promise.all(declared.map(({ scope }) => target.containers(scope)))).flat();
      if (!now.some(({ id, running }) => id === container.id && running)) continue;
      const { name } = container;
      expect({ name, ...(await target.confinement(container)) }).toEqual({
        name,
        root: false,
        effective: '0000000000000000',
        bounding: '0000000000000000',
        readOnly: true,
        noNewPrivileges: true,
      });
      seen++;
    }
    expect(seen).toBeGreaterThan(10);
    report({ name: 'confinement', note: `${seen} containers: not root, no capabilities, read-only` });
  });
});
