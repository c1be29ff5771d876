import { existsSync } from 'node:fs';
import { containers } from './engine';
import { fixtureStack } from './fixture';
import { command } from './stack';

/** The fixture is shared by the test files; after the last one it goes, with its data. */
export default async function teardown(): Promise<void> {
  const stack = await fixtureStack();
  if (!existsSync(stack.configFile) || (await containers(stack.prefix)).length === 0) return;
  const { code, output } = await stack.destroy();
  if (code !== 0) console.warn(`the fixture could not be removed:\n${output}`);
  await command('docker', ['volume', 'rm', '--force', `${stack.prefix}-keeper-data`]);
}
