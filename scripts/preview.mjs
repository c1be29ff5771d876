// `npm run preview [-- --stack NAME] [-- pulumi options]`: what `npm run up` would change.
import { pulumi, selectStack } from './lib/cli.mjs';
import { main } from './lib/report.mjs';
import { takeStack } from './lib/stack.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const { stack, rest } = takeStack(process.argv.slice(2));
  await setup({ stack });
  await selectStack(stack);
  return pulumi(['preview', '--stack', stack, ...rest]);
});
