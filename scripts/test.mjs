// `npm test [-- jest options]`: the tests that need no engine. Installs the npm packages first if need be.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/project.mjs';
import { main, say } from './lib/report.mjs';
import { countedProgram, jestSuite, nodeSuite } from './lib/suites.mjs';
import { setup } from './setup.mjs';

const APP_TESTS = join(root, 'app', 'test.mjs');

await main(async () => {
  await setup({ nodeOnly: true });
  const passed = [await jestSuite('unit', process.argv.slice(2))];
  passed.push(await nodeSuite('scripts', scriptTests(join(root, 'scripts'))));
  if (existsSync(APP_TESTS)) {
    say('The tests of the services:');
    passed.push(await countedProgram('node', [APP_TESTS]));
  }
  return passed.every(Boolean) ? 0 : 1;
});

/** Named one by one: the runner of Node 20 takes every file of a folder for a test. */
function scriptTests(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join(folder, file));
}
