import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../test/behaviour/support/environment';
import { shopStack } from '../test/behaviour/support/shop';
import { Stack } from '../test/behaviour/support/stack';
import type { Section } from './section';
import { byTurns, median, noise } from './statistics';

/** An empty program with the same runtime options, in a project inside the repository so that it finds the same packages. */
async function emptyProgram(): Promise<{ stack: Stack; remove: () => Promise<void> }> {
  const folder = mkdtempSync(join(root, '.local', 'bench-empty-'));
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    'name: bench-empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --import tsx\nmain: index.ts\n',
  );
  writeFileSync(
    join(folder, 'index.ts'),
    "import * as pulumi from '@pulumi/pulumi';\nexport const nothing = pulumi.output(1);\n",
  );
  const stack = new Stack('bench-empty', 'bench', folder);
  await stack.mustUp();
  const remove = async () => {
    await stack.destroy({ remove: true });
    rmSync(folder, { recursive: true, force: true });
  };
  return { stack, remove };
}

export async function preview(): Promise<Section> {
  await shopStack.mustUp();
  const empty = await emptyProgram();
  const once = (stack: Stack) => async () => {
    const { code, seconds, output } = await stack.preview();
    if (code !== 0) throw new Error(output);
    return seconds;
  };
  try {
    const [shop, nothing] = await byTurns(5, [once(shopStack), once(empty.stack)]);
    return {
      title: 'Preview without a change',
      about: 'The whole shop against an empty Pulumi program, both through `npx pulumi preview`. Aim: at most 1.5 ×.',
      head: ['program', 'seconds (median of 5)', 'against empty', 'noise'],
      rows: [
        ['empty', median(nothing!).toFixed(2), '1 ×', noise(nothing!)],
        ['shop', median(shop!).toFixed(2), `${(median(shop!) / median(nothing!)).toFixed(2)} ×`, noise(shop!)],
      ],
    };
  } finally {
    await empty.remove();
  }
}
