// `npm run cluster [-- --nodes N]`: a Kubernetes cluster on this machine, on loopback. Safe to repeat: what runs is left
// alone, what has ended is started again. With --status it says what runs; --stop ends it, keeping its data; --delete ends it
// and deletes everything that it has kept; --lose N takes node N away as a power cut would.
import { parseArgs } from 'node:util';
import { withLock } from './lib/lock.mjs';
import { main, say, UserError } from './lib/report.mjs';
import { table } from './lib/status-table.mjs';
import { setup } from './setup.mjs';
import { hostedDown, hostedRows, hostedTool, hostedUp } from './setup/cluster/hosted.mjs';
import { CONTEXT, MAX_NODES, REGISTRY } from './setup/cluster/layout.mjs';
import { down, lose, nodeRows, processRows, refuseWhereImpossible, up } from './setup/cluster/plain.mjs';

const flag = { type: 'boolean', default: false };
const OPTIONS = { nodes: { type: 'string' }, lose: { type: 'string' }, status: flag, stop: flag, delete: flag };

await main(async () => {
  const { values } = parseArgs({ options: OPTIONS });
  let tool = hostedTool();
  if (values.status) return status(tool);
  if (values.stop || values.delete) {
    await withLock(() => (tool ? hostedDown(tool, { withData: values.delete }) : down({ withData: values.delete })));
    return 0;
  }
  if (values.lose !== undefined) {
    if (tool)
      throw new UserError(`nodes of ${tool} cannot be lost from here`, '`docker kill` ends the container of one');
    await withLock(() => lose(wholeNumber('lose', values.lose)));
    return 0;
  }
  const nodes = values.nodes === undefined ? undefined : wholeNumber('nodes', values.nodes);
  await setup({ providers: ['docker', 'kubernetes'] });
  tool = hostedTool(); // set-up has found out whether an image registry answers
  if (!tool) refuseWhereImpossible();
  await withLock(() => (tool ? hostedUp(tool, nodes ?? 1) : up(nodes)));
  say(`\nThe cluster is up: kubeconfig .local/kubeconfig, context ${CONTEXT}, images at ${REGISTRY}.`);
  say('`npm run kubectl -- get pods --all-namespaces` looks into it, `npm run cluster -- --stop` ends it.');
  return 0;
});

function wholeNumber(option, text) {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= MAX_NODES) return Number(text);
  throw new UserError(
    `--${option}: ${JSON.stringify(text)} is not allowed`,
    `give a whole number from 1 to ${MAX_NODES}`,
  );
}

async function status(tool) {
  if (tool) {
    say(await hostedRows());
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
  console.log();
  if (nodes === undefined) console.log('The API server does not answer.');
  else {
    const columns = { node: 'NODE', state: 'STATE', address: 'ADDRESS', pods: 'PODS', version: 'VERSION' };
    for (const line of table(columns, nodes)) console.log(line);
  }
  const whole = processes.every(({ state }) => state === 'running') && nodes?.every(({ state }) => state === 'ready');
  return whole ? 0 : 1;
}
