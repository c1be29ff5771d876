import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { deploy } from './deployment';

describe('a program under test', () => {
  it('fails on a type that the mocks do not know', async () => {
    const program = deploy(() => new docker.Tag('tag', { sourceImage: 'a', targetImage: 'b' }));
    await expect(program).rejects.toThrow('unexpected type docker:index/tag:Tag of tag');
  });

  it('fails on a call of a provider function', async () => {
    await expect(deploy(() => docker.getNetwork({ name: 'x' }))).rejects.toThrow(
      'unexpected call of docker:index/getNetwork:getNetwork',
    );
  });

  it('is waited for until its last resource is registered, also one that waits for another', async () => {
    const { registrations } = await deploy(() => {
      const first = new docker.Volume('first', { name: 'a' });
      const slow = first.id.apply((id) => new Promise<string>((resolve) => setTimeout(() => resolve(`${id}-b`), 50)));
      return new docker.Volume('second', { name: slow });
    });
    expect(registrations.map(({ name, inputs, dependencies }) => [name, inputs['name'], dependencies])).toEqual([
      ['first', 'a', []],
      ['second', 'first-id-b', ['first']],
    ]);
  });

  it('shows where secrets were given', async () => {
    const { registrations } = await deploy(
      () => new docker.Volume('v', { name: 'a', driverOpts: { key: pulumi.secret('hush') } }),
    );
    expect(registrations[0]).toMatchObject({ inputs: { driverOpts: { key: 'hush' } }, secrets: ['driverOpts.key'] });
  });
});
