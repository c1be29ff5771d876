// `npm run preview`: what `npm run up` would change.
import { pulumiMending } from './lib/interrupted.mjs';
import { STACK } from './lib/command.mjs';
import { prepare } from './lib/prepare.mjs';
import { main } from './lib/report.mjs';
import { createStack } from './lib/stack-choice.mjs';

const COMMAND = {
  name: 'preview',
  about: 'Shows what `npm run up` would change.',
  options: STACK,
  pulumi: 'preview',
  passesTo: 'pulumi preview',
  examples: ['npm run preview', 'npm run preview -- --stack staging --diff'],
};

await main(async () => {
  const { stack, options } = await prepare(COMMAND);
  await createStack(stack);
  return pulumiMending(['preview', '--stack', stack, ...options]);
});
