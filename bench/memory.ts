import { root } from '../test/behaviour/support/environment';
import { shopStack } from '../test/behaviour/support/shop';
import { Stack } from '../test/behaviour/support/stack';
import type { Section } from './section';
import { watched } from './watched';

export async function memory(): Promise<Section> {
  const { program } = await watched('@pulumi/docker', async (env) => {
    const { code, output } = await new Stack('shop', shopStack.name, root, {}, env).preview();
    if (code !== 0) throw new Error(output);
  });
  const foreign = program.packages.filter((name) => /aws|eks|kubernetes/.test(name));
  return {
    title: 'Memory of the program',
    about:
      'Peak resident memory of the Node process that runs the shop for `dev`, and the provider packages it loaded. Aim: none of AWS, EKS or Kubernetes.',
    head: ['peak', '@pulumi packages', 'of AWS, EKS, Kubernetes'],
    rows: [[`${program.peakMiB} MiB`, program.packages.join(', '), foreign.length === 0 ? 'none' : foreign.join(', ')]],
  };
}
