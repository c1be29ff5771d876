// `npm test`: the tests that need no engine. Installs the npm packages first if need be.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { root } from './lib/project.mjs';
import { main, say } from './lib/report.mjs';
import { wasInterrupted } from './lib/signals.mjs';
import { countedProgram, jestSuite, judgeJestOptions, nodeSuite } from './lib/suites.mjs';
import { setup } from './setup.mjs';

const APP_TESTS = join(root, 'app', 'test.mjs');

const COMMAND = {
  name: 'test',
  about: 'Runs the tests that need no engine: of the library, the scripts and the services.',
  positionals: { usage: '[PATTERN …]' },
  options: {},
  passesTo: 'jest',
  more: ["PATTERN chooses among the library's test files by their path."],
  examples: ['npm test', 'npm test -- test/components/gateway -t routes'],
};

await main(async () => {
  const { rest } = commandLine(COMMAND);
  await judgeJestOptions(rest);
  await setup({ nodeOnly: true });
  const suites = [() => jestSuite('unit', rest), () => nodeSuite('scripts', scriptTests(join(root, 'scripts')))];
  if (existsSync(APP_TESTS)) {
    suites.push(() => {
      say('The tests of the services:');
      return countedProgram('node', [APP_TESTS]);
    });
  }
  let passed = true;
  for (const suite of suites) {
    if (wasInterrupted()) return 1;
    passed = (await suite()) && passed;
  }
  return passed ? 0 : 1;
});

/** Named one by one: the runner of Node 20 takes every file of a folder for a test. */
function scriptTests(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join(folder, file));
}
