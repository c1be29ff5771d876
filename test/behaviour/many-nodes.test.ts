import type { V1Pod } from '@kubernetes/client-node';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAKE_NODE } from './many/definition';
import { theCluster, type Cluster } from './support/cluster';
import { command } from './support/command';
import { FULL, root } from './support/environment';
import { manyStack } from './support/many';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { leftOf, target } from './support/target';
import { timed, waitFor } from './support/wait';

const NODES = 100;
const ZONES = 3;
const SERVICES = 10;
const FEW = 9;
const MANY = 100;
const MINUTE = 60_000;
const ZONE = 'topology.kubernetes.io/zone';

/** kind and k3d have no fake nodes. */
const facts = join(root, '.local', 'cluster.json');
const ofProcesses =
  existsSync(facts) && (JSON.parse(readFileSync(facts, 'utf8')) as { kind: string }).kind === 'processes';

let cluster: Cluster;
let stack: Stack;
/** The zone of each fake node. */
let zones: Map<string, string>;

async function fakeNodes(count: number): Promise<void> {
  const { code, output } = await command('npm', ['run', 'cluster', '--', '--fake-nodes', String(count)]);
  if (code !== 0) throw new Error(output);
}

async function fakeZones(): Promise<Map<string, string>> {
  const { items } = await cluster.core.listNode({ labelSelector: FAKE_NODE });
  return new Map(items.map(({ metadata }) => [metadata!.name!, metadata!.labels![ZONE]!]));
}

async function pods(): Promise<V1Pod[]> {
  const { items } = await cluster.core.listNamespacedPod({ namespace: stack.scope });
  return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}

/** For each service, how many of its replicas each zone, or node, has. */
function counts(all: V1Pod[], places: string[], placeOf: (node: string) => string): Map<string, Map<string, number>> {
  const services = new Map<string, Map<string, number>>();
  for (const { metadata, spec } of all) {
    const service = metadata!.labels!['app.kubernetes.io/name']!;
    const found = services.get(service) ?? new Map(places.map((place) => [place, 0]));
    const place = placeOf(spec!.nodeName!);
    services.set(service, found.set(place, (found.get(place) ?? 0) + 1));
  }
  return services;
}

/** The largest difference that any service has between its fullest and its emptiest place. */
function skew(services: Map<string, Map<string, number>>): number {
  return Math.max(...[...services.values()].map((found) => Math.max(...found.values()) - Math.min(...found.values())));
}

const zoneOf = (node: string) => zones.get(node)!;

beforeAll(async () => {
  cluster = theCluster();
  const took = await timed(() => fakeNodes(NODES));
  zones = await fakeZones();
  stack = await manyStack('nodes', { services: SERVICES, replicas: FEW, nodes: 'fake' });
  report({ name: `${NODES} fake nodes`, note: `ready after ${took} ms` });
});

afterAll(async () => {
  await stack.destroy({ remove: true });
  // Their pods go only while somebody answers for the nodes.
  await leftOf(stack.scope, 2 * MINUTE);
  await target.deleteData(stack.scope);
  await fakeNodes(0);
});

// Some ten minutes, most of them for the scheduler on few processors.
(ofProcesses && FULL ? describe : describe.skip)(`on ${NODES} nodes in ${ZONES} zones`, () => {
  it('every service has its replicas spread evenly over the zones, and no two on one node', async () => {
    expect(new Set(zones.values()).size).toBe(ZONES);
    expect(zones.size).toBe(NODES);
    const { seconds } = await stack.mustUp();
    const all = await pods();
    expect(all.length).toBe(SERVICES * FEW);
    expect(all.filter(isReady).length).toBe(all.length);
    expect(all.filter(({ spec }) => !zones.has(spec!.nodeName!))).toEqual([]);
    expect(skew(counts(all, [...new Set(zones.values())], zoneOf))).toBe(0);
    expect(skew(counts(all, [...zones.keys()], (node) => node))).toBe(1);
    report({
      name: `${all.length} replicas on ${NODES} nodes`,
      note: `up in ${seconds.toFixed(0)} s, as many in each zone`,
    });
  });

  it(`${SERVICES * MANY} replicas are scheduled and run, in no zone of a service more than one above another`, async () => {
    const { seconds } = await stack.mustUp({ 'many:replicas': MANY });
    const all = await pods();
    expect(all.length).toBe(SERVICES * MANY);
    expect(all.filter(isReady).length).toBe(all.length);
    const overZones = skew(counts(all, [...new Set(zones.values())], zoneOf));
    const overNodes = skew(counts(all, [...zones.keys()], (node) => node));
    report({
      name: `${all.length} replicas on ${NODES} nodes`,
      note: `up in ${seconds.toFixed(0)} s; skew ${overZones} over zones, ${overNodes} over nodes`,
    });
    expect(overZones).toBeLessThanOrEqual(1);
  });

  it('a second preview, with a refresh, shows no change', async () => {
    const { code, output, seconds } = await stack.preview({ 'many:replicas': MANY }, [
      '--refresh',
      '--expect-no-changes',
    ]);
    report({ name: 'preview of 1,000 replicas', note: `${seconds.toFixed(1)} s` });
    if (code !== 0) throw new Error(output);
  });

  it('all of it goes, the nodes as well', async () => {
    const took = await timed(async () => {
      const { code, output } = await stack.destroy();
      if (code !== 0) throw new Error(output);
      expect(await leftOf(stack.scope, 2 * MINUTE)).toEqual({ objects: [], data: target.dataOf(stack.scope) });
    });
    await fakeNodes(0);
    await waitFor('no fake node', async () => (await fakeZones()).size === 0, { timeout: MINUTE });
    report({ name: 'destroy of 1,000 replicas', note: `${took} ms` });
  });
});
