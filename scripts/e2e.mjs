// `npm run e2e`: the behaviour tests, on the real engine or cluster. Sets the machine up first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { local } from './lib/project.mjs';
import { UserError, main, step } from './lib/report.mjs';
import { jestSuite, judgeJestOptions } from './lib/suites.mjs';
import { setup } from './setup.mjs';
import { browser } from './setup/browser.mjs';

/** The engine builds the images that a cluster runs. */
const PROVIDERS = { docker: ['docker'], kubernetes: ['docker', 'kubernetes'] };
const TARGETS = ['docker', 'kubernetes'];

const COMMAND = {
  name: 'e2e',
  about: 'Runs the behaviour tests, on the real engine or on a cluster. They take about an hour on each.',
  positionals: { usage: '[PATTERN …]' },
  options: {
    target: { type: 'string', value: 'TARGET', default: TARGETS[0], about: `Where they run: ${TARGETS.join(' or ')}` },
  },
  passesTo: 'jest',
  more: [
    'PATTERN chooses among the files of test/behaviour by their path. E2E_REQUESTS sets the number of requests of a load case,',
    'E2E_FULL=1 runs everything, E2E_KUBECONFIG names another cluster than that of `npm run cluster`.',
  ],
  examples: ['npm run e2e -- behaviour/faults', 'npm run e2e -- --target kubernetes behaviour/nodes'],
};

await main(async () => {
  const { values, rest } = commandLine(COMMAND);
  const { target } = values;
  if (!TARGETS.includes(target)) throw new UserError(`there is no target ${target}`, `one of ${TARGETS.join(', ')}`);
  await judgeJestOptions(rest);
  process.env.E2E_TARGET = target;
  await setup({ providers: PROVIDERS[target] });
  await step('browser', browser);
  if (target === 'kubernetes' && !process.env.E2E_KUBECONFIG && !existsSync(join(local.folder, 'kubeconfig'))) {
    throw new UserError('there is no cluster to test on', 'npm run cluster, or name a kubeconfig in E2E_KUBECONFIG');
  }
  // One file after the other: they share one engine, and load must not disturb what another file measures.
  const passed = await jestSuite(target === 'docker' ? 'e2e' : `e2e-${target}`, [
    '--config',
    'test/behaviour/jest.config.js',
    '--runInBand',
    ...rest,
  ]);
  return passed ? 0 : 1;
});
