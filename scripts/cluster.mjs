// `npm run cluster`: a Kubernetes cluster on this machine, on loopback.
import { commandLine } from './lib/command.mjs';
import { LOCKS, withLock } from './lib/lock.mjs';
import { main, say, step, UserError } from './lib/report.mjs';
import { table } from './lib/status-table.mjs';
import { setup } from './setup.mjs';
import { fakeNodes } from './setup/cluster/fake-nodes.mjs';
import { hostedDown, hostedRows, hostedTool, hostedUp } from './setup/cluster/hosted.mjs';
import { CONTEXT, MAX_NODES, REGISTRY } from './setup/cluster/layout.mjs';
import { down, getPrograms, lose, nodeRows, processRows, refuseWhereImpossible, up } from './setup/cluster/plain.mjs';
import { ensureBuilt, ON_DEMAND, program } from './setup/cluster/programs.mjs';

const MAX_FAKE_NODES = 1000;
const ACTIONS = {
  nodes: (text) => bringUp(wholeNumber('nodes', text, 1, MAX_NODES)),
  status,
  stop: () => end({ withData: false }),
  delete: () => end({ withData: true }),
  lose: (text) => onPlain('lose a node', () => lose(wholeNumber('lose', text, 2, MAX_NODES))),
  'fake-nodes': (text) => addFakeNodes(wholeNumber('fake-nodes', text, 0, MAX_FAKE_NODES)),
  program: buildProgram,
};
const COMMAND = {
  name: 'cluster',
  about:
    'Brings a Kubernetes cluster up on this machine, on loopback. Safe to repeat: what runs is left alone, what has ended is\n' +
    'started again. The options exclude each other.',
  options: {
    nodes: {
      type: 'string',
      value: 'N',
      about: `So many nodes, at most ${MAX_NODES}; by default as many as before, or 1`,
    },
    status: { type: 'boolean', about: 'What runs; the exit code says whether all of it does' },
    stop: { type: 'boolean', about: 'End it, and keep its data' },
    delete: { type: 'boolean', about: 'End it, and delete everything that it has kept' },
    lose: {
      type: 'string',
      value: 'N',
      about: 'Take node N away as a power cut would; the next `npm run cluster` brings it back',
    },
    'fake-nodes': {
      type: 'string',
      value: 'N',
      about: `So many nodes more that run nothing, for the scheduler, at most ${MAX_FAKE_NODES}; 0 removes them`,
    },
    program: {
      type: 'string',
      value: 'NAME',
      about: `Build a program that tests need, and print its path: ${ON_DEMAND.join(' or ')}`,
    },
  },
  examples: ['npm run cluster -- --nodes 2', 'npm run cluster -- --stop'],
};

await main(async () => {
  const { values } = commandLine(COMMAND);
  const [chosen, ...more] = Object.entries(values);
  if (more.length > 0) throw new UserError(`--${chosen[0]} and --${more[0][0]} exclude each other`, 'give one of them');
  return chosen ? ACTIONS[chosen[0]](chosen[1]) : bringUp();
});

async function bringUp(nodes) {
  await setup({ providers: ['docker', 'kubernetes'] });
  const tool = hostedTool(); // after set-up, which has found out whether an image registry answers
  if (!tool) {
    refuseWhereImpossible();
    await getPrograms(); // without the cluster's lock: whoever stops a cluster need not wait for a build
  }
  await withLock(LOCKS.cluster, () => (tool ? hostedUp(tool, nodes ?? 1) : up(nodes)));
  say(`\nThe cluster is up: kubeconfig .local/kubeconfig, context ${CONTEXT}, images at ${REGISTRY}.`);
  say('`npm run kubectl -- get pods --all-namespaces` looks into it, `npm run cluster -- --stop` ends it.');
  return 0;
}

async function end(options) {
  const tool = hostedTool();
  await withLock(LOCKS.cluster, () => (tool ? hostedDown(tool, options) : down(options)));
  return 0;
}

async function onPlain(what, body) {
  const tool = hostedTool();
  if (tool)
    throw new UserError(
      `\`npm run cluster\` cannot ${what} in a cluster of ${tool}`,
      `see what ${tool} and Docker offer`,
    );
  await withLock(LOCKS.cluster, body);
  return 0;
}

function addFakeNodes(count) {
  return onPlain('add fake nodes', () => step('fake nodes', (tell) => fakeNodes(count, tell)));
}

async function buildProgram(name) {
  if (!ON_DEMAND.includes(name)) {
    throw new UserError(`--program: there is none named "${name}"`, `there are: ${ON_DEMAND.join(', ')}`);
  }
  await step(name, async (tell) => ((await ensureBuilt(name, tell)) ? 'built' : 'present'));
  console.log(program(name));
  return 0;
}

function wholeNumber(option, text, min, max) {
  if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new UserError(
    `--${option}: ${JSON.stringify(text)} is not allowed`,
    `give a whole number from ${min} to ${max}`,
  );
}

async function status() {
  const tool = hostedTool();
  if (tool) {
    console.log(await hostedRows());
    return 0;
  }
  const processes = processRows();
  if (processes.every(({ state }) => state === 'down')) {
    say('No cluster runs here. `npm run cluster` starts one.');
    return 1;
  }
  const headings = { process: 'PROCESS', pid: 'PID', state: 'STATE', since: 'SINCE', memory: 'MEMORY' };
  for (const line of table(headings, processes)) console.log(line);
  const nodes = await nodeRows();
  if (nodes === undefined) {
    console.log('\nThe API server does not answer.');
    return 1;
  }
  const columns = { node: 'NODE', state: 'STATE', address: 'ADDRESS', pods: 'PODS', version: 'VERSION' };
  console.log();
  for (const line of table(columns, nodes)) console.log(line);
  const allRun = processes.every(({ state }) => state === 'running');
  return allRun && nodes.every(({ state }) => state.startsWith('ready')) ? 0 : 1;
}
