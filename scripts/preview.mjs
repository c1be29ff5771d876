// `npm run preview [-- --stack NAME] [-- pulumi options]`: what `npm run up` would change.
import { pulumi, pulumiCapture } from './lib/cli.mjs';
import { UserError, main } from './lib/report.mjs';
import { takeStack } from './lib/stack.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const { stack, rest } = takeStack(process.argv.slice(2));
  await setup();
  const selected = await pulumiCapture(['stack', 'select', '--stack', stack, '--create', '--non-interactive']);
  if (selected.code !== 0) throw new UserError(`the stack ${stack} cannot be selected: ${selected.stderr.trim()}`);
  return pulumi(['preview', '--stack', stack, ...rest]);
});
