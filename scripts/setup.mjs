// Makes this machine ready: `npm run setup`. Safe to repeat; a second run takes a second or two. Other scripts call it
// first, so nobody has to remember it.
import { pathToFileURL } from 'node:url';
import { STACK, commandLine } from './lib/command.mjs';
import { findCli } from './lib/pulumi.mjs';
import { main, say, step, UserError } from './lib/report.mjs';
import { refuseUnknown } from './lib/stack-choice.mjs';
import { needsOf, targetOf } from './lib/stack-needs.mjs';
import { baseImages } from './setup/base-images.mjs';
import { engine } from './setup/engine.mjs';
import { writeEnvironment } from './setup/environment.mjs';
import { nodeModules } from './setup/node-modules.mjs';
import { state } from './setup/state.mjs';
import { PROVIDERS, toolchain } from './setup/toolchain.mjs';

/** @param stack its target says what is needed; without one, `providers` does. */
export async function setup({ nodeOnly = false, refreshImages = false, providers = ['docker'], stack } = {}) {
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
}

const COMMAND = {
  name: 'setup',
  about:
    'Makes this machine ready: npm packages, the Pulumi CLI and its providers, the engine, base images, keys. Safe to repeat;\n' +
    'most other commands do it first.',
  options: {
    stack: { ...STACK.stack, about: 'Get what that stack needs; by default what a stack on Docker needs' },
    provider: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      default: ['docker'],
      about: `A provider to get, once or more: ${Object.keys(PROVIDERS).join(', ')}`,
    },
    'node-only': { type: 'boolean', about: 'Install the npm packages and nothing else' },
    'refresh-images': { type: 'boolean', about: 'Ask again for an image registry, and make the stand-ins anew' },
  },
  examples: ['npm run setup', 'npm run setup -- --stack staging'],
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const { values } = commandLine(COMMAND);
    const unknown = values.provider.find((name) => !(name in PROVIDERS));
    if (unknown !== undefined) {
      throw new UserError(
        `--provider: there is none named "${unknown}"`,
        `there are: ${Object.keys(PROVIDERS).join(', ')}`,
      );
    }
    const { 'node-only': nodeOnly, 'refresh-images': refreshImages, provider: providers, stack } = values;
    if (stack !== undefined) await refuseUnknown(stack);
    await setup({ nodeOnly, refreshImages, providers, stack });
    if (!nodeOnly) say('\nReady. `npm run up` brings the shop up.');
  });
}
