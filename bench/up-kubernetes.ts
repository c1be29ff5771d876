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
import { byTurns, median, noise } from './statistics';

const ROUNDS = 3;

async function must(...args: string[]): Promise<void> {
  const { code, output } = await kubectl(args, 300_000);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${output}`);
}

/** Deletes a namespace with all that is in it, and waits until it is gone. */
function deleteNamespace(name: string): Promise<void> {
  return must('delete', 'namespace', name, '--ignore-not-found', '--wait');
}

/** What a person with manifests does: apply, then wait for each Deployment. */
class Kubectl {
  constructor(
    private readonly folder: string,
    private readonly namespace: string,
    private readonly objects: Objects,
  ) {}

  /** Everything at once: nothing waits for what it depends on. */
  together(): Promise<number> {
    const { ground, stages } = this.objects;
    return this.measured(() => this.applied([...ground, ...stages.flat()], stages.flat()));
  }

  /** As our definition says: what others depend on is up before they start. */
  inStages(): Promise<number> {
    const { ground, stages } = this.objects;
    return this.measured(async () => {
      await this.applied(ground, []);
      for (const stage of stages) await this.applied(stage, stage);
    });
  }

  private async measured(work: () => Promise<void>): Promise<number> {
    try {
      return (await timed(work)) / 1_000;
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
    const [together, inStages, ours, nothing] = await byTurns(ROUNDS, [
      () => theirs.together(),
      () => theirs.inStages(),
      async () => {
        const { seconds } = await stack.mustUp();
        await remove(stack);
        return seconds;
      },
      async () => (await empty.stack.mustUp()).seconds,
    ]);
    const watched = watchedFor(objects);
    const more = watched.inStages - watched.together;
    const base = median(together!);
    const row = (name: string, seconds: number, values: number[]) => [
      name,
      seconds.toFixed(1),
      `${(seconds / base).toFixed(2)} ×`,
      noise(values),
    ];
    const count = objects.ground.length + objects.stages.flat().length;
    return {
      title: 'First `up` on Kubernetes',
      about: `The fixture's ${count} objects, ${objects.stages.flat().length} Deployments among them, in a new namespace each time: \`pulumi up\` against \`kubectl apply\` and \`kubectl rollout status\` of the same objects, median of ${ROUNDS}. Aim: at most 1.5 × the first row, fixed waits apart. Each rollout watches its replicas for ${watched.together} s (\`monitor\`). \`kubectl\` starts everything together; a definition starts a service after those that it calls, in ${objects.stages.length} stages here, which adds ${more} s of watching.`,
      head: ['', 'seconds', 'against kubectl', 'noise'],
      rows: [
        row('kubectl, everything together', base, together!),
        row('kubectl, stage by stage', median(inStages!), inStages!),
        row('pulumi', median(ours!), ours!),
        row(`pulumi, less the ${more} s`, median(ours!) - more, ours!),
        row('an empty Pulumi program', median(nothing!), nothing!),
      ],
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
  const { code, output } = await stack.destroy();
  if (code !== 0) throw new Error(output);
  await deleteNamespace(stack.scope);
}
