import { join } from 'node:path';
import type { ManySettings } from '../many/definition';
import { root } from './environment';
import { fixtureImage } from './fixture-image';
import { Stack } from './stack';
import { target as chosen, type Target } from './target';

const FIXTURE = /^fixture:/;

/** Many microservices as a stack. */
export async function manyStack(
  name: string,
  settings: Partial<Omit<ManySettings, 'image'>>,
  { target = chosen, env = {} }: { target?: Target; env?: Record<string, string> } = {},
): Promise<Stack> {
  const place = Object.entries(await target.fixtureConfig()).map(([key, value]) => [
    key.replace(FIXTURE, 'many:'),
    value,
  ]);
  const own = Object.entries(settings).map(([key, value]) => [`many:${key}`, value]);
  return new Stack(
    'many',
    name,
    join(root, 'test', 'behaviour', 'many'),
    {
      'many:image': await target.published(await fixtureImage()),
      ...(Object.fromEntries([...place, ...own]) as Record<string, string | number>),
    },
    env,
  );
}
