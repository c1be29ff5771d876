import { CALLS } from './fixture/definition';
import { containers, engine, helper, type Running } from './support/engine';
import { pythonImage } from './support/environment';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';
import { shop } from './support/shop';
import { fullStrength } from './support/target';

/** Who declared to call whom, and where each listens. */
interface Declared {
  scope: string;
  calls: Record<string, string[]>;
  ports: Record<string, number>;
}

const declared: Declared[] = [];

beforeAll(async () => {
  const fixture = await fixtureStack();
  await fixture.mustUp();
  await fullStrength(fixture.scope, 'echo', 3);
  declared.push({ scope: fixture.scope, calls: CALLS, ports: { echo: 8080, caller: 8080, keeper: 8080 } });
  const { scope } = await shop();
  declared.push({
    scope,
    // As stacks/shop.ts declares it.
    calls: {
      frontend: [],
      user: ['database'],
      product: ['database'],
      order: ['database', 'user', 'product'],
      database: [],
      migrate: ['database'],
    },
    ports: { frontend: 8080, user: 8080, product: 8080, order: 8080, database: 5432 },
  });
});

/** Tries TCP connections from inside a container's network and returns those that worked. */
async function connections(from: Running, targets: { label: string; host: string; port: number }[]): Promise<string[]> {
  const program = `
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def attempt(target):
    try:
        socket.create_connection((target["host"], target["port"]), 1.5).close()
        return target["label"]
    except OSError:
        return None
with ThreadPoolExecutor(64) as pool:
    print(json.dumps([label for label in pool.map(attempt, json.loads(sys.argv[1])) if label]))
`;
  const result = await helper(
    ['python3', '-c', program, JSON.stringify(targets)],
    { NetworkMode: `container:${from.id}` },
    { image: pythonImage() },
  );
  if (result.code !== 0) throw new Error(result.output);
  return JSON.parse(result.output) as string[];
}

async function addresses(id: string): Promise<string[]> {
  const { NetworkSettings } = await engine.getContainer(id).inspect();
  return Object.values(NetworkSettings.Networks)
    .map(({ IPAddress }) => IPAddress)
    .filter((address) => address !== '');
}

describe('only what is declared can connect', () => {
  it('by name: exactly the services that a service calls', async () => {
    let attempts = 0;
    for (const { scope, calls, ports } of declared) {
      for (const [service, callees] of Object.entries(calls)) {
        const [replica] = (await containers(scope, { service })).filter(
          ({ component }) => component === 'microservice' || component === 'job',
        );
        const targets = Object.entries(ports)
          .filter(([name]) => name !== service)
          .flatMap(([name, port]) =>
            [name, `${scope}-${name}`, `tasks.${scope}-${name}`].map((host) => ({ label: host, host, port })),
          );
        attempts += targets.length;
        expect({ service, reaches: await connections(replica!, targets) }).toEqual({
          service,
          reaches: targets.map(({ label }) => label).filter((label) => callees.includes(label)),
        });
      }
    }
    report({ name: 'isolation by name', note: `${attempts} attempts` });
  });

  it('by address: no replica reaches another service, a gateway, or another application', async () => {
    let attempts = 0;
    const all = (await Promise.all(declared.map(({ scope }) => containers(scope)))).flat();
    const withAddresses = await Promise.all(all.map(async (one) => ({ ...one, addresses: await addresses(one.id) })));
    const ports = [8080, 5432];
    for (const { scope, calls } of declared) {
      for (const service of Object.keys(calls)) {
        const [from] = (await containers(scope, { service })).filter(
          ({ component }) => component === 'microservice' || component === 'job',
        );
        const targets = withAddresses
          .filter((one) => !(one.service === service && one.name.startsWith(`${scope}-`)))
          .flatMap((one) =>
            one.addresses.flatMap((host) =>
              ports.map((port) => ({ label: `${one.name} ${host}:${port}`, host, port })),
            ),
          );
        attempts += targets.length;
        const reached = await connections(from!, targets);
        const allowed = (calls[service] ?? []).map((callee) => `${scope}-${callee}-lb `);
        expect({
          service,
          reaches: reached.filter((label) => !allowed.some((start) => label.startsWith(start))),
        }).toEqual({ service, reaches: [] });
      }
    }
    report({ name: 'isolation by address', note: `${attempts} attempts` });
  });
});

describe('every container is confined', () => {
  it('runs as a plain user, without capabilities, with a root that cannot be written', async () => {
    const all = (await Promise.all(declared.map(({ scope }) => containers(scope)))).flat();
    expect(all.length).toBeGreaterThan(10);
    for (const { id, name, component } of all) {
      // An engine under load replaces one or the other; what is gone need not be confined.
      if (!(await engine.getContainer(id).inspect()).State.Running) continue;
      const status = await helper(['cat', '/proc/1/status'], { PidMode: `container:${id}` });
      const field = (key: string) => new RegExp(`^${key}:\\s+(.*)$`, 'm').exec(status.output)?.[1]?.split(/\s+/) ?? [];
      const { HostConfig } = await engine.getContainer(id).inspect();
      expect({
        name,
        root: field('Uid').includes('0'),
        effective: field('CapEff'),
        bounding: field('CapBnd'),
        readOnly: HostConfig.ReadonlyRootfs,
        noNewPrivileges: component === 'load-balancer' || component === 'gateway' ? field('NoNewPrivs') : ['1'],
      }).toEqual({
        name,
        root: false,
        effective: ['0000000000000000'],
        bounding: ['0000000000000000'],
        readOnly: true,
        noNewPrivileges: ['1'],
      });
    }
    report({ name: 'confinement', note: `${all.length} containers: not root, no capabilities, read-only` });
  });
});
