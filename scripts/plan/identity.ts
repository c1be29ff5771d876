// What a stack's data belongs to, which no update may change.
import { changedFacts, type IdentityFacts } from '../../components/kept-identity';
import type { State, Step } from './compare';

const APPLICATION = 'shop:components:Application';

const identityOf = (state: State | undefined) =>
  state?.type === APPLICATION ? (state.inputs['identity'] as IdentityFacts | undefined) : undefined;

/**
 * Pure. How a change would give the application of a stack another identity, in words; undefined if it does not. The application
 * itself refuses that in a preview, which knows what is deployed; a plan takes the base for it.
 */
export function identityChange(steps: readonly Step[] = []): string | undefined {
  for (const { oldState, newState } of steps) {
    const [before, now] = [identityOf(oldState), identityOf(newState)];
    const changed = changedFacts(before, now);
    if (changed.length > 0)
      return changed.map((fact) => `${fact} ${before?.[fact] ?? 'none'} → ${now?.[fact] ?? 'none'}`).join(', ');
  }
  return undefined;
}
