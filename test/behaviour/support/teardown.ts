import { existsSync } from 'node:fs';
import { belongings, containers } from './engine';
import { fixtureStack } from './fixture';
import { command } from './stack';
import { waitFor } from './wait';

/** The fixture is shared by the test files; after the last one it goes, with its data. */
export default async function teardown(): Promise<void> {
  const stack = await fixtureStack();
  if (!existsSync(stack.configFile) || (await containers(stack.prefix)).length === 0) return;
  let { code, output } = await stack.destroy();
  // A test that ended half-way may have left what the state does not know.
  if (code !== 0) ({ code, output } = await stack.destroy({ refresh: true }));
  if (code !== 0) console.warn(`the fixture could not be removed:\n${output}`);
  await waitFor('the containers to go', async () => (await belongings(stack.prefix)).objects.length === 0, {
    timeout: 60_000,
  }).catch(console.warn);
  await command('docker', ['volume', 'rm', '--force', `${stack.prefix}-keeper-data`]);
}
