// `npm run down`: removes everything of a stack except its data.
import { coreApi, deleteNamespace, leftInNamespace } from './lib/cluster-data.mjs';
import { deleteLeftovers } from './lib/cluster-leftovers.mjs';
import { placeOfStack } from './lib/cluster-place.mjs';
import { STACK } from './lib/command.mjs';
import { list, present } from './lib/docker.mjs';
import { removeLeftovers } from './lib/engine-leftovers.mjs';
import { pulumiMending } from './lib/interrupted.mjs';
import { prepare } from './lib/prepare.mjs';
import { projectName } from './lib/project.mjs';
import { UserError, main, say } from './lib/report.mjs';
import { capture, must } from './lib/run.mjs';
import { isInBackend } from './lib/stack-choice.mjs';
import { isLocked } from './lib/stale-locks.mjs';
import { exportState, idsOf } from './lib/state-export.mjs';
import { COMPONENT, applicationOf, labelOf } from './lib/stack.mjs';

const COMMAND = {
  name: 'down',
  about: 'Removes everything of a stack except its data, without a confirmation prompt.',
  options: {
    ...STACK,
    data: {
      type: 'boolean',
      about: 'Delete the data as well: volumes on Docker, the namespace with its claims on Kubernetes',
    },
    'cluster-gone': {
      type: 'boolean',
      about: 'Remove the stack from the state without its cluster, which no longer exists',
    },
  },
  pulumi: 'destroy',
  passesTo: 'pulumi destroy',
  more: ['Without --stack it acts on dev only: another stack must be named, even if it is the selected one.'],
  examples: ['npm run down', 'npm run down -- --stack staging --data'],
  refuse: (values) => {
    if (!values.data || !values['cluster-gone']) return;
    throw new UserError('--data and --cluster-gone exclude each other', 'with the cluster its data is gone as well');
  },
};

await main(async () => {
  const { values, options, stack } = await prepare(COMMAND, { deletes: 'removes it', alsoKnown: hasVolumes });
  const { data: withData = false, 'cluster-gone': clusterGone = false } = values;
  const known = await isInBackend(stack);
  // Read by the Kubernetes provider: what it cannot reach is taken out of the state.
  if (clusterGone) process.env.PULUMI_K8S_DELETE_UNREACHABLE = 'true';
  const place = known && !clusterGone ? await placeOfStack(stack) : undefined;
  const inCluster = place !== undefined || clusterGone;
  if (known) {
    // Another command on it runs: Pulumi says which, and refuses.
    if (!inCluster && !isLocked(stack, projectName())) {
      // What the state does not know may use what it knows, which could not be deleted then.
      await clear(stack, async () => idsOf(await exportState(['--stack', stack])));
    }
    // Docker's provider fails on what somebody has removed by hand, unless it has read that before.
    const read = inCluster ? [] : ['--refresh'];
    const code = await pulumiMending(['destroy', '--yes', ...read, '--stack', stack, ...options]);
    if (code !== 0) return code;
  } else {
    say(`Pulumi has no stack ${stack}, so there is nothing to destroy.`);
  }
  if (clusterGone) return 0;
  if (place) {
    await deleteLeftovers(place);
    await clusterData(stack, place, withData);
    return 0;
  }
  if (!known) await clear(stack);
  await containersGone(stack);
  await writableFolders(stack);
  await dataVolumes(stack, withData);
  return 0;
});

/** Data outlives its stack, and must be deletable without it. */
async function hasVolumes(stack) {
  try {
    return (await list('volume', [labelOf(stack)])).length > 0;
  } catch {
    return false; // no engine, or no key of this installation: then nothing of it is here
  }
}

/**
 * Stops what a stack has on the engine, and removes what nobody knows.
 *
 * @param knownIds gives the ids of what the state knows, where there is one.
 */
async function clear(stack, knownIds) {
  // A stack of another kind may be removed where there is no engine.
  const services = await list('service', [labelOf(stack)]).catch(() => undefined);
  if (services === undefined) return;
  await stopServices(stack, services);
  await removeLeftovers(applicationOf(stack), await knownIds?.());
}

/** Docker's provider gives a replica exactly its stop grace period, and fails when it uses that up. */
async function stopServices(stack, services) {
  const names = services.map(({ Name }) => Name);
  if (names.length === 0) return;
  present(await capture('docker', ['service', 'scale', '--detach', ...names.map((name) => `${name}=0`)]));
  await containersGone(stack, 'com.docker.swarm.service.name');
}

/** The engine removes the containers of a deleted service in its own time, at the latest when their stop grace is over. */
async function containersGone(stack, ...labels) {
  for (let tries = 60; tries > 0; tries -= 1) {
    if ((await list('container', [labelOf(stack), ...labels])).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  say('Some containers are still stopping; `npm run status` shows them.');
}

async function clusterData(stack, place, remove) {
  const core = await coreApi(place);
  const left = await leftInNamespace(place, core);
  if (left === undefined) return;
  const empty = left.length === 0;
  const what = `namespace ${place.namespace}${empty ? '' : ` with ${left.join(', ')}`}`;
  if (!remove && !empty) return keeps(stack, [what]);
  await deleteNamespace(place, core);
  say(empty ? `\nDeleted the empty ${what}.` : `\nDeleted the data of ${stack}: ${what}`);
}

/** Empty volumes: what was in them was memory of the containers. One that still stops keeps its own. */
async function writableFolders(stack) {
  const names = (await list('volume', [labelOf(stack), `${COMPONENT}=writable-folder`])).map(({ Name }) => Name);
  if (names.length > 0) await capture('docker', ['volume', 'rm', ...names]);
}

async function dataVolumes(stack, remove) {
  // Volumes of the load balancers' configuration go with the stack; data volumes are named for what they hold.
  const names = (await list('volume', [labelOf(stack)]))
    .map(({ Name }) => Name)
    .filter((name) => name.endsWith('-data'));
  if (names.length === 0) return;
  if (!remove) return keeps(stack, names);
  await must('docker', ['volume', 'rm', ...names], {
    mend: 'see what still uses them: `docker ps -a --filter volume=NAME`',
  });
  say(`\nDeleted the data of ${stack}: ${names.join(', ')}`);
}

function keeps(stack, names) {
  say(`\nThe data of ${stack} stays, for the next \`npm run up\`:`);
  for (const name of names) say(`  ${name}`);
  say(`Delete it with \`npm run down -- --stack ${stack} --data\`.`);
}
