import * as pulumi from '@pulumi/pulumi';
import { readConfig } from '../../infra/config';
import { stackIdentity } from '../../infra/stack-identity';
import { identityAdvice } from '../../stacks/identity-advice';

const config = (more: Record<string, string> = {}) => readConfig('shop', { 'shop:target': 'docker', ...more });
const files = (entries: Record<string, string>) => new Map(Object.entries(entries));
const STACK = { project: 'shop', stack: 'dev2' };
const RENAMED = 'config:\n  shop:target: docker\n  shop:renamedFrom: dev\n';

describe('the identity of a stack', () => {
  it('is its name, or the one that it had before', () => {
    expect(stackIdentity(STACK, config(), files({ dev: '', dev2: '' }))).toEqual(STACK);
    expect(stackIdentity(STACK, config({ 'shop:renamedFrom': 'dev' }), files({ dev2: RENAMED }))).toEqual({
      project: 'shop',
      stack: 'dev',
    });
    expect(stackIdentity(STACK, config({ 'shop:renamedFrom': 'none' }), files({ dev2: RENAMED }))).toEqual(STACK);
  });

  it('is had by no other stack: neither a new one of the old name, nor another one that was renamed', () => {
    const renamed = config({ 'shop:renamedFrom': 'dev' });
    expect(() => stackIdentity(STACK, renamed, files({ dev2: RENAMED, dev: '' }))).toThrow(
      /the stacks dev2 and dev would share the objects and data of dev/,
    );
    expect(() => stackIdentity({ ...STACK, stack: 'dev' }, config(), files({ dev: '', dev2: RENAMED }))).toThrow(
      /shop:renamedFrom is in Pulumi\.dev2\.yaml/,
    );
    expect(() => stackIdentity(STACK, renamed, files({ dev2: RENAMED, dev3: RENAMED }))).toThrow(/dev2 and dev3/);
  });

  it('that changes is answered with what goes on with the data', () => {
    const before = { project: 'shop', stack: 'dev', names: 'a', namespace: 'n' };
    expect(identityAdvice(before, { ...before, stack: 'dev2', names: 'b' })).toContain(
      `npx pulumi config set --stack ${pulumi.getStack()} renamedFrom dev\``,
    );
    expect(identityAdvice(before, { ...before, names: 'b' })).toContain('.local/installation-id');
    expect(identityAdvice(before, { ...before, namespace: 'm' })).toContain('back to n');
    const docker = { ...before, target: 'docker' };
    expect(identityAdvice(docker, { ...before, target: 'kubernetes' })).toContain(
      `cannot change its target. Set it back: npx pulumi config set --stack ${pulumi.getStack()} target docker.`,
    );
  });
});
