import { existsSync } from 'node:fs';
import { leftOf, target } from './target';
import { fixtureStack } from './fixture';

/** The fixture is shared by the test files; after the last one it goes, with its data. */
export default async function teardown(): Promise<void> {
  const stack = await fixtureStack();
  if (!existsSync(stack.configFile) || (await target.belongings(stack.scope)).objects.length === 0) return;
  let { code, output } = await stack.destroy();
  // A test that ended half-way may have left what the state does not know.
  if (code !== 0) ({ code, output } = await stack.destroy({ refresh: true }));
  if (code !== 0) console.warn(`the fixture could not be removed:\n${output}`);
  const { objects } = await leftOf(stack.scope, 60_000);
  if (objects.length > 0) console.warn(`left of the fixture: ${objects.join(', ')}`);
  await target.deleteData(stack.scope);
}
