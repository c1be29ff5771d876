import { theCluster } from './support/cluster';
import { expectNoCallLost, GrpcFixture, RPC, type CallLoad } from './support/grpc';
import { onKubernetes } from './support/only';
import { report } from './support/report';
import { fullStrength, target } from './support/target';
import { sleep, waitFor } from './support/wait';

let fixture: GrpcFixture;

beforeAll(async () => {
  fixture = await GrpcFixture.running();
});

afterAll(async () => {
  await fixture.stack.destroy({ remove: true });
  await target.deleteData(fixture.stack.scope);
});

type Way = 'throughGateway' | 'fromService';

interface Outcome {
  result?: unknown;
  status?: string;
  details?: string;
  seconds: number;
}

describe.each<Way>(['throughGateway', 'fromService'])('a gRPC client %s', (way) => {
  const ask = <T>(...words: string[]) => fixture[way]<T>(words);

  it('makes calls of every kind, with metadata, trailers and large messages', async () => {
    expect(await ask('kinds')).toEqual({
      text: 'é'.repeat(1_000),
      metadata: 'kept',
      trailers: true,
      large: 3_000_000,
      stream: [0, 1, 2, 3, 4],
      streamTrailers: true,
      chat: ['0', '1', '2', '3', '4'],
    });
  });

  it('gets the statuses of the service, and keeps its own deadlines', async () => {
    const { abort, unknown, deadline, slow, long, silent } = await ask<Record<string, Outcome>>('failures');
    expect(abort).toMatchObject({ status: 'NOT_FOUND', details: 'as asked' });
    expect(unknown).toMatchObject({ status: 'UNIMPLEMENTED' });
    expect(deadline).toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    expect(deadline!.seconds).toBeLessThan(1);
    // `timeout` ends a call that has no answer yet, and is not for a stream that goes on; `idleTimeout` ends one that does not.
    expect(long).toMatchObject({ result: 9 });
    expect(long!.seconds).toBeGreaterThan(RPC.timeoutMs / 1_000);
    // Where no proxy is between services, nothing but the client ends a call.
    if (way === 'fromService' && !target.repeatsBetweenServices) {
      expect(slow!.seconds).toBeCloseTo(8, 0);
      expect(silent).toMatchObject({ result: 2 });
      return;
    }
    expect(slow).toMatchObject({ status: 'UNAVAILABLE', details: expect.stringContaining('504') as string });
    expect(slow!.seconds).toBeCloseTo(RPC.timeoutMs / 1_000, 0);
    expect(silent!.status).toMatch(/^(UNAVAILABLE|CANCELLED|INTERNAL|UNKNOWN)$/);
    expect(silent!.seconds).toBeLessThan(12);
  });

  it('has its connections spread over the replicas', async () =>
    expect(Object.keys(await ask<Record<string, number>>('replicas'))).toHaveLength(RPC.replicas));
});

/** Under load from both sides, which ends once all replicas are of `version`. */
async function underCalls(what: string, version: string, work: (phase: Phase) => Promise<void>): Promise<void> {
  const longest = 480;
  const words = ['load', String(longest), version];
  const began = performance.now();
  const loads = Promise.all([
    fixture.throughGateway<CallLoad>(words, 540_000),
    fixture.fromService<CallLoad>(words, 540_000),
  ]);
  loads.catch(() => {});
  await sleep(3_000);
  // The time of a lost call says which one it was.
  await work(async (name, change) => {
    const from = (performance.now() - began) / 1_000;
    await change();
    const to = (performance.now() - began) / 1_000;
    report({ name: `gRPC: ${name}`, note: `from ${from.toFixed(0)} to ${to.toFixed(0)} s` });
  });
  const [gateway, service] = await loads;
  expectNoCallLost(`gRPC: ${what}, through the gateway`, gateway);
  expectNoCallLost(`gRPC: ${what}, from a service`, service);
  for (const { seconds } of [gateway, service]) expect(seconds).toBeLessThan(longest);
}

type Phase = (name: string, change: () => Promise<unknown>) => Promise<void>;

it('no call is lost by changes of the application, of which the last replaces every replica', () =>
  underCalls('changes', '2', async (phase) => {
    const now = { version: '1' };
    await phase('scale down', () => fixture.deploy({ ...now, replicas: 1 }));
    await phase('scale up', async () => {
      await fixture.deploy(now);
      await fullStrength(fixture.stack.scope, 'rpc', RPC.replicas);
    });
    await phase('changed route', () => fixture.deploy({ ...now, extra: 'route' }));
    await phase('added service', () => fixture.deploy({ ...now, extra: 'service' }));
    await phase('update', () => fixture.deploy({ version: '2' }));
  }));

onKubernetes('of a cluster', () => {
  it('no call is lost by an eviction, or by a rollout of the gateway', () =>
    underCalls('eviction and gateway', '3', async (phase) => {
      await phase('eviction', async () => {
        const [one] = await target.replicas(fixture.stack.scope, 'rpc');
        expect(await theCluster().evict(fixture.stack.scope, one!.name)).toBe(201);
        await fullStrength(fixture.stack.scope, 'rpc', RPC.replicas, { without: [one!.id] });
      });
      await phase('gateway rollout', async () => {
        await target.restart(fixture.stack.scope, 'gateway');
        await sleep(15_000);
      });
      await phase('update', () => fixture.deploy({ version: '3' }));
    }));
});

it('a replica that reports NOT_SERVING gets no new calls and keeps those that run', async () => {
  await fullStrength(fixture.stack.scope, 'rpc', RPC.replicas);
  const load = fixture.throughGateway<CallLoad>(['load', '20'], 90_000);
  await sleep(2_000);
  const { replica } = await fixture.throughGateway<{ replica: string }>(['health', '', 'NOT_SERVING']);
  await waitFor('the replica to get no new calls', async () => {
    const seen = await fixture.throughGateway<Record<string, number>>(['replicas']);
    return !(replica in seen) && Object.keys(seen).length === RPC.replicas - 1;
  });
  const [one] = (await target.replicas(fixture.stack.scope, 'rpc')).filter(({ hostname }) => hostname === replica);
  expectNoCallLost('gRPC: not ready', await load);
  // Not ready is no reason to replace it.
  await target.exec(one!.id, ['python3', 'client.py', 'localhost:8080', 'health', '', 'SERVING']);
  await waitFor(
    'the replica to get calls again',
    async () => replica in (await fixture.throughGateway<object>(['replicas'])),
  );
});

it('a replica whose `alive` is not SERVING is replaced', async () => {
  const [before] = await target.replicas(fixture.stack.scope, 'rpc');
  await target.exec(before!.id, ['python3', 'client.py', 'localhost:8080', 'health', 'liveness', 'NOT_SERVING']);
  const took = await fullStrength(fixture.stack.scope, 'rpc', RPC.replicas, { without: [before!.id] });
  report({ name: 'gRPC: alive is not SERVING', note: `replaced after ${took} ms` });
});

it('of a killed replica no call is lost that carries an Idempotency-Key', async () => {
  const load = fixture.throughGateway<CallLoad>(['load', '20'], 90_000);
  await sleep(4_000);
  const victim = await waitFor('a replica to have several streams', () => fixture.withStreams(2));
  await target.kill(victim.id);
  const { done, failed } = await load;
  report({ name: 'gRPC: killed replica', note: JSON.stringify({ done, failed }) });
  // Its streams are lost, which shows that it had some.
  expect(Object.keys(failed).filter((kind) => /^(stream|chat)/.test(kind))).not.toEqual([]);
  expect(Object.keys(failed).filter((kind) => kind.startsWith('keyed'))).toEqual([]);
  // Never a reset that says "not processed": the client would send the call again by itself.
  expect(Object.keys(failed).filter((kind) => kind.includes('error code 7'))).toEqual([]);
  await fullStrength(fixture.stack.scope, 'rpc', RPC.replicas);
});
