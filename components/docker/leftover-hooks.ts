import * as pulumi from '@pulumi/pulumi';
import type { Engine } from './engine';
import type { NamedObject } from './leftovers';

/**
 * Makes room for an object that is about to be created: a Pulumi that was killed while it created one has left it on the
 * engine, and the state does not know it. The engine would refuse a second one of that name at every `up`.
 */
export function leftoverHooks(
  name: string,
  object: NamedObject,
  prefix: string,
  engine: Pick<Engine, 'removeLeftover'>,
): pulumi.ResourceHookBinding {
  const remove = new pulumi.ResourceHook(`${name}-leftover`, async () => {
    if (!(await engine.removeLeftover(prefix, object))) return;
    await pulumi.log.info(
      `${object.kind} ${object.name} is on the engine but not in Pulumi's state, for example after an interrupted update: ` +
        'it is removed and created again',
    );
  });
  return { beforeCreate: [remove] };
}
