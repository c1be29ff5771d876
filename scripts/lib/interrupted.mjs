// The command after an interrupted update. Pulumi notes in the state what it is about to create, and keeps that note for ever:
// it cannot know whether the object is there. For Docker and Kubernetes we can find out, so nobody needs to mend a state by
// hand: the command reads everything again first, and what is left over then goes, and the notes with it.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pulumi, pulumiCapture } from './cli.mjs';
import { deleteLeftovers } from './cluster-leftovers.mjs';
import { removeLeftovers } from './engine-leftovers.mjs';
import { local } from './project.mjs';
import { ownBackend } from './pulumi.mjs';
import { UserError, say } from './report.mjs';
import { PART_OF } from './stack.mjs';
import { breakStaleLocks, isLocked } from './stale-locks.mjs';

/** Commands that read a state and are the better for reading what it describes as well. */
const REFRESHING = ['up', 'update', 'preview', 'destroy'];
/** Those after which the state is what is there. */
const ENDING = ['up', 'update', 'destroy'];
/** Options of every command that have a value in the next argument. */
const VALUED = ['--color', '--cwd', '-C', '--verbose', '-v', '--tracing', '--profiling', '--memprofilerate'];
/** Types of which it can be found out whether they are there, and which do no harm while nobody does. */
const OURS = /^(docker|kubernetes|pulumi):/;

/** Runs `pulumi` in the foreground as `pulumi` does, and mends what an interrupted command before it has left. */
export async function pulumiMending(args) {
  if (ownBackend()) return pulumi(args);
  breakStaleLocks();
  const command = args[commandAt(args)];
  if (!REFRESHING.includes(command) || isHelp(args) || !hasPendingOperations()) return pulumi(args);
  const place = placeOptions(args);
  const before = await exportState(place);
  const pending = pendingOperations(before);
  if (pending.length === 0 || !pending.every(isOurs) || isRunning(pending[0])) return pulumi(args);
  say(`An update before was interrupted: ${pending.map(described).join(', ')}. Everything is read again first.`);
  const changes = ENDING.includes(command) && !args.includes('--preview-only');
  if (changes) await cleanEngines(before);
  const code = await pulumi(withRefresh(args));
  if (code !== 0 || !changes) return code;
  const after = await exportState(place);
  await cleanClusters(after);
  await importState(place, { ...after, deployment: { ...after.deployment, pending_operations: [] } });
  return 0;
}

/** A state that is being written has such notes as well. */
function isRunning({ resource: { urn } }) {
  const [, , stack, project] = urn.split(/::?/);
  return isLocked(stack, project);
}

/** Whether any state has a note, as the files say it; asking the CLI takes a second. */
function hasPendingOperations(folder = join(local.state, '.pulumi', 'stacks')) {
  let names;
  try {
    names = readdirSync(folder, { recursive: true });
  } catch {
    return false; // there is no stack yet
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .some((name) => /"pending_operations":\s*\[\s*\{/.test(readFileSync(join(folder, name), 'utf8')));
}

/** Where in the arguments of the CLI its command is; options of every command may come before. Pure. */
export function commandAt(args) {
  return args.findIndex((text, index) => !text.startsWith('-') && !VALUED.includes(args[index - 1]));
}

/** Of some arguments of the CLI those that say which stack is meant. Pure. */
export function placeOptions(args) {
  const found = [];
  for (const [index, text] of args.entries()) {
    if (['--stack', '-s', '--cwd', '-C'].includes(text)) found.push(text, args[index + 1]);
    else if (/^(--stack|--cwd)=/.test(text)) found.push(text);
  }
  return found.some((text) => /^(--cwd|-C)/.test(text)) ? found : [...found, '--cwd', process.cwd()];
}

/** Arguments of the CLI, with which it reads everything first, unless they say whether it shall. Pure. */
export function withRefresh(args) {
  const after = commandAt(args) + 1;
  const says = args.some((text) => /^(--refresh(=|$)|-r$)/.test(text));
  return says ? args : [...args.slice(0, after), '--refresh', ...args.slice(after)];
}

const isHelp = (args) => args.includes('--help') || args.includes('-h');

/** What is under way, or was when somebody ended it, in a state as `pulumi stack export` prints it. Pure. */
export function pendingOperations(state) {
  return state.deployment?.pending_operations ?? [];
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
  const ids = new Set(resourcesOf(state).flatMap(({ id }) => id ?? []));
  for (const application of applicationsOf(noted(state), /^docker:/)) await removeLeftovers(application, ids);
}

/** Objects that the state does not know, in clusters. What is still wanted was taken over before. */
async function cleanClusters(state) {
  const known = objectsOf(resourcesOf(state));
  for (const place of clustersOf(noted(state))) await deleteLeftovers(place, known);
}

const resourcesOf = (state) => state.deployment?.resources ?? [];

/** Resources, and those that were to become some. */
function noted(state) {
  return [...resourcesOf(state), ...pendingOperations(state).map(({ resource }) => resource)];
}

/** Labels of applications that resources of a provider are part of. Pure. */
export function applicationsOf(resources, type) {
  const found = resources.filter((one) => type.test(one.type)).map(({ inputs = {} }) => partOf(inputs));
  return [...new Set(found.filter(Boolean))];
}

function partOf({ labels, metadata }) {
  if (Array.isArray(labels)) return labels.find(({ label }) => label === PART_OF)?.value;
  return metadata?.labels?.[PART_OF];
}

/** Where the applications of a state are in clusters. Pure. */
export function clustersOf(resources) {
  const providers = new Map(resources.map(({ urn, inputs }) => [urn, inputs]));
  const found = new Map();
  for (const { type, provider, inputs = {} } of resources) {
    const [application, namespace] = [partOf(inputs), inputs.metadata?.namespace];
    if (!type.startsWith('kubernetes:') || application === undefined || namespace === undefined) continue;
    const { kubeconfig, context } = providers.get(provider?.split('::').slice(0, -1).join('::')) ?? {};
    // One that is a secret cannot be read here; `npm run down` finds the cluster in another way.
    if (typeof kubeconfig !== 'string') continue;
    const content = kubeconfig.includes('\n') || kubeconfig.startsWith('{') ? { content: kubeconfig } : {};
    found.set(`${application} ${namespace}`, { kubeconfig, context, namespace, application, ...content });
  }
  return [...found.values()];
}

/** The objects of a state, as `deleteLeftovers` wants them. Pure. */
export function objectsOf(resources) {
  return new Set(
    resources
      .filter(({ type, id }) => id && type.startsWith('kubernetes:'))
      .map(({ type, id }) => `${type.split(':').at(-1)} ${id}`),
  );
}

async function exportState(place) {
  return JSON.parse(await must(['stack', 'export', ...place], 'cannot be read'));
}

async function importState(place, state) {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  try {
    const file = join(folder, 'state.json');
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await must(['stack', 'import', '--file', file, ...place], 'cannot be written');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function must(args, problem) {
  const { code, stdout, stderr } = await pulumiCapture(args);
  if (code !== 0) throw new UserError(`the state of the stack ${problem}: ${stderr.trim()}`);
  return stdout;
}
