// The stack of a pull request: its name, and its file, a copy of staging's with what must be its own. Written anew for every command,
// from the base's file: a file of that name in the pull request does not say where its environment runs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeOf } from '../lib/cluster-place.mjs';
import { projectName, root } from '../lib/project.mjs';
import { UserError } from '../lib/report.mjs';
import { applicationOf } from '../lib/stack.mjs';

const NUMBER = /^[1-9]\d{0,8}$/;
const STACK = /^pr-([1-9]\d{0,8})$/;
/** Of staging alone: two of them cannot have the same. */
const OWN = ['namespace', 'nodePort', 'renamedFrom', 'backup', 'restore'];

/** @throws UserError if it is not a pull request number. */
export function stackOf(number) {
  if (!NUMBER.test(String(number))) throw new UserError(`${JSON.stringify(number)} is not a pull request number`);
  return `pr-${number}`;
}

/** The number in the name of a stack, with or without organization and project; undefined if it is another stack. */
export const numberOf = (stack) => {
  const [, digits] = STACK.exec(stack.split('/').at(-1)) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

/**
 * The configuration of the stack of a pull request, by key.
 *
 * @param from stack whose file is copied.
 * @param host name at which it is reached, with `{stack}` for the stack's; without one, that of the file is kept.
 */
export async function configOf(number, { from = 'staging', host, folder = root } = {}) {
  const stack = stackOf(number);
  const project = projectName(folder);
  const { parse } = await import('yaml'); // an npm package, which those who only write to GitHub do not install
  const { config = {} } = parse(readFileSync(join(folder, `Pulumi.${from}.yaml`), 'utf8'));
  const own = OWN.map((key) => `${project}:${key}`);
  const kept = Object.fromEntries(Object.entries(config).filter(([key]) => !own.includes(key)));
  return host ? { ...kept, [`${project}:host`]: host.replaceAll('{stack}', stack) } : kept;
}

/** Writes `Pulumi.pr-N.yaml`, and gives the name of the stack. */
export async function writeStackFile(number, { folder = root, ...options } = {}) {
  const stack = stackOf(number);
  const { stringify } = await import('yaml');
  const config = await configOf(number, { folder, ...options });
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), stringify({ config }));
  return stack;
}

/** Where the stack of a pull request runs; it need not exist. */
export async function placeOfEnvironment(number, { folder = root, installation, ...options } = {}) {
  const config = await configOf(number, { folder, ...options });
  const values = Object.fromEntries(Object.entries(config).map(([name, value]) => [name, { value: String(value) }]));
  return placeOf(projectName(folder), values, applicationOf(stackOf(number), installation));
}
