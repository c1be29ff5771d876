// `npm run e2e [-- jest options]`: the behaviour tests, on the real engine. Sets the machine up first.
import { main, step } from './lib/report.mjs';
import { jestSuite } from './lib/suites.mjs';
import { setup } from './setup.mjs';
import { browser } from './setup/browser.mjs';

await main(async () => {
  await setup();
  await step('browser', browser);
  // One file after the other: they share one engine, and load must not disturb what another file measures.
  const passed = await jestSuite('e2e', [
    '--config',
    'test/behaviour/jest.config.js',
    '--runInBand',
    ...process.argv.slice(2),
  ]);
  return passed ? 0 : 1;
});
