import type { V1Pod } from '@kubernetes/client-node';
import { kubectl, theCluster } from './support/cluster';
import { command } from './support/command';
import { REQUESTS } from './support/environment';
import { echoShot, fixtureStack } from './support/fixture';
import { underLoad } from './support/load';
import { describeCuts, describeLong, startLong } from './support/long-load';
import { expectNoneLost, report, reportLoad } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength } from './support/target';
import { sleep, timed, waitFor } from './support/wait';

/** Two on each of two nodes, so that the loss of one still leaves two. */
const REPLICAS = 4;
const SETTINGS = {
  'fixture:replicas': REPLICAS,
  // Longer than the longest session beside the drain.
  'fixture:patch': JSON.stringify({ services: { echo: { stopGrace: '60s' } } }),
};
const LOST = 'shop-2';
const MINUTES = 60_000;
/**
 * Kubernetes hears from a node every 10 s and gives it up after 50 s. Until then its Services go on sending new connections
 * to the gateway's pod there; the pods stay on its list for 30 s more.
 */
const GIVEN_UP_MS = 60_000;
const REPLACED_MS = GIVEN_UP_MS + 30_000 + 30_000;
const TOO_MANY_REQUESTS = 429;

const cluster = theCluster();
let stack: Stack;
let url: string;
let away = false;

beforeAll(async () => {
  const nodes = await cluster.nodes();
  if (!nodes.includes(LOST))
    throw new Error(`the cluster has the nodes ${nodes.join(', ')}; start two with: npm run cluster -- --nodes 2`);
  stack = await fixtureStack();
  // Anew, so that all of its pods are placed with both nodes there.
  await stack.mustUp({ ...SETTINGS, 'fixture:version': `nodes ${Date.now()}` });
  await fullStrength(stack.scope, 'echo', REPLICAS);
  url = await stack.url();
});

afterAll(async () => {
  await kubectl(['uncordon', LOST]);
  // The cluster may not have noticed yet.
  if (away) await bringBack();
  await stack.mustUp();
});

function nodeOf({ spec }: V1Pod): string {
  return spec!.nodeName!;
}

async function spread(member: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const pod of await cluster.pods(stack.scope, member)) counts[nodeOf(pod)] = (counts[nodeOf(pod)] ?? 0) + 1;
  return counts;
}

async function bringBack(): Promise<void> {
  const { code, output } = await command('npm', ['run', 'cluster', '--', '--nodes', '2']);
  if (code !== 0) throw new Error(output);
  away = false;
  await waitFor(`${LOST} to be ready`, async () => (await cluster.nodes()).includes(LOST), { timeout: MINUTES });
}

/** Lowest number of replicas that were ready while something went on. */
async function lowestWhile(work: Promise<unknown>): Promise<number> {
  let over = false;
  let lowest = Number.POSITIVE_INFINITY;
  const watched = work.finally(() => {
    over = true;
  });
  while (!over) {
    const pods = await cluster.pods(stack.scope, 'echo');
    lowest = Math.min(lowest, pods.filter(isReady).length);
    await sleep(200);
  }
  await watched;
  return lowest;
}

describe('on several nodes', () => {
  it('replicas are spread evenly', async () => {
    for (const [member, each] of [
      ['echo', REPLICAS / 2],
      ['caller', 1],
      ['gateway', 1],
    ] as const) {
      const counts = await spread(member);
      expect({ member, counts: Object.values(counts) }).toEqual({ member, counts: [each, each] });
    }
    report({ name: 'spread over nodes', note: JSON.stringify(await spread('echo')) });
  });

  it('an eviction that the disruption budget forbids is refused', async () => {
    const answers: number[] = [];
    const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
      const [first, second] = await cluster.pods(stack.scope, 'echo');
      answers.push(await cluster.evict(stack.scope, first!.metadata!.name!));
      answers.push(await cluster.evict(stack.scope, second!.metadata!.name!));
      await fullStrength(stack.scope, 'echo', REPLICAS);
      // With the replacement there, the next may go.
      await waitFor('the budget to allow another', async () => {
        const code = await cluster.evict(stack.scope, second!.metadata!.name!);
        return code !== TOO_MANY_REQUESTS && code;
      });
      await fullStrength(stack.scope, 'echo', REPLICAS);
    });
    expect(answers).toEqual([201, TOO_MANY_REQUESTS]);
    expectNoneLost('evictions', result, 'the second at once was refused');
  });

  it('a node is drained, and neither a request is lost nor a stream or a socket cut', async () => {
    let took = 0;
    let lowest = 0;
    const long = startLong({ url, posts: 6, streams: 6, sse: 4, webSockets: 4, uploads: 2 });
    // Each kind is under way.
    await sleep(5_000);
    // Only what is the fixture's: the cluster may be others' as well.
    const drain = [
      ...['drain', LOST, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=240s'],
      ...['--pod-selector', `app.kubernetes.io/part-of=${stack.scope}`],
    ];
    try {
      const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
        took = await timed(async () => {
          lowest = await lowestWhile(
            kubectl(drain, 5 * MINUTES).then(({ code, output }) => {
              if (code !== 0) throw new Error(output);
            }),
          );
        });
        await fullStrength(stack.scope, 'echo', REPLICAS);
      });
      expectNoneLost('drained node', result, `after ${took} ms, at least ${lowest} of ${REPLICAS} replicas ready`);
      const { cut, ...rest } = await long.finish();
      const sessions = rest.kinds.reduce((sum, { started }) => sum + started, 0);
      const note = describeLong({ ...rest, cut: [] });
      report({ name: 'drained node, long requests', requests: sessions, failed: cut.length, note });
      expect(describeCuts(cut)).toEqual([]);
    } finally {
      await long.abort();
      await kubectl(['uncordon', LOST]);
    }
    expect(Object.keys(await spread('echo'))).not.toContain(LOST);
    expect(lowest).toBeGreaterThanOrEqual(REPLICAS - 1);
  });

  it('a node that is lost takes some requests along, and its replicas run on the other', async () => {
    // After the drain they are all on one node.
    await stack.mustUp({ ...SETTINGS, 'fixture:version': `lost ${Date.now()}` });
    await fullStrength(stack.scope, 'echo', REPLICAS);
    expect(Object.values(await spread('echo'))).toEqual([REPLICAS / 2, REPLICAS / 2]);
    let replaced = 0;
    let back = 0;
    const load = { url, shot: echoShot(), requests: REQUESTS, rate: 300 };
    const result = await underLoad(load, async () => {
      await sleep(1_000);
      away = true;
      const { code, output } = await command('npm', ['run', 'cluster', '--', '--lose', LOST.replace(/^\D+/, '')]);
      if (code !== 0) throw new Error(output);
      replaced = await timed(() =>
        waitFor(
          'all replicas on the other node',
          async () => {
            const pods = await cluster.pods(stack.scope, 'echo');
            const elsewhere = pods.filter((pod) => nodeOf(pod) !== LOST);
            return pods.length === REPLICAS && elsewhere.length === REPLICAS && elsewhere.every(isReady);
          },
          { timeout: REPLACED_MS, every: 500 },
        ),
      );
      back = await timed(bringBack);
    });
    const outage = (result.lastFailure ?? 0) - (result.firstFailure ?? 0);
    reportLoad(
      'lost node',
      result,
      `full strength after ${replaced} ms, failures within ${outage} ms; back in ${back} ms`,
    );
    expect(outage).toBeLessThanOrEqual(GIVEN_UP_MS);
    // A worker that meets the lost node waits for its answer to be late, and then tries the next request.
    expect(result.failed).toBeLessThanOrEqual((result.workers * GIVEN_UP_MS) / 1_000);
    expect(await cluster.nodes()).toContain(LOST);
  });
});

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
