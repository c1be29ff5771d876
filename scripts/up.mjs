// `npm run up [-- --stack NAME] [-- pulumi options]`: set-up, then `pulumi up`, then the address of the shop.
import { pulumi, pulumiCapture, selectStack } from './lib/cli.mjs';
import { main, say } from './lib/report.mjs';
import { takeStack } from './lib/stack.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const { stack, rest } = takeStack(process.argv.slice(2));
  await setup({ stack });
  await selectStack(stack);
  const code = await pulumi(['up', '--yes', '--stack', stack, ...rest]);
  if (code !== 0) return code;
  const { stdout } = await pulumiCapture(['stack', 'output', 'url', '--stack', stack]);
  if (stdout.trim()) say(`\nThe shop answers at ${stdout.trim()}`);
  return 0;
});
