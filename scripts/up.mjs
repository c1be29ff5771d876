// `npm run up`: set-up, then `pulumi up`, then the address of the shop.
import { pulumi, pulumiCapture } from './lib/cli.mjs';
import { STACK } from './lib/command.mjs';
import { prepare } from './lib/prepare.mjs';
import { main, say } from './lib/report.mjs';
import { createStack } from './lib/stack-choice.mjs';

const COMMAND = {
  name: 'up',
  about: 'Makes the machine ready, builds the images and deploys a stack, without asking.',
  options: STACK,
  pulumi: 'up',
  passesTo: 'pulumi up',
  examples: ['npm run up', 'npm run up -- --stack staging', 'npm run up -- --diff --refresh'],
};

await main(async () => {
  const { stack, options } = await prepare(COMMAND);
  await createStack(stack);
  const code = await pulumi(['up', '--yes', '--stack', stack, ...options]);
  if (code !== 0) return code;
  const { stdout } = await pulumiCapture(['stack', 'output', 'url', '--stack', stack]);
  if (stdout.trim()) say(`\nThe shop answers at ${stdout.trim()}`);
  return 0;
});
