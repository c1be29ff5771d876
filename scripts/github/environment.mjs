// The environment of a pull request: a stack `pr-N` beside staging, on its cluster.
import { pulumiCapture } from '../lib/cli.mjs';
import { coreApi, deleteNamespace, leftInNamespace } from '../lib/cluster-data.mjs';
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { PART_OF, applicationOf } from '../lib/stack.mjs';
import { setup } from '../setup.mjs';
import { githubOf } from './api.mjs';
import { npmRun } from './commands.mjs';
import { bringUp, forget, sweep, takeDown, tell } from './environment-actions.mjs';
import { placeOfEnvironment, stackOf, writeStackFile } from './environment-file.mjs';
import { EXPIRY_HOURS } from './environment-sweep.mjs';
import { runUrl, setOutput } from './run.mjs';

const BASE = process.env.STAGING_STACK || 'staging';
const ACTIONS = {
  up: 'deploys it; outputs `url`',
  down: 'removes it with its data and its state',
  tell: 'posts the URL, or that the deployment failed, in the comment on the pull request',
  forget: 'removes the section from the comment',
  sweep: 'removes environments whose pull request is closed, lost its label, or had no update for --hours',
};

const COMMAND = {
  name: 'environment',
  program: 'node scripts/github/environment.mjs',
  about:
    'The environment of a pull request: a stack `pr-N`, configured as the stack `staging`, or the one that STAGING_STACK names, on its\n' +
    'cluster.',
  positionals: { usage: Object.keys(ACTIONS).join('|'), most: 1 },
  options: {
    number: { type: 'string', value: 'N', about: 'Number of the pull request' },
    host: {
      type: 'string',
      value: 'HOST',
      about: 'Host name, such as {stack}.example.com; default: ENVIRONMENT_HOST, else that of staging',
    },
    address: {
      type: 'string',
      value: 'URL',
      about: 'For `tell`: the URL; default: ENVIRONMENT_URL. If empty, the deployment failed',
    },
    label: {
      type: 'string',
      value: 'LABEL',
      default: 'environment',
      about: 'For `sweep`: the label that requests an environment',
    },
    hours: {
      type: 'string',
      value: 'HOURS',
      default: String(EXPIRY_HOURS),
      about: 'For `sweep`: hours after the last update until it expires',
    },
  },
  more: [
    ...Object.entries(ACTIONS).map(([action, does]) => `  ${action.padEnd(7)} ${does}`),
    '',
    '`tell`, `forget` and `sweep` read GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL.',
  ],
  examples: [
    'node scripts/github/environment.mjs up --number 42',
    'node scripts/github/environment.mjs sweep --hours 24',
  ],
};

await main(async () => {
  const { values, positionals } = commandLine(COMMAND);
  const [action] = positionals;
  if (!Object.hasOwn(ACTIONS, action ?? ''))
    throw new UserError(`one of ${Object.keys(ACTIONS).join(', ')} must be given`);
  if (action === 'sweep') return sweepAll(values);
  if (values.number === undefined) throw new UserError('a pull request must be named', '--number N');
  const number = Number(stackOf(values.number).slice('pr-'.length));
  if (action === 'tell')
    return tell(githubOf(), number, { address: values.address ?? process.env.ENVIRONMENT_URL, run: runUrl() });
  if (action === 'forget') return void (await forget(githubOf(), number));
  await setup({ nodeOnly: true });
  if (action === 'up') setOutput('url', await bringUp(number, world(values)));
  else {
    await setup({ stack: BASE });
    await takeDown(number, world(values));
  }
});

async function sweepAll(values) {
  const hours = Number(values.hours);
  if (!(hours > 0)) throw new UserError('--hours must be a number above 0');
  await setup({ stack: BASE });
  const { removed, failed } = await sweep(githubOf(), world(values), { label: values.label, hours });
  say(`Removed: ${removed.length === 0 ? 'nothing' : removed.map(stackOf).join(', ')}.`);
  return failed.length > 0 ? 1 : 0;
}

/** The real one: see `World` in environment-actions.mjs. */
function world({ host = process.env.ENVIRONMENT_HOST }) {
  const options = { from: BASE, host };
  const writeFile = (number) => writeStackFile(number, options);
  return { npmRun, pulumi, writeFile, applicationOf, namespaces, deleteNamespace: deleteLeft };

  async function pulumi(args) {
    const { code, stdout, stderr } = await pulumiCapture([...args, '--non-interactive']);
    if (code !== 0) throw new UserError(`pulumi ${args.join(' ')} failed: ${stderr.trim()}`);
    return stdout;
  }

  async function deleteLeft(number) {
    const place = await placeOfEnvironment(number, options);
    const core = await coreApi(place);
    if ((await leftInNamespace(place, core)) === undefined) return undefined;
    await deleteNamespace(place, core);
    return place.namespace;
  }

  /** The cluster of every environment is the same. */
  async function namespaces() {
    const core = await coreApi(await placeOfEnvironment(1, options));
    const { items } = await core.listNamespace({ labelSelector: PART_OF });
    return items.map(({ metadata }) => metadata.name);
  }
}
