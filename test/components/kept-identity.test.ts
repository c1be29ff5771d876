import { identityHook, identityProblem, IdentityChangedError } from '../../components/kept-identity';
import { deploy } from '../support/deployment';

const NAMES = { project: 'shop', stack: 'dev', names: 'shop-dev-1' };
const OTHER = { project: 'shop', stack: 'dev2', names: 'shop-dev2-2' };

describe('the identity of an application that runs', () => {
  it('stays, or is not known yet', () => {
    expect(identityProblem('shop', NAMES, { ...NAMES })).toBeUndefined();
    expect(identityProblem('shop', undefined, NAMES)).toBeUndefined();
    expect(identityProblem('shop', NAMES, undefined)).toBeUndefined();
  });

  it('is refused when it changes: what changes, what would be lost, and what to do', () => {
    const problem = identityProblem('shop', NAMES, OTHER)!;
    for (const words of [
      'application "shop"',
      'stack "dev" → "dev2"',
      'names "shop-dev-1" → "shop-dev2-2"',
      'recreated with empty storage. Nothing was changed.',
      'Restore the previous value',
    ])
      expect(problem).toContain(words);
    expect(problem).not.toContain('project');
    expect(identityProblem('shop', NAMES, { ...NAMES, namespace: 'n' })).toContain('namespace none → "n"');
    expect(identityProblem('shop', NAMES, OTHER, ({ stack }, now) => `${stack} to ${now['stack']}!`)).toContain(
      'dev to dev2!',
    );
  });

  it('is looked at in previews as well, before anything else is asked', async () => {
    const others = { beforeUpdate: [() => undefined], afterCreate: [() => undefined] };
    const { result, runHook } = await deploy(() => identityHook('shop', undefined, others));
    const { beforeUpdate, afterCreate } = result;
    expect(afterCreate).toBe(others.afterCreate);
    expect(beforeUpdate).toHaveLength(2);
    expect((beforeUpdate![0] as unknown as { opts: object }).opts).toEqual({ onDryRun: true });
    const change = { oldInputs: { identity: NAMES }, newInputs: { identity: OTHER } };
    await expect(runHook('shop-identity', change)).rejects.toThrow(IdentityChangedError);
    await runHook('shop-identity', { ...change, oldInputs: {} });
  });
});
