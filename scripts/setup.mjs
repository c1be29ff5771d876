// Makes this machine ready: `npm run setup`. Safe to repeat; a second run takes a second or two. Other scripts call it
// first, so nobody has to remember it. With --node-only it installs the npm packages and stops; with --stack NAME it gets what
// that stack needs; with --provider NAME (once or more) other providers than Docker's; with --refresh-images it asks again
// for an image registry and makes the stand-ins anew.
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './lib/lock.mjs';
import { findCli } from './lib/pulumi.mjs';
import { main, say, step, UserError } from './lib/report.mjs';
import { needsOf, targetOf } from './lib/stack-needs.mjs';
import { baseImages } from './setup/base-images.mjs';
import { engine } from './setup/engine.mjs';
import { writeEnvironment } from './setup/environment.mjs';
import { nodeModules } from './setup/node-modules.mjs';
import { state } from './setup/state.mjs';
import { PROVIDERS, toolchain } from './setup/toolchain.mjs';

/** @param stack its target says what is needed; without one, `providers` does. */
export async function setup({ nodeOnly = false, refreshImages = false, providers = ['docker'], stack } = {}) {
  await withLock(async () => {
    await step('npm packages', nodeModules);
    if (nodeOnly) return;
    const needs = stack === undefined ? { providers, engine: true } : needsOf(await targetOf(stack));
    await step('toolchain', (tell) => toolchain(tell, needs.providers));
    if (needs.engine) await step('engine', engine);
    await step('state', state);
    if (!needs.engine) return writeEnvironment({ cli: await findCli() });
    let images;
    await step('base images', async (tell) => {
      const found = await baseImages(tell, { refresh: refreshImages });
      ({ images } = found);
      return found.result;
    });
    writeEnvironment({ cli: await findCli(), images });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const { values } = parseArgs({
      options: {
        'node-only': { type: 'boolean', default: false },
        'refresh-images': { type: 'boolean', default: false },
        stack: { type: 'string', short: 's' },
        provider: { type: 'string', multiple: true, default: ['docker'] },
      },
    });
    const unknown = values.provider.find((name) => !(name in PROVIDERS));
    if (unknown !== undefined) {
      throw new UserError(
        `--provider: there is none named "${unknown}"`,
        `there are: ${Object.keys(PROVIDERS).join(', ')}`,
      );
    }
    const { 'node-only': nodeOnly, 'refresh-images': refreshImages, provider: providers, stack } = values;
    await setup({ nodeOnly, refreshImages, providers, stack });
    if (!values['node-only']) say('\nReady. `npm run up` brings the shop up.');
  });
}
