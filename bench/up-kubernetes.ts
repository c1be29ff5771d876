import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '../test/behaviour/support/cluster';
import { root } from '../test/behaviour/support/environment';
import type { Stack } from '../test/behaviour/support/stack';
import { targetNamed } from '../test/behaviour/support/target';
import { timed } from '../test/behaviour/support/wait';
import { emptyProgram } from './empty-program';
import { fixtureOn, withoutCluster } from './fixture-on';
import { objectsOf, watchedFor, type Manifest, type Objects } from './kubernetes-objects';
import type { Outcome } from './section';
import { against, byTurns } from './statistics';

const ROUNDS = 3;

async function must(...args: string[]): Promise<void> {
  const { code, output } = await kubectl(args, 300_000);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${output}`);
}

/** Ends the pods of a namespace without the time that they would get to finish requests: there are none. */
async function endPods(namespace: string): Promise<void> {
  await must('delete', 'deployments', '--all', '--namespace', namespace);
  await must('delete', 'pods', '--all', '--namespace', namespace, '--grace-period=1');
}

/** Deletes a namespace with all that is in it, and waits until it is gone. */
async function deleteNamespace(name: string): Promise<void> {
  await endPods(name);
  await must('delete', 'namespace', name, '--ignore-not-found', '--wait');
}

/** What a person with manifests does: apply, then wait for each Deployment. */
class Kubectl {
  constructor(
    private readonly folder: string,
    private readonly namespace: string,
    private readonly objects: Objects,
  ) {}

  /** Everything at once, as the definition has it. */
  async up(): Promise<number> {
    const { ground, deployments } = this.objects;
    try {
      return (await timed(() => this.applied([...ground, ...deployments], deployments))) / 1_000;
    } finally {
      await deleteNamespace(this.namespace);
    }
  }

  private async applied(items: Manifest[], deployments: Manifest[]): Promise<void> {
    const file = join(this.folder, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await must('apply', '--server-side', '--filename', file);
    for (const { metadata } of deployments) {
      await must('rollout', 'status', '--namespace', this.namespace, `deployment/${metadata.name}`, '--timeout=180s');
    }
  }
}

export async function upKubernetes(): Promise<Outcome> {
  const skipped = await withoutCluster();
  if (skipped !== undefined) return { skipped };
  const target = targetNamed('kubernetes');
  const stack = await fixtureOn(target, 'bench-up-kubernetes');
  const empty = await emptyProgram('bench-up-kubernetes-empty');
  const folder = mkdtempSync(join(root, '.local', 'bench-up-kubernetes-'));
  const namespace = `${stack.scope}-kubectl`;
  try {
    // Once beforehand: the nodes pull the images, and the state says what the objects are.
    await stack.mustUp();
    const objects = objectsOf(await stack.state(), stack.scope, namespace);
    await remove(stack);
    const theirs = new Kubectl(folder, namespace, objects);
    const [manifests, ours, nothing] = await byTurns(ROUNDS, [
      () => theirs.up(),
      async () => {
        const { seconds } = await stack.mustUp();
        await remove(stack);
        return seconds;
      },
      async () => (await empty.stack.mustUp()).seconds,
    ]);
    const row = against(manifests!, 1);
    const { length } = objects.deployments;
    const count = objects.ground.length + length;
    return {
      title: 'First `up` on Kubernetes',
      about: `The fixture's ${count} objects, ${length} Deployments among them, in a new namespace each time: \`pulumi up\` against \`kubectl apply\` and \`kubectl rollout status\` of the same objects, median of ${ROUNDS}. Both watch ready replicas for up to ${watchedFor(objects)} s (\`monitor\`). Aim: at most 1.5 ×, all waits included. An empty Pulumi program shows what starting the tools takes.`,
      head: ['', 'seconds', 'against kubectl', 'noise'],
      rows: [row('kubectl', manifests!), row('pulumi', ours!), row('an empty Pulumi program', nothing!)],
    };
  } finally {
    await empty.remove();
    await stack.destroy({ remove: true });
    for (const name of [namespace, stack.scope]) await deleteNamespace(name);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes a stack with its data, so that the next one begins with nothing. */
async function remove(stack: Stack): Promise<void> {
  await endPods(stack.scope);
  const { code, output } = await stack.destroy();
  if (code !== 0) throw new Error(output);
  await deleteNamespace(stack.scope);
}
