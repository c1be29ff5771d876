// `npm run e2e [-- --target docker|kubernetes] [-- jest options]`: the behaviour tests, on the real engine or cluster. Sets
// the machine up first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { local } from './lib/project.mjs';
import { UserError, main, step } from './lib/report.mjs';
import { jestSuite } from './lib/suites.mjs';
import { setup } from './setup.mjs';
import { browser } from './setup/browser.mjs';

/** The engine builds the images that a cluster runs. */
const PROVIDERS = { docker: ['docker'], kubernetes: ['docker', 'kubernetes'] };
const TARGETS = ['docker', 'kubernetes'];

await main(async () => {
  const { target, rest } = takeTarget(process.argv.slice(2));
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

function takeTarget(argv) {
  const at = argv.indexOf('--target');
  if (at < 0) return { target: TARGETS[0], rest: argv };
  const target = argv[at + 1];
  if (!TARGETS.includes(target)) throw new UserError(`there is no target ${target}`, `one of ${TARGETS.join(', ')}`);
  return { target, rest: argv.filter((_, index) => index !== at && index !== at + 1) };
}
