// Which stack a command acts on: the one that --stack names, else the one that is selected in Pulumi, so that `npx pulumi`
// and our commands mean the same one, else dev. Nobody gets a stack by misspelling its name.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pulumiCapture } from './cli.mjs';
import { local, projectName, pulumiHome, root } from './project.mjs';
import { findCli, localBackend, ownBackend } from './pulumi.mjs';
import { UserError, say } from './report.mjs';
import { suggest } from './suggest.mjs';

export const DEFAULT_STACK = 'dev';
/** What the CLI says of one that the backend does not have. */
const NO_STACK = /no stack named .* found/;

/**
 * Finds out which stack is meant, refuses one that does not exist, and says which it is.
 *
 * @param named what --stack says.
 * @param deletes what the command deletes or overwrites, for a command that does: it acts on another stack than dev only if
 *   that is named.
 * @param alsoKnown whether something else than Pulumi knows the stack.
 */
export async function chooseStack(named, { deletes, alsoKnown } = {}) {
  const { stack, because } = named ? { stack: named } : await currentStack();
  if (deletes && !named && stack !== DEFAULT_STACK) {
    throw new UserError(
      `the current stack is ${stack} (${because}), and this command ${deletes}`,
      `name the stack: --stack ${stack}`,
    );
  }
  await refuseUnknown(stack, alsoKnown);
  say(`Stack ${stack}${because ? ` (${because})` : ''}`);
  return stack;
}

/** A stack exists if it has a file, or if the backend knows it; a new environment is a new file. */
export async function refuseUnknown(stack, alsoKnown = async () => false) {
  if (hasFile(stack)) return;
  const inBackend = await backendStacks();
  // Where nothing is installed yet and the backend is somebody's own, it is asked after set-up: see `createStack`.
  if (inBackend === undefined || isAmong(stack, inBackend) || (await alsoKnown(stack))) return;
  throw unknownStack(stack, [...fileStacks(), ...inBackend]);
}

/** The error for a stack that does not exist. Pure. */
export function unknownStack(stack, known) {
  const names = [...new Set(known.map(shortName))].sort();
  const meant = suggest(shortName(stack), names);
  return new UserError(
    `there is no stack "${stack}"`,
    meant
      ? `did you mean ${meant}?`
      : `there are: ${names.join(', ')}; a new one is a new file Pulumi.NAME.yaml, or \`npx pulumi stack init NAME\``,
  );
}

/**
 * Creates a stack that has a file, unless the backend has it. Where nothing is selected yet, it selects dev, so that `npx
 * pulumi` means the same stack; otherwise what is selected stays so.
 */
export async function createStack(stack) {
  if (!(await isInBackend(stack))) {
    if (!hasFile(stack)) throw unknownStack(stack, [...fileStacks(), ...(await backendStacks())]);
    await must(['stack', 'init', stack, '--no-select', '--non-interactive'], `the stack ${stack} cannot be created`);
    say(`Created the stack ${stack} from Pulumi.${shortName(stack)}.yaml.`);
  }
  if (stack === DEFAULT_STACK && (await selectedStack()) === undefined) {
    await must(['stack', 'select', stack, '--non-interactive'], `the stack ${stack} cannot be selected`);
  }
}

/**
 * Asks for that stack alone: Pulumi reads the state of every stack that it lists, which a role that may deploy one of them may
 * not do.
 */
export async function isInBackend(stack) {
  if (!(await isSetUp())) return false;
  const { code, stderr } = await pulumiCapture(['stack', '--stack', stack, '--show-name', '--non-interactive']);
  if (code === 0) return true;
  if (NO_STACK.test(stderr)) return false;
  throw new UserError(`the stack ${stack} cannot be looked up: ${stderr.trim()}`);
}

async function currentStack() {
  if (process.env.PULUMI_STACK) return { stack: process.env.PULUMI_STACK, because: 'PULUMI_STACK' };
  const selected = await selectedStack();
  if (selected === undefined) return { stack: DEFAULT_STACK, because: 'the default' };
  if (hasFile(selected) || isAmong(selected, (await backendStacks()) ?? [selected])) {
    return { stack: selected, because: 'selected' };
  }
  return { stack: DEFAULT_STACK, because: `the default; the selected stack ${selected} does not exist any more` };
}

async function selectedStack() {
  const found = ownBackend() ? undefined : selectedInWorkspace(localBackend());
  if (found) return found.stack;
  if (!(await isSetUp())) return undefined;
  const { code, stdout } = await pulumiCapture(['stack', '--show-name', '--non-interactive']);
  return code === 0 ? stdout.trim() : undefined;
}

/**
 * Reads what the CLI would take half a second to say, from its workspace file: `{}` if nothing is selected, undefined if the
 * file does not say it in the way that we know.
 */
export function selectedInWorkspace(backend, { folder = root, home = pulumiHome, env = process.env } = {}) {
  // Go, and so the CLI, calls the working directory by the name that the shell has for it.
  const here = env.PWD && isSame(env.PWD, folder) ? env.PWD : folder;
  const hash = createHash('sha1').update(join(here, 'Pulumi.yaml')).digest('hex');
  let settings;
  try {
    settings = JSON.parse(
      readFileSync(join(home, 'workspaces', `${projectName(folder)}-${hash}-workspace.json`), 'utf8'),
    );
  } catch (error) {
    return error.code === 'ENOENT' ? {} : undefined;
  }
  const name = settings.stacks ? settings.stacks[backend] : settings.stack;
  return typeof name === 'string' ? { stack: shortName(name) } : undefined;
}

function isSame(one, other) {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** Names of the stacks in the backend; undefined where nothing is installed that could ask it. */
async function backendStacks() {
  if (!(await isSetUp())) return ownBackend() ? undefined : [];
  return JSON.parse(await must(['stack', 'ls', '--json'], 'the stacks cannot be listed')).map(({ name }) => name);
}

async function isSetUp() {
  return Boolean(await findCli()) && Boolean(ownBackend() || existsSync(local.passphrase));
}

async function must(args, otherwise) {
  const { code, stdout, stderr } = await pulumiCapture(args);
  if (code !== 0) throw new UserError(`${otherwise}: ${stderr.trim()}`);
  return stdout;
}

/** One may be written organization/project/stack, and the other not. Pure. */
export function isAmong(stack, names) {
  return names.some((name) => name === stack || name.endsWith(`/${stack}`) || stack.endsWith(`/${name}`));
}

function fileStacks(folder = root) {
  return readdirSync(folder).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
}

function hasFile(stack) {
  return fileStacks().includes(shortName(stack));
}

function shortName(stack) {
  return stack.split('/').at(-1);
}
