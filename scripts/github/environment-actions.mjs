// What is done with the environment of a pull request. Everything that acts is handed over, so that tests can play it.
import { UserError, say } from '../lib/report.mjs';
import { setSection } from './comment.mjs';
import { numberOf, stackOf } from './environment-file.mjs';
import { EXPIRY_HOURS, cutNames, environmentsOf, environmentsOfCut, reasonToRemove } from './environment-sweep.mjs';

const ADDRESS = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/;

/**
 * @typedef World
 * @property {(script: string, args: string[]) => Promise<void>} npmRun runs a command of the project, and throws if it fails
 * @property {(args: string[]) => Promise<string>} pulumi runs the CLI, and gives what it prints
 * @property {(number: number) => Promise<string>} writeFile writes the file of its stack, and gives the stack's name
 * @property {(number: number) => Promise<string | undefined>} deleteNamespace what was deleted of it in the cluster, if anything
 * @property {() => Promise<string[]>} namespaces names of the applications' namespaces in the cluster
 * @property {(stack: string) => string} applicationOf
 */

/** Deploys the environment of a pull request. Resolves to its address. */
export async function bringUp(number, { npmRun, pulumi, writeFile }) {
  const stack = await writeFile(number);
  await npmRun('up', ['--stack', stack]);
  return (await pulumi(['stack', 'output', 'url', '--stack', stack])).trim();
}

/** Removes the environment of a pull request, with its data and its state. Does nothing where there is none. */
export async function takeDown(number, { npmRun, pulumi, writeFile, deleteNamespace }) {
  const stack = await writeFile(number);
  const stacks = JSON.parse(await pulumi(['stack', 'ls', '--json']));
  if (stacks.some(({ name }) => numberOf(name) === number)) {
    await npmRun('down', ['--stack', stack, '--data']);
    await pulumi(['stack', 'rm', stack, '--yes']);
  }
  // What a state that was lost does not know, or a run that was cancelled has made.
  const left = await deleteNamespace(number);
  if (left !== undefined) say(`Deleted what was left: namespace ${left}.`);
}

/** Says in the comment where the environment is. Without an address, that its deployment failed. */
export async function tell(github, number, { address, run, options }) {
  stackOf(number);
  if (address && !ADDRESS.test(address)) throw new UserError(`${JSON.stringify(address)} is not a valid URL`);
  const text = address
    ? `Deployed to <${address}>. Deleted when the pull request is closed or loses its label, or after ${EXPIRY_HOURS} hours without an update.`
    : `The environment of this pull request could not be deployed: see [the run](${run}).`;
  await setSection(github, number, 'environment', `### Environment\n\n${text}`, options);
}

/** Says that the environment is gone, if anything was said of it. */
export const forget = (github, number, options) => setSection(github, number, 'environment', '', options);

/**
 * Removes every environment that is to go. One that cannot be removed keeps none of the others from it.
 *
 * @returns numbers of those that `failed`, and of those that were `removed`.
 */
export async function sweep(github, world, { label, hours, now, options }) {
  const stacks = JSON.parse(await world.pulumi(['stack', 'ls', '--json']));
  const namespaces = await world.namespaces();
  const whole = environmentsOf(stacks, namespaces, world.applicationOf);
  const known = whole.map(({ number }) => number);
  const cut = (await ofCutNames(github, namespaces, world)).filter(({ number }) => !known.includes(number));
  const environments = [...whole, ...cut];
  const [removed, failed] = [[], []];
  for (const environment of environments) {
    const { number } = environment;
    try {
      const pullRequest = await found(github, number);
      const going = reasonToRemove(environment, pullRequest, { label, hours, now });
      if (going === undefined) continue;
      say(`Deleting pr-${number}: ${going.reason}.`);
      await takeDown(number, world);
      if (pullRequest) await afterwards(github, number, { ...going, label, hours, options });
      removed.push(number);
    } catch (error) {
      say(`✗ pr-${number} could not be deleted: ${error.message}`);
      failed.push(number);
    }
  }
  return { removed, failed };
}

async function ofCutNames(github, namespaces, { applicationOf }) {
  const cut = cutNames(namespaces);
  if (cut.length === 0) return [];
  const [newest] = await github.get('pulls', { state: 'all', sort: 'created', direction: 'desc', per_page: 1 });
  return newest === undefined ? [] : environmentsOfCut(cut, applicationOf, newest.number);
}

async function found(github, number) {
  try {
    return await github.get(`pulls/${number}`);
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}

async function afterwards(github, number, { expired, label, hours, options }) {
  if (!expired) return forget(github, number, options);
  await github.delete(`issues/${number}/labels/${encodeURIComponent(label)}`);
  const text = `The environment and its data were deleted after ${hours} hours without an update. Add the label \`${label}\` again to recreate it.`;
  return setSection(github, number, 'environment', `### Environment\n\n${text}`, options);
}
