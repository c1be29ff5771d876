import { ECHO } from './fixture/definition';
import { theCluster } from './support/cluster';
import { Executions } from './support/executions';
import { echoShot, onlyVersion, runningFixture } from './support/fixture';
import { underLoad, type LoadResult } from './support/load';
import { describeCuts, describeLong, startLong, type Cut, type LongLoad, type LongResult } from './support/long-load';
import { echoSocket, eventStream, slowPost, streamedGet } from './support/long-sessions';
import { onKubernetes } from './support/only';
import { expectNoneLost, report } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, target } from './support/target';
import { sleep } from './support/wait';

/** Longer than the longest session: none has to be cut. */
const LONG_GRACE = patch('60s');
/** Longer than any reload might grant by accident. */
const PATIENT_SECONDS = 120;
const SHORT_GRACE_SECONDS = 10;
/** Sessions of a replica that leaves come to their end before another takes its place. */
const REPLACED_MS = 120_000;

let stack: Stack;
let url: string;
let long: LongLoad;
/** Sessions of a service that nothing happens to, longer than the others. */
let patient: LongLoad | undefined;
let patientResult: Promise<LongResult> | undefined;
let executions: Executions;
let short: Promise<LoadResult>;
let endShort = () => {};

function patch(stopGrace: string) {
  return { 'fixture:patch': JSON.stringify({ services: { echo: { stopGrace }, keeper: { timeout: '5m' } } }) };
}

const up = (changes: Record<string, unknown> = {}) => stack.mustUp({ ...LONG_GRACE, ...changes });

beforeAll(async () => {
  ({ stack, url } = await runningFixture(LONG_GRACE));
});

/** Fails with the sessions that were cut meanwhile. */
async function expectWhole(phase: string, work: () => Promise<unknown>, allowed = (_: Cut) => false): Promise<void> {
  const cut = (await long.during(phase, work)).filter((one) => !allowed(one));
  report({ name: `long requests: ${phase}`, failed: cut.length });
  if (cut.length > 0) throw new Error(`${cut.length} cut\n${describeCuts(cut).join('\n')}`);
}

describe('nothing in flight is cut', () => {
  const excused: Cut[] = [];

  beforeAll(() => {
    executions = new Executions(stack.scope, 'echo');
    long = startLong({ url, posts: 6, streams: 6, sse: 4, webSockets: 4, uploads: 2, maxTime: 500_000 });
    const scenario = () => new Promise<void>((resolve) => (endShort = resolve));
    short = underLoad({ url, shot: echoShot({ run: 'long-' }), requests: 0, rate: 50, maxTime: 580_000 }, scenario);
    // A failure is looked at when it is awaited.
    short.catch(() => {});
  });

  afterAll(async () => {
    endShort();
    await Promise.allSettled([long.abort(), patient?.abort(), executions.stop(), short]);
  });

  it('by an update of three replicas', async () => {
    await expectWhole('update', () => up({ 'fixture:version': '2' }));
    await onlyVersion(url, '2');
  });

  it('by fewer replicas, and more again', async () => {
    await expectWhole('scale down and up', async () => {
      await up({ 'fixture:version': '2', 'fixture:replicas': 1 });
      await up({ 'fixture:version': '2' });
      await fullStrength(stack.scope, 'echo', ECHO.replicas, { timeout: REPLACED_MS });
    });
  });

  it('by a changed route', async () => {
    const others = [slowPost, eventStream, echoSocket].map((run) => ({
      kind: `${run.name} ${PATIENT_SECONDS} s`,
      ...{ count: 1, seconds: PATIENT_SECONDS, run },
    }));
    patient = startLong({ url, prefix: '/kept', others });
    await sleep(1_000);
    // Looked at in a later case.
    patientResult = patient.finish();
    await expectWhole('changed route', () => up({ 'fixture:version': '2', 'fixture:extra': 'route' }));
  });

  it('by an added service', async () => {
    await expectWhole('added service', () => up({ 'fixture:version': '2', 'fixture:extra': 'service' }));
  });

  it('when a replica is not ready for some seconds', async () => {
    const [one] = await target.replicas(stack.scope, 'echo');
    await expectWhole('a replica that is not ready', async () => {
      await target.exec(one!.id, ['touch', '/tmp/unready']);
      await sleep(3_000);
      await target.exec(one!.id, ['rm', '/tmp/unready']);
    });
  });

  it('on the other replicas, when one that fails its alive check is replaced', async () => {
    const [victim] = await target.replicas(stack.scope, 'echo');
    // What fails its alive check gets one second, from the kubelet as from the probe.
    const isVictims = ({ id, replica = executions.of(id)[0] }: Cut) => replica === victim!.hostname;
    await expectWhole(
      'a replica that is replaced',
      async () => {
        await target.exec(victim!.id, ['touch', '/tmp/unalive']);
        await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [victim!.id], timeout: REPLACED_MS });
        await executions.look();
      },
      isVictims,
    );
    excused.push(...long.cut.filter(isVictims));
  });

  onKubernetes('of a cluster', () => {
    it('by the eviction of a replica', async () => {
      await expectWhole('eviction', async () => {
        const [one] = await target.replicas(stack.scope, 'echo');
        expect(await theCluster().evict(stack.scope, one!.name)).toBe(201);
        await fullStrength(stack.scope, 'echo', ECHO.replicas, { without: [one!.id], timeout: REPLACED_MS });
      });
    });

    it('by a rollout of the gateway', async () => {
      await expectWhole('gateway rollout', async () => {
        await target.restart(stack.scope, 'gateway');
        await sleep(15_000);
      });
    });
  });

  it('nor what takes minutes, when only the rules of the gateway change', async () => {
    const result = await patientResult!;
    report({
      name: 'long requests over two reloads',
      failed: result.cut.length,
      note: describeLong({ ...result, cut: [] }),
    });
    expect(describeCuts(result.cut)).toEqual([]);
  });

  it('and each request was executed once', async () => {
    const result = await long.finish();
    endShort();
    await executions.stop();
    const lost = result.cut.filter((cut) => !excused.includes(cut));
    const orders = [...(result.ids['POST 8 s'] ?? []), ...(result.ids['upload 10 s'] ?? [])];
    const twice = orders.filter((id) => executions.of(id).length > 1);
    const cutButExecuted = lost.filter(({ id }) => executions.of(id).length > 0);
    report({
      name: 'long requests: all',
      requests: result.kinds.reduce((sum, { started }) => sum + started, 0),
      failed: lost.length,
      note: describeLong({ ...result, cut: [] }),
    });
    expect(describeCuts(lost)).toEqual([]);
    expect(twice).toEqual([]);
    expect(cutButExecuted).toEqual([]);
    expect(orders.filter((id) => executions.of(id).length === 0)).toEqual([]);
    for (const { kind, finished } of result.kinds) expect({ kind, some: finished > 2 }).toEqual({ kind, some: true });
    expectNoneLost('short requests beside long ones', await short);
  });
});

describe('the grace period', () => {
  it('is the bound: a stream that is longer is cut at its end', async () => {
    const grace = patch(`${SHORT_GRACE_SECONDS}s`);
    await stack.mustUp({ ...grace, 'fixture:version': '2', 'fixture:replicas': 1 });
    await fullStrength(stack.scope, 'echo', 1, { timeout: REPLACED_MS });
    const seconds = 60;
    const signal = AbortSignal.timeout((seconds + 10) * 1_000);
    const stream = streamedGet({ url, prefix: '', id: `long-${Date.now()}`, seconds, agent: undefined, signal });
    await sleep(1_000);
    await target.restart(stack.scope, 'echo');
    const { wrong, terminatingAt, endedAt } = await stream;
    const took = terminatingAt === undefined ? 0 : (endedAt - terminatingAt) / 1_000;
    report({ name: 'a stream longer than the grace period', note: `cut ${took.toFixed(1)} s after SIGTERM: ${wrong}` });
    expect(wrong).toMatch(/in the answer/);
    expect(took).toBeGreaterThan(SHORT_GRACE_SECONDS - 1);
    expect(took).toBeLessThan(SHORT_GRACE_SECONDS + 3);
  });
});
