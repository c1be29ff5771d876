// `npm run up`: set-up, then `pulumi up`, then the address of the shop.
import { isLoopback, whyNoAnswer, withoutReplicas } from './lib/answers.mjs';
import { pulumiCapture } from './lib/cli.mjs';
import { pulumiMending } from './lib/interrupted.mjs';
import { STACK } from './lib/command.mjs';
import { prepare } from './lib/prepare.mjs';
import { UserError, main, say } from './lib/report.mjs';
import { createStack } from './lib/stack-choice.mjs';
import { stateOf } from './lib/state-file.mjs';

/** The proxies look for replicas and check them once a second. */
const ANSWER_MS = 15_000;

const COMMAND = {
  name: 'up',
  about: 'Makes the machine ready, builds the images and deploys a stack, without a confirmation prompt.',
  options: STACK,
  pulumi: 'up',
  passesTo: 'pulumi up',
  examples: ['npm run up', 'npm run up -- --stack staging', 'npm run up -- --diff --refresh'],
};

await main(async () => {
  const { stack, options } = await prepare(COMMAND);
  await createStack(stack);
  const code = await pulumiMending(['up', '--yes', '--stack', stack, ...withoutPreview(stack, options), ...options]);
  if (code !== 0) return code;
  const { stdout } = await pulumiCapture(['stack', 'output', '--json', '--stack', stack]);
  const { url, services = {} } = JSON.parse(stdout || '{}');
  if (url) await tellAddress(url, stack, withoutReplicas(services));
  return 0;
});

/**
 * Where nothing is deployed yet, a preview would say that everything is created, and take some seconds. Wrong arguments are
 * errors of the program, before anything is created.
 */
function withoutPreview(stack, options) {
  // Some of Pulumi's options are about the preview.
  if (options.length > 0) return [];
  const state = stateOf(['up', '--stack', stack]);
  return state && state.resources.every(({ type }) => type === 'pulumi:pulumi:Stack') ? ['--skip-preview'] : [];
}

/** @throws UserError when it does not answer on this machine. */
async function tellAddress(url, stack, stopped) {
  const reason = await whyNoAnswer(url, { timeout: ANSWER_MS });
  if (reason === undefined) return say(`\nThe shop answers at ${url}`);
  if (stopped.length > 0) {
    return say(
      `\nThe shop's address is ${url}: ${reason}. These services are configured to have no replicas: ${stopped.join(', ')}`,
    );
  }
  if (isLoopback(url)) {
    throw new UserError(
      `the shop does not answer at ${url}: ${reason}`,
      `\`npm run status -- --stack ${stack}\` shows what is down, \`npm run logs -- SERVICE --stack ${stack}\` why`,
    );
  }
  // A new load balancer takes minutes to get its name; one inside a network cannot be reached from here at all.
  say(`\nThe shop's address is ${url}. It does not answer from this machine yet (${reason}).`);
}
