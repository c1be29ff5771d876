// `npm run e2e`: the behaviour tests, on the real engine or cluster. Sets the machine up first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { local, root } from './lib/project.mjs';
import { UserError, main, step } from './lib/report.mjs';
import { foreground } from './lib/run.mjs';
import { jestSuite, judgeJestOptions } from './lib/suites.mjs';
import { setup } from './setup.mjs';
import { browser } from './setup/browser.mjs';
import { TEST_ENGINES, besideEngine, refuseEngine, testEngine } from './setup/test-engine.mjs';

/** The engine builds the images that a cluster runs. */
const PROVIDERS = { docker: ['docker'], kubernetes: ['docker', 'kubernetes'] };
const TARGETS = ['docker', 'kubernetes'];

const COMMAND = {
  name: 'e2e',
  about: 'Runs the behaviour tests, on the real engine or on a cluster. They take about an hour on each.',
  positionals: { usage: '[PATTERN …]' },
  options: {
    target: { type: 'string', value: 'TARGET', default: TARGETS[0], about: `Where they run: ${TARGETS.join(' or ')}` },
    engine: {
      type: 'string',
      value: 'VERSION',
      about: `A Docker engine beside that of the machine: ${Object.keys(TEST_ENGINES).join(' or ')}. Needs root on Linux`,
    },
  },
  passesTo: 'jest',
  more: [
    'PATTERN chooses among the files of test/behaviour by their path. E2E_REQUESTS sets the number of requests of a load case,',
    'E2E_FULL=1 runs the long versions, E2E_STACK names another stack of the shop than `dev` or `staging`, whose data the tests change,',
    'E2E_KUBECONFIG and E2E_CONTEXT another cluster than that of `npm run cluster`, E2E_SEED repeats the choices of a run.',
  ],
  examples: [
    'npm run e2e -- behaviour/faults',
    'npm run e2e -- --engine 29.8 behaviour/shop',
    'npm run e2e -- --target kubernetes behaviour/nodes',
  ],
};

await main(async () => {
  const { values, rest } = commandLine(COMMAND);
  const { target, engine } = values;
  if (!TARGETS.includes(target)) throw new UserError(`there is no target ${target}`, `one of ${TARGETS.join(', ')}`);
  await judgeJestOptions(rest);
  if (engine !== undefined) {
    if (target !== 'docker') throw new UserError('--engine is for --target docker', 'leave one of them out');
    refuseEngine(engine);
    return onEngine(engine, rest);
  }
  process.env.E2E_TARGET = target;
  await setup({ providers: PROVIDERS[target] });
  await step('browser', browser);
  if (target === 'kubernetes' && !process.env.E2E_KUBECONFIG && !existsSync(join(local.folder, 'kubeconfig'))) {
    throw new UserError('there is no cluster to test on', 'npm run cluster, or name a kubeconfig in E2E_KUBECONFIG');
  }
  // One file after the other: they share one engine, and load must not disturb what another file measures.
  const args = ['--config', 'test/behaviour/jest.config.js', '--runInBand', ...rest];
  const passed = await jestSuite(suiteName(target), args, { timed: true });
  return passed ? 0 : 1;
});

/** The same command once more, beside the engine of that version. */
async function onEngine(version, rest) {
  await setup();
  let place;
  await step(`engine ${version}`, async (tell) => {
    place = await testEngine(version, tell);
    return `Docker ${place.version}, in the container ${place.name}`;
  });
  const { program, args, env } = besideEngine(place, version, [process.execPath, process.argv[1], ...rest]);
  return foreground(program, args, { env, cwd: root });
}

function suiteName(target) {
  const { E2E_ENGINE: engine } = process.env;
  return ['e2e', ...(target === 'docker' ? [] : [target]), ...(engine ? [`engine-${engine}`] : [])].join('-');
}
