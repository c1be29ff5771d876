import { containers, engine, replicas } from '../test/behaviour/support/engine';
import { fixtureStack } from '../test/behaviour/support/fixture';
import { fullStrength, target } from '../test/behaviour/support/target';
import { sleep } from '../test/behaviour/support/wait';
import { explanation, HEAD, rows, type Measured, type Measurements, type Profile } from './gateway-table';
import { HAPROXY, NGINX } from './peers';
import { processorTime, spent } from './processor-time';
import { contenders, gatewayFiles, startGateway, startPeer } from './proxies';
import type { Section } from './section';
import { systemCalls } from './system-calls';
import { boundAnywhere, variants } from './variants';
import { Wrk, type Load } from './wrk';

const LOAD: Load = { connections: 32, seconds: 6 };
const MANY: Load = { connections: 256, seconds: 6 };
const ROUNDS = 5;
/** How long `perf` gets to find the processes of a proxy. */
const WATCH_MARGIN_SECONDS = 3;
const GATEWAY = 'gateway';

interface Subject {
  name: string;
  url: string;
  /** The proxy's container. */
  proxy?: string;
}

export async function gateway({ rounds = ROUNDS, load = LOAD, many = MANY } = {}): Promise<Section> {
  const peers = await contenders();
  // The replicas must not be what is measured.
  const stack = await fixtureStack('bench', {
    'fixture:patch': JSON.stringify({ services: { echo: { resources: { cpu: '2' } } } }),
  });
  const started: string[] = [];
  let wrk: Wrk | undefined;
  try {
    await stack.mustUp();
    await fullStrength(stack.scope, 'echo', 3);
    const [publicNetwork, replicaNetwork] = [`${stack.scope}-gateway`, `${stack.scope}-echo`];
    const running = await replicas(stack.scope, 'echo');
    const servers = await Promise.all(running.map(async ({ id }) => `${await address(id, replicaNetwork)}:8080`));
    const entry = (await containers(stack.scope, { component: 'gateway' }))[0]!;
    const subject = async (name: string, proxy: string): Promise<Subject> => ({
      name,
      proxy,
      url: url(`${await address(proxy, publicNetwork)}:8080`),
    });

    const subjects: Subject[] = [];
    for (const contender of peers) {
      const proxy = await startPeer(contender, [publicNetwork, replicaNetwork], servers);
      started.push(proxy);
      subjects.push(await subject(contender.peer.name, proxy));
    }
    subjects.push(await subject(GATEWAY, entry.id));
    const { configuration, rules } = await gatewayFiles(entry.id);
    const networks = [publicNetwork, ...entry.networks.filter((name) => name !== publicNetwork)];
    for (const variant of variants(configuration)) {
      const proxy = await startGateway(boundAnywhere(variant.configuration), rules, networks);
      started.push(proxy);
      subjects.push(await subject(variant.name, proxy));
    }
    subjects.push({ name: 'one replica directly', url: url(servers[0]!) });
    await sleep(3_000);

    wrk = await Wrk.start([publicNetwork, replicaNetwork]);
    const few = await measureAll(wrk, subjects, load, rounds);
    const pair = subjects.filter(({ name }) => name === NGINX.name || name === GATEWAY);
    const lots = (await measureAll(wrk, pair, many, rounds)).map((one) => ({
      ...one,
      name: `${one.name}, ${many.connections} connections`,
    }));
    const nginx = named(few, NGINX.name);
    const profiles: Profile[] = [];
    for (const one of pair) profiles.push(await profile(wrk, one, named(few, one.name), load));
    const why = explanation(named(profiles, GATEWAY), named(profiles, NGINX.name), named(few, HAPROXY.name));
    return {
      title: 'Gateway',
      about: [
        `\`wrk\` with ${load.connections} kept connections for ${load.seconds} s, by turns, median of ${rounds}: the gateway, others before the same three replicas, the gateway with one setting changed, and one replica without a proxy. Ratios are medians of each round's. The processor time is the proxy's own; noise is of requests/s. Aim: at least nginx's requests, at most its p99.`,
        ...(why === undefined ? [] : [why]),
      ].join('\n\n'),
      head: HEAD,
      rows: [...rows(few, nginx), ...rows(lots, lots[0]!)],
    };
  } finally {
    await wrk?.remove();
    for (const id of started) await engine.getContainer(id).remove({ force: true });
    // What an earlier run left behind may differ from its state.
    const gone = await stack.destroy({ remove: true, refresh: true });
    if (gone.code !== 0) console.error(gone.output);
    await target.deleteData(stack.scope);
  }
}

/** Each round begins with another subject, so that none always follows the same one. */
async function measureAll(wrk: Wrk, subjects: Subject[], load: Load, rounds: number): Promise<Measurements[]> {
  const all = subjects.map(({ name }): Measurements => ({ name, rounds: [] }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const index = (round + turn) % subjects.length;
      const measured = await measure(wrk, subjects[index]!, load);
      all[index]!.rounds.push(measured);
      console.error(`${subjects[index]!.name}: ${measured.perSecond.toFixed(0)} requests/s`);
    }
  }
  return all;
}

async function measure(wrk: Wrk, { url, proxy }: Subject, load: Load): Promise<Measured> {
  if (proxy === undefined) return wrk.load(url, load);
  const before = await processorTime(proxy);
  const { requests, ...seen } = await wrk.load(url, load);
  const { total, user, kernel } = spent(before, await processorTime(proxy));
  const cost = (seconds: number) => (seconds / requests) * 1e6;
  return { ...seen, cost: { total: cost(total), user: cost(user), kernel: cost(kernel) } };
}

/** In a load of its own: to be watched may cost something. */
async function profile(wrk: Wrk, { url, proxy }: Subject, measured: Measurements, load: Load): Promise<Profile> {
  // Watched from before the first request until after the last one.
  const counting = systemCalls(proxy!, load.seconds + 2 * WATCH_MARGIN_SECONDS);
  await sleep(WATCH_MARGIN_SECONDS * 1_000);
  const { requests } = await wrk.load(url, load);
  const counts = await counting;
  if (counts === undefined) return measured;
  const { all, send, receive, poll } = counts;
  return {
    ...measured,
    calls: { all: all / requests, send: send / requests, receive: receive / requests, poll: poll / requests },
  };
}

function named<T extends { name: string }>(all: readonly T[], name: string): T {
  return all.find((one) => one.name === name)!;
}

function url(server: string): string {
  return `http://${server}/echo?n=1`;
}

async function address(id: string, network: string): Promise<string> {
  const { NetworkSettings } = await engine.getContainer(id).inspect();
  return NetworkSettings.Networks[network]!.IPAddress;
}
