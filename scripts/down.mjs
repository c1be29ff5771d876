// `npm run down [-- --stack NAME] [-- --data] [-- pulumi options]`: removes everything of a stack except its data volumes;
// with --data those as well.
import { pulumi, pulumiCapture } from './lib/cli.mjs';
import { list } from './lib/docker.mjs';
import { UserError, main, say } from './lib/report.mjs';
import { must } from './lib/run.mjs';
import { labelOf, takeStack } from './lib/stack.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const { stack, rest } = takeStack(process.argv.slice(2));
  const withData = rest.includes('--data');
  await setup({ stack });
  if (await exists(stack)) {
    const options = rest.filter((option) => option !== '--data');
    const code = await pulumi(['destroy', '--yes', '--stack', stack, ...options]);
    if (code !== 0) return code;
  } else {
    say(`There is no stack ${stack}, so there is nothing to destroy.`);
  }
  await containersGone(stack);
  await dataVolumes(stack, withData);
  return 0;
});

/** The engine removes the containers of a deleted service in its own time, at the latest when their stop grace is over. */
async function containersGone(stack) {
  for (let tries = 60; tries > 0; tries -= 1) {
    if ((await list('container', [labelOf(stack)])).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  say('Some containers are still stopping; `npm run status` shows them.');
}

async function exists(stack) {
  const { code, stdout, stderr } = await pulumiCapture(['stack', 'ls', '--json']);
  if (code !== 0) throw new UserError(`the stacks cannot be listed: ${stderr.trim()}`);
  return JSON.parse(stdout).some(
    ({ name }) => name === stack || name.endsWith(`/${stack}`) || stack.endsWith(`/${name}`),
  );
}

async function dataVolumes(stack, remove) {
  // Volumes of the load balancers' configuration go with the stack; data volumes are named for what they hold.
  const names = (await list('volume', [labelOf(stack)]))
    .map(({ Name }) => Name)
    .filter((name) => name.endsWith('-data'));
  if (names.length === 0) return;
  if (remove) {
    await must('docker', ['volume', 'rm', ...names], {
      mend: 'see what still uses them: `docker ps -a --filter volume=NAME`',
    });
    say(`\nDeleted the data of ${stack}: ${names.join(', ')}`);
    return;
  }
  say(`\nThe data of ${stack} stays, for the next \`npm run up\`:`);
  for (const name of names) say(`  ${name}`);
  say(`Delete it with \`npm run down -- --stack ${stack} --data\`.`);
}
