import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECHO } from '../test/behaviour/fixture/definition';
import { theCluster } from '../test/behaviour/support/cluster';
import { command } from '../test/behaviour/support/command';
import { root } from '../test/behaviour/support/environment';
import type { Stack } from '../test/behaviour/support/stack';
import { targetNamed, type Target } from '../test/behaviour/support/target';
import { sleep, waitFor } from '../test/behaviour/support/wait';
import { fixtureOn, withoutCluster } from './fixture-on';
import type { Outcome } from './section';
import { byTurns, median, noise } from './statistics';

/** As many as echo has replicas: each is hurt once. Kubernetes makes one that ends twice wait before its next start. */
const ROUNDS = ECHO.replicas;
const MINUTE = 60_000;

/** The fixture on one platform, and what is done to its replicas. */
class Subject {
  private readonly hurt = new Set<string>();

  constructor(
    readonly target: Target,
    readonly stack: Stack,
  ) {}

  /** Seconds from hurting a replica that was never hurt before until all are healthy again. */
  async recovers(harm: (id: string) => Promise<void>): Promise<number> {
    await this.whole([]);
    const running = await this.target.replicas(this.stack.scope, 'echo');
    const victim = running.find(({ name }) => !this.hurt.has(name));
    if (!victim) throw new Error(`every replica of ${this.stack.scope} has been hurt before`);
    this.hurt.add(victim.name);
    const began = performance.now();
    await harm(victim.id);
    await this.whole([victim.id]);
    return (performance.now() - began) / 1_000;
  }

  /** Replaces every replica by one that was never hurt. */
  async renew(): Promise<void> {
    const before = await this.target.replicas(this.stack.scope, 'echo');
    await this.target.restart(this.stack.scope, 'echo');
    await this.whole(before.map(({ id }) => id));
    // A fault while the update still watches its last replica would be the update's.
    await sleep(2 * ECHO.monitorMs);
  }

  /** Waits until every replica is healthy, and none of `without` is among them. */
  async whole(without: string[]): Promise<void> {
    await waitFor(
      `${this.stack.scope} at full strength`,
      async () => {
        const running = await this.target.replicas(this.stack.scope, 'echo');
        const isHealthy = ({ id, health }: { id: string; health: string }) =>
          health === 'healthy' && !without.includes(id);
        return running.length === ECHO.replicas && running.every(isHealthy);
      },
      { timeout: 4 * MINUTE, every: 50 },
    );
  }
}

async function cluster(...args: string[]): Promise<void> {
  const { code, output } = await command('npm', ['run', 'cluster', '--', ...args]);
  if (code !== 0) throw new Error(output);
}

/** The node that can be lost, in a cluster of plain processes with more than one. */
async function nodeToLose(): Promise<string | undefined> {
  const facts = join(root, '.local', 'cluster.json');
  const { kind } = existsSync(facts) ? (JSON.parse(readFileSync(facts, 'utf8')) as { kind: string }) : { kind: '' };
  const [, second] = await theCluster().nodes();
  return kind === 'processes' ? second : undefined;
}

/** Seconds from the loss of a node until all replicas run on the others. The node comes back afterwards. */
async function nodeLoss({ stack, target }: Subject, node: string): Promise<{ seconds: number; lost: number }> {
  const kubernetes = theCluster();
  const count = (await kubernetes.nodes()).length;
  const lost = (await kubernetes.pods(stack.scope, 'echo')).filter(({ spec }) => spec?.nodeName === node);
  const names = lost.map(({ metadata }) => metadata!.name);
  if (names.length === 0) throw new Error(`no replica of ${stack.scope} runs on ${node}`);
  const began = performance.now();
  try {
    await cluster('--lose', node.replace(/^\D+/, ''));
    await waitFor(
      `${stack.scope} at full strength without ${node}`,
      async () => {
        const running = await target.replicas(stack.scope, 'echo');
        return (
          running.length === ECHO.replicas &&
          running.every(({ name, health }) => health === 'healthy' && !names.includes(name))
        );
      },
      { timeout: 10 * MINUTE, every: 250 },
    );
    return { seconds: (performance.now() - began) / 1_000, lost: lost.length };
  } finally {
    await cluster('--nodes', String(count));
  }
}

export async function recovery(): Promise<Outcome> {
  const skipped = await withoutCluster();
  if (skipped !== undefined) return { skipped };
  const subjects: Subject[] = [];
  for (const name of ['docker', 'kubernetes']) {
    const target = targetNamed(name);
    subjects.push(new Subject(target, await fixtureOn(target, `bench-recovery-${name}`)));
  }
  const [docker, kubernetes] = subjects as [Subject, Subject];
  try {
    for (const { stack } of subjects) await stack.mustUp();
    const faults: [string, (target: Target, id: string) => Promise<void>][] = [
      ['SIGKILL of a replica', (target, id) => target.kill(id)],
      ['a replica hangs (SIGSTOP)', (target, id) => target.freeze(id)],
    ];
    const rows: string[][] = [];
    for (const [fault, harm] of faults) {
      if (rows.length > 0) for (const subject of subjects) await subject.renew();
      const times = await byTurns(
        ROUNDS,
        subjects.map((subject) => () => subject.recovers((id) => harm(subject.target, id))),
      );
      const [base, other] = times.map(median);
      rows.push([
        fault,
        ...times.map((values) => `${median(values).toFixed(1)} (${noise(values)})`),
        ratio(other!, base!),
      ]);
    }
    rows.push(await lostNode(kubernetes));
    const { alive } = ECHO;
    return {
      title: 'Recovery',
      about: `Seconds until ${ECHO.replicas} replicas are healthy again, the fixture on Docker beside Kubernetes, median of ${ROUNDS}, a replica that was never hurt before each time. \`alive\` is asked every ${alive.intervalMs / 1_000} s and may fail ${alive.failures} times for ${alive.timeoutMs / 1_000} s each; a hung process must then be killed. A lost node is measured once: Kubernetes hears nothing from it for 50 s before it gives it up, and 30 s later moves what can move.`,
      head: ['', 'Docker', 'Kubernetes', 'Kubernetes against Docker'],
      rows,
    };
  } finally {
    for (const { stack, target } of [docker, kubernetes]) {
      await stack.destroy({ remove: true });
      await target.deleteData(stack.scope);
    }
  }
}

async function lostNode(subject: Subject): Promise<string[]> {
  const node = await nodeToLose();
  if (node === undefined) return ['a node is lost', '–', 'not measured: one node', '–'];
  await subject.renew();
  const { seconds, lost } = await nodeLoss(subject, node);
  return [`a node is lost, with ${lost} of ${ECHO.replicas} replicas`, '–', seconds.toFixed(1), '–'];
}

function ratio(value: number, base: number): string {
  return `${(value / base).toFixed(2)} ×`;
}
