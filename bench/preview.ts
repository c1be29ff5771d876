import { shopStack } from '../test/behaviour/support/shop';
import type { Stack } from '../test/behaviour/support/stack';
import { emptyProgram } from './empty-program';
import { sameResources } from './same-resources';
import type { Section } from './section';
import { against, byTurns } from './statistics';

const ROUNDS = 5;

export async function preview(): Promise<Section> {
  await shopStack.mustUp();
  const empty = await emptyProgram('bench-empty');
  const same = await sameResources(shopStack);
  let resources = '';
  const once = (stack: Stack) => async () => {
    const { code, seconds, output } = await stack.preview({}, ['--expect-no-changes']);
    if (code !== 0) throw new Error(output);
    resources = /(\d+) unchanged/.exec(output)?.[1] ?? resources;
    return seconds;
  };
  try {
    const [nothing, plain, shop] = await byTurns(ROUNDS, [once(empty.stack), once(same.stack), once(shopStack)]);
    const row = against(nothing!, 2);
    return {
      title: 'Preview without a change',
      about: `\`pulumi preview\` of the whole shop, ${resources} resources, against an empty program. Aim: at most 1.5 ×. The second program registers the same resources with the same inputs and does nothing else: no components, no validation, no questions to the engine. So what is between it and the empty one is Pulumi and its provider, and what is between it and the shop is ours.`,
      head: ['program', `seconds (median of ${ROUNDS})`, 'against empty', 'noise'],
      rows: [row('empty', nothing!), row('the same resources', plain!), row('shop', shop!)],
    };
  } finally {
    same.remove();
    await empty.remove();
  }
}
