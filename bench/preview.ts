import { shopStack } from '../test/behaviour/support/shop';
import type { Stack } from '../test/behaviour/support/stack';
import { emptyProgram } from './empty-program';
import type { Section } from './section';
import { byTurns, median, noise } from './statistics';

export async function preview(): Promise<Section> {
  await shopStack.mustUp();
  const empty = await emptyProgram('bench-empty');
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
