import { MAX_NETWORKS, places } from '../../components/docker/addresses';
import { CALLS } from './fixture/definition';
import { engine } from './support/engine';
import { REQUESTS } from './support/environment';
import { echoShot, runningFixture } from './support/fixture';
import { fixtureImage } from './support/fixture-image';
import { underLoad } from './support/load';
import { onDocker } from './support/only';
import { outside } from './support/outside';
import { expectNoneLost } from './support/report';
import type { Stack } from './support/stack';
import { target } from './support/target';

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture());
});

interface Network {
  Id: string;
  Name: string;
  IPAM: { Config: { Subnet: string }[] };
}

/** Id and addresses of the fixture's networks, by name. */
async function networks(): Promise<Record<string, string>> {
  const all = (await engine.listNetworks()) as unknown as Network[];
  return Object.fromEntries(
    all
      .filter(({ Name }) => Name.startsWith(`${stack.scope}-`))
      .map(({ Id, Name, IPAM }) => [Name.slice(stack.scope.length + 1), `${Id} ${IPAM.Config[0]!.Subnet}`]),
  );
}

/** Deploys under load, through the gateway and through the load balancer behind it. */
async function update(name: string, config: Record<string, string>): Promise<void> {
  const shot = echoShot({ path: '/call', nested: true });
  const result = await underLoad({ url, shot, requests: REQUESTS }, async () => {
    await stack.mustUp(config);
  });
  expectNoneLost(name, result);
  const { code, output } = await stack.preview(config, ['--expect-no-changes']);
  expect({ code, output }).toMatchObject({ code: 0 });
}

/** A name for a service that wants the place of another's network, and comes before it. */
function rivalOf(service: string): string {
  const place = (name: string) => places([name], MAX_NETWORKS).get(name);
  for (let n = 0; ; n += 1) if (place(`a${n}`) === place(service)) return `a${n}`;
}

onDocker('what exists keeps its addresses', () => {
  it.each(Object.keys(CALLS))(
    'when a service is added that wants the place of %s, and removed again',
    async (service) => {
      const before = await networks();
      const rival = rivalOf(service);
      const added = { image: await fixtureImage(), port: 8080, replicas: 1, resources: { memory: '96Mi' } };
      await update(`service in the place of ${service}`, {
        // It is called as well, so that its load balancer gets an address beside the others.
        'fixture:patch': JSON.stringify({
          services: { [rival]: added, caller: { calls: [...CALLS['caller']!, rival] } },
        }),
      });
      const { [rival]: its, ...others } = await networks();
      expect(its).toBeDefined();
      expect(others).toEqual(before);
      await update(`service in the place of ${service} removed`, { 'fixture:patch': '{}' });
      expect(await networks()).toEqual(before);
    },
  );

  it('when another range is configured, which new networks are in', async () => {
    const before = await networks();
    const added = { image: await fixtureImage(), port: 8080, replicas: 1, resources: { memory: '96Mi' } };
    await update('another range of addresses', {
      'fixture:addressRange': '192.168.192.0/19',
      'fixture:patch': JSON.stringify({ services: { added } }),
    });
    const { added: its, ...others } = await networks();
    expect(others).toEqual(before);
    expect(its).toMatch(/ 192\.168\.(19[2-9]|2[01]\d|22[0-3])\./);
    await update('the range of before', { 'fixture:addressRange': '', 'fixture:patch': '{}' });
    expect(await networks()).toEqual(before);
  });
});

onDocker('a way to the internet', () => {
  it('is given and taken, touches nobody else, and leads nobody else out', async () => {
    const internet = await outside();
    try {
      const whoReaches = async () => {
        const found: string[] = [];
        for (const service of Object.keys(CALLS)) {
          const [replica] = await target.replicas(stack.scope, service);
          if ((await target.connections(replica!.id, [internet.attempt])).length > 0) found.push(service);
        }
        return found;
      };
      const before = await networks();
      expect(await whoReaches()).toEqual([]);
      const patch = { services: { caller: { internet: true }, echo: { internet: true } } };
      await update('a way to the internet', { 'fixture:patch': JSON.stringify(patch) });
      expect(await whoReaches()).toEqual(['echo', 'caller']);
      expect(await networks()).toMatchObject(before);
      await update('no way to the internet any more', { 'fixture:patch': '{}' });
      expect(await whoReaches()).toEqual([]);
      expect(await networks()).toEqual(before);
    } finally {
      internet.close();
    }
  });
});

onDocker('writable folders of other sizes and places', () => {
  it('are given under load, with replicas of before until the new ones have taken over', async () => {
    const writablePaths = ['/tmp/other', { path: '/tmp', size: '16Mi' }];
    const patch = { services: { caller: { writablePaths }, echo: { writablePaths } } };
    await update('other writable folders', { 'fixture:patch': JSON.stringify(patch) });
    const [replica] = await target.replicas(stack.scope, 'echo');
    expect((await target.exec(replica!.id, ['sh', '-c', 'touch /tmp/a && df -m /tmp | tail -1'])).output).toMatch(
      / 16 /,
    );
    await update('the writable folders of before', { 'fixture:patch': '{}' });
  });
});
