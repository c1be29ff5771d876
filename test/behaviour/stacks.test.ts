import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fullStrength, leftOf, target } from './support/target';
import { root } from './support/environment';
import { echoShot, fixtureStack } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost, report } from './support/report';
import { shop, shopStack } from './support/shop';
import { command } from './support/command';
import { Stack } from './support/stack';

const NAME = 'behaviour-copy';

afterAll(async () => {
  await target.deleteData((await fixtureStack('pair')).scope);
  rmSync(join(root, `Pulumi.${NAME}.yaml`), { force: true });
});

describe('two stacks side by side', () => {
  it('a shop made from a copy of its file answers beside the first, which does not notice when it goes', async () => {
    const first = await shop();
    const before = (await target.replicas(first.scope, 'product')).map(({ id }) => id).sort();
    await shopStack.pulumi(['stack', 'rm', NAME, '--yes']); // what a run that was broken off has left
    copyFileSync(join(root, `Pulumi.${shopStack.name}.yaml`), join(root, `Pulumi.${NAME}.yaml`));
    await run('up', NAME);
    const stack = new Stack('shop', NAME, root);
    const second = await shop(stack);
    try {
      expect(second.url).not.toBe(first.url);
      expect((await fetch(`${second.url}/api/products`)).status).toBe(200);
      expect((await fetch(`${first.url}/api/products`)).status).toBe(200);
    } finally {
      await run('down', NAME);
    }
    const data = target.dataOf(second.scope, 'backup', 'database');
    expect(await leftOf(second.scope)).toEqual({ objects: [], data });
    await run('down', NAME, '--data');
    expect(await leftOf(second.scope)).toEqual({ objects: [], data: [] });
    await stack.remove();
    expect((await target.replicas(first.scope, 'product')).map(({ id }) => id).sort()).toEqual(before);
    expect((await fetch(`${first.url}/api/products`)).status).toBe(200);
    report({
      name: 'two shops side by side',
      note: `${first.url} and ${second.url}; npm run down left ${data.join(', ')} only, and with --data nothing`,
    });
  });

  it('no request of one is lost while the other comes and goes', async () => {
    const first = await fixtureStack();
    await first.mustUp();
    await fullStrength(first.scope, 'echo', 3);
    const second = await fixtureStack('pair');
    const result = await underLoad(
      { url: await first.url(), shot: echoShot(), requests: 5_000, rate: 500 },
      async () => {
        await second.mustUp();
        expect((await second.destroy({ remove: true })).code).toBe(0);
      },
    );
    expectNoneLost('another stack comes and goes', result);
    expect((await leftOf(second.scope)).objects).toEqual([]);
  });
});

async function run(script: string, stack: string, ...options: string[]): Promise<void> {
  const { code, output } = await command('npm', ['run', script, '--', '--stack', stack, ...options], { cwd: root });
  if (code !== 0) throw new Error(output);
}
