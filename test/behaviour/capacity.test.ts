import { ECHO } from './fixture/definition';
import { engine } from './support/engine';
import { FULL } from './support/environment';
import { runningFixture } from './support/fixture';
import { underLoad, type LoadResult, type Shot } from './support/load';
import { expectNoneLost, report } from './support/report';
import { SlowReaders, type SlowReadersResult } from './support/slow-readers';
import type { Stack } from './support/stack';
import { target, type Container, type Memory } from './support/target';
import { sleep } from './support/wait';
import { WebSocketClient, type Refused } from './support/websocket';

const MIB = 2 ** 20;
/** Of one gateway; the second is the default. */
const LIMIT = FULL ? 8_192 : 2_000;
const BEYOND = 0.1;
/** New connections per second. */
const RATE = 250;
const SLOW_READERS = 800;
/** The kernel's buffers take the first MiB of each download at full speed: all at once, the test would measure this machine's processors. */
const READERS_RATE = 80;
const DOWNLOAD_MB = 30;
const READING_MS = 20_000;
const READ_EVERY_MS = 2_000;

const PATCH = {
  // Each open socket takes some 15 KiB of a replica.
  services: { echo: { resources: { memory: FULL ? '256Mi' : `${ECHO.memoryMiB}Mi` } } },
  gateway: FULL ? {} : { maxConnections: LIMIT },
};

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture({ 'fixture:patch': JSON.stringify(PATCH) }));
  if (FULL && target.name === 'docker') url = await besideDockerProxy();
});

/**
 * The gateway's own address on this machine. At the published one the engine's docker-proxy takes six files a connection, and
 * ends when it may open no more.
 */
async function besideDockerProxy(): Promise<string> {
  const [{ id } = { id: '' }] = await gateways();
  const { NetworkSettings } = await engine.getContainer(id).inspect();
  return `http://${NetworkSettings.Networks[`${stack.scope}-gateway`]!.IPAddress}:8080`;
}

async function gateways(): Promise<Container[]> {
  return (await target.containers(stack.scope)).filter(({ component, running }) => component === 'gateway' && running);
}

/** A request every 50 ms to another service than the one that the clients use. */
function besides(scenario: () => Promise<void>): Promise<LoadResult> {
  const shot: Shot = {
    kind: 'GET /kept',
    method: 'GET',
    path: '/kept',
    verify: ({ status }) => (status === 200 ? undefined : `status ${status}`),
  };
  return underLoad({ url, shot: () => shot, requests: 100, rate: 20, keptAlive: 1, fresh: 1, after: 500 }, scenario);
}

/** Starts so many a second, and waits until all have ended. */
async function atRate<T>(all: readonly T[], rate: number, act: (one: T) => Promise<unknown>): Promise<void> {
  await Promise.all(
    all.map(async (one, n) => {
      await sleep((n / rate) * 1_000);
      await act(one);
    }),
  );
}

interface Opened {
  clients: WebSocketClient[];
  refused: { status: number | undefined; ms: number; reason: string }[];
}

/** Opens WebSockets at a rate; those that are refused are told apart. */
async function open(count: number): Promise<Opened> {
  const opened: Opened = { clients: [], refused: [] };
  const began = performance.now();
  await atRate(Array.from({ length: count }), RATE, async () => {
    const start = performance.now();
    try {
      opened.clients.push(await WebSocketClient.open({ url, path: '/socket', timeout: 10_000 }));
    } catch (error) {
      const { status, message: reason } = error as Refused;
      opened.refused.push({ status, ms: Math.round(performance.now() - start), reason });
    }
  });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  report({ name: `${count} WebSockets`, note: `${opened.clients.length} opened in ${seconds} s` });
  return opened;
}

/** The aim holds for a machine that does nothing else; where others use it, only that no answer took 5 s, as for any load. */
function expectQuick(result: LoadResult): void {
  if (FULL) expect(result.latency.p99).toBeLessThan(100);
}

async function memories(): Promise<Memory[]> {
  return Promise.all((await gateways()).map(({ id }) => target.memory(id)));
}

const inMiB = (all: readonly Memory[]) =>
  all.map(({ used, limit }) => `${Math.round(used / MIB)} of ${Math.round(limit / MIB)} MiB`).join(', ');

describe('the limit of connections', () => {
  it('is what is documented; beyond it clients are refused at once, and other services answer all the time', async () => {
    const before = await gateways();
    const limit = LIMIT * before.length;
    let peak: Memory[] = [];
    const rounds: Opened[] = [];
    let echoed = 0;
    const result = await besides(async () => {
      // A limit that is not given back would show in the second round.
      for (let round = 0; round < 2; round++) {
        const { clients, refused } = await open(Math.ceil(limit * (1 + BEYOND)));
        rounds.push({ clients: clients.filter(({ ended }) => ended === undefined), refused });
        if (round === 0) peak = await memories();
        const some = clients.filter((_, n) => n % 20 === 0);
        for (const client of some) client.send('hello');
        const answers = await Promise.all(some.map((client) => client.receive(5_000).catch(() => '')));
        echoed += answers.filter((one) => one === 'hello').length - some.length;
        await atRate(clients, RATE, (client) => client.close(10_000).catch(() => client.destroy()));
        await sleep(1_000);
      }
    });
    const refused = rounds.flatMap((round) => round.refused);
    const slowest = Math.max(...refused.map(({ ms }) => ms));
    const note = `limit ${limit}: open ${rounds.map(({ clients }) => clients.length).join(', ')}; refused within ${slowest} ms; ${inMiB(peak)}`;
    expectNoneLost('connections beyond the limit, another service', result, note);
    expectQuick(result);
    expect([...new Set(refused.map(({ status, reason }) => status ?? reason))]).toEqual([503]);
    expect(slowest).toBeLessThan(1_000);
    for (const { clients } of rounds) {
      expect(clients.length).toBeLessThanOrEqual(limit);
      // Several gateways are not chosen evenly; the other service has some connections of one.
      expect(clients.length).toBeGreaterThanOrEqual(before.length === 1 ? limit - 4 : LIMIT);
    }
    expect(echoed).toBe(0);
    expect((await gateways()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });
});

describe('slow clients', () => {
  it(`${SLOW_READERS} that read a large download slowly do not exhaust the gateway's memory`, async () => {
    const before = await gateways();
    let readers: SlowReaders | undefined;
    let fared: SlowReadersResult | undefined;
    let peak = await memories();
    const path = `/download?mb=${DOWNLOAD_MB}`;
    try {
      const result = await besides(async () => {
        const all = { path, count: SLOW_READERS, rate: READERS_RATE, everyMs: READ_EVERY_MS };
        readers = await SlowReaders.start(url, all);
        const end = performance.now() + READING_MS;
        while (performance.now() < end) {
          await sleep(1_000);
          const now = await memories();
          peak = now.map((one, n) => (one.used > (peak[n]?.used ?? 0) ? one : peak[n]!));
        }
        fared = await readers.end();
      });
      const { closed, empty, bytes } = fared!;
      const note = `${closed} closed, ${Math.round(bytes / MIB)} MiB read; gateway at most ${inMiB(peak)}`;
      expectNoneLost('slow readers, another service', result, note);
      expect((await gateways()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      for (const { id } of before) expect(await target.outOfMemory(id)).toBe(false);
      expect({ closed, empty }).toEqual({ closed: 0, empty: 0 });
      expectQuick(result);
    } finally {
      readers?.abort();
    }
  });
});
