import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl, place } from '../test/behaviour/support/cluster';
import { root } from '../test/behaviour/support/environment';
import { fixtureImage } from '../test/behaviour/support/fixture-image';
import { Stack } from '../test/behaviour/support/stack';
import type { Target } from '../test/behaviour/support/target';

/** The fixture of the behaviour tests as a stack of its own, on whichever target. */
export async function fixtureOn(target: Target, name: string): Promise<Stack> {
  return new Stack('fixture', name, join(root, 'test', 'behaviour', 'fixture'), {
    'fixture:image': await target.published(await fixtureImage()),
    ...(await target.fixtureConfig()),
  });
}

/** Why nothing can be measured on Kubernetes here, or nothing. */
export async function withoutCluster(): Promise<string | undefined> {
  if (!existsSync(place.kubeconfig)) return 'this clone knows of no cluster; `npm run cluster` starts one';
  const { code } = await kubectl(['get', '--raw', '/readyz', '--request-timeout=5s']);
  return code === 0 ? undefined : 'the cluster does not answer; `npm run cluster` starts it';
}
