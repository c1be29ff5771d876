// Running the Pulumi CLI where what it believes may not be what is there: after an interrupted update, and when somebody has
// removed something by hand. Pulumi notes in the state what it is about to create, and keeps that note for ever: it cannot
// know whether the object is there. For Docker and Kubernetes we can find out, so nobody needs to mend a state by hand: the
// command reads everything again first, and what is left over then goes, and the notes with it.
import { hostname } from 'node:os';
import { pulumi } from './cli.mjs';
import { deleteLeftovers } from './cluster-leftovers.mjs';
import { removeLeftovers } from './engine-leftovers.mjs';
import { missingObjects } from './missing-objects.mjs';
import { ownBackend } from './pulumi.mjs';
import { commandAt, isHelp, placeOptions, saysRefresh, withRefresh } from './pulumi-args.mjs';
import { say, UserError } from './report.mjs';
import { exportState, idsOf, importState, resourcesOf } from './state-export.mjs';
import { stateOf } from './state-file.mjs';
import { applicationsOf, clustersOf, objectsOf } from './state-objects.mjs';
import { breakStaleLocks, lockOf } from './stale-locks.mjs';

/** Commands that read a state and are the better for reading what it describes as well. */
const REFRESHING = ['up', 'update', 'preview', 'destroy'];
/** Those after which the state is what is there. */
const ENDING = ['up', 'update', 'destroy'];
/** Types of which it can be found out whether they are there, and which do no harm while nobody does. */
const OURS = /^(docker|kubernetes|pulumi):/;

/**
 * Runs `pulumi`, and mends what an interrupted command before it has left.
 *
 * @param run how the CLI is run: in the foreground, as `pulumi` does, or with its output collected.
 * @returns what `run` does.
 */
export async function pulumiMending(args, { run = pulumi } = {}) {
  if (ownBackend()) return run(args);
  breakStaleLocks();
  const command = args[commandAt(args)];
  if (!REFRESHING.includes(command) || isHelp(args)) return run(args);
  const state = stateOf(args);
  if (state === undefined) return run(args);
  const lock = lockOf(state.stack, state.project);
  if (lock && isChanging(command, args)) throw locked(state, lock);
  if (lock) say(`${running(state, lock)}. The preview may show changes that it is already making.`);
  // A state that is being written has notes of what is under way as well.
  const mendable = !lock && state.pending.length > 0 && state.pending.every(isOurs);
  if (mendable) return afterInterruption(args, state, { run, changes: isChanging(command, args) });
  return run(saysRefresh(args) || !(await isMissingAny(state)) ? args : withRefresh(args));
}

function isChanging(command, args) {
  return ENDING.includes(command) && !args.includes('--preview-only');
}

/** Pulumi would refuse as well, and advise to delete the lock, which is wrong while somebody works. */
function locked(state, lock) {
  const elsewhere = lock.hostname !== hostname();
  return new UserError(
    `${running(state, lock)}; nothing was changed`,
    elsewhere
      ? `wait for it to finish. If that process no longer runs: npx pulumi cancel --stack ${state.stack}`
      : 'wait for it to finish, or end that process',
  );
}

function running({ stack }, lock) {
  const where = lock.hostname === hostname() ? `process ${lock.pid}` : `process ${lock.pid} of ${lock.hostname}`;
  return `another command (${where}) has been running on stack ${stack} since ${lock.timestamp}`;
}

async function isMissingAny(state) {
  const missing = await missingObjects(state);
  if (missing.length === 0) return false;
  say(`Missing or stopped: ${missing.join(', ')}. Refreshing the state first, so that \`up\` restores them.`);
  return true;
}

async function afterInterruption(args, { pending, folder }, { run, changes }) {
  say(`The last update was interrupted (${pending.map(described).join(', ')}). Refreshing the state first.`);
  if (!changes) return run(withRefresh(args));
  const place = placeOptions(args);
  const before = await exportState(place);
  await cleanEngines(before);
  const code = await run(withRefresh(args));
  if (code !== 0) return code;
  const after = await exportState(place);
  await cleanClusters(before, after, folder);
  await importState(place, { ...after, deployment: { ...after.deployment, pending_operations: [] } });
  return 0;
}

function isOurs({ resource: { custom, type } }) {
  return !custom || OURS.test(type);
}

function described({ type, resource: { urn } }) {
  return `${type} ${urn.split('::').at(-1)}`;
}

/**
 * Objects that the state does not know, on Docker. They go first: an engine refuses another of the name, and to delete what
 * they use.
 */
async function cleanEngines(state) {
  const known = idsOf(state);
  for (const application of applicationsOf(noted(state), /^docker:/)) await removeLeftovers(application, known);
}

/** Objects that the state does not know, in clusters. What is still wanted was taken over before. */
async function cleanClusters(before, after, folder) {
  const known = objectsOf(resourcesOf(after));
  // After `destroy` only the state of before says where the cluster is.
  // A kubeconfig that is a secret cannot be read here; `npm run down` finds the cluster in another way.
  const places = clustersOf([...noted(before), ...noted(after)], folder).filter(
    ({ kubeconfig }) => kubeconfig !== undefined,
  );
  for (const place of places) await deleteLeftovers(place, known);
}

/** Resources, and those that were to become some. */
function noted(state) {
  return [...resourcesOf(state), ...(state.deployment?.pending_operations ?? []).map(({ resource }) => resource)];
}
