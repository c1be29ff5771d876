// What a stack's data belongs to, which no update may change. Pure.
import { differences } from './preview-changes.mjs';

const APPLICATION = 'shop:components:Application';

/**
 * How a change would give the application of a stack another identity, in words; undefined if it does not. The application itself
 * refuses that in a preview, which knows what is deployed; a plan takes the base for it.
 */
export function identityChange(steps = []) {
  for (const { oldState, newState } of steps) {
    if (oldState?.type !== APPLICATION || newState?.type !== APPLICATION) continue;
    const changed = differences(oldState.inputs?.identity ?? {}, newState.inputs?.identity ?? {});
    if (changed.length === 0) continue;
    return changed
      .map(({ path, before, after }) => `${path.join('.')} ${before ?? 'none'} → ${after ?? 'none'}`)
      .join(', ');
  }
  return undefined;
}
