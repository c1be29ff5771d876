// What Pulumi's file backend has of a stack, read from its file: to ask the CLI for it takes a second.
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { local, programFolder, projectName } from './project.mjs';
import { localBackend } from './pulumi.mjs';
import { valueOf } from './pulumi-args.mjs';
import { selectedInWorkspace } from './stack-choice.mjs';

/**
 * The project and stack that arguments of the CLI mean, its resources, what was under way when they were written, and the folder that
 * paths in it are from.
 *
 * @returns undefined where that cannot be told, and for a stack that has not been deployed.
 */
export function stateOf(args, stacks = join(local.state, '.pulumi', 'stacks')) {
  try {
    const cwd = realpathSync(valueOf(args, '--cwd', '-C') ?? process.cwd());
    const named = valueOf(args, '--stack', '-s') ?? process.env.PULUMI_STACK;
    const stack = (named ?? selectedInWorkspace(localBackend(), { folder: cwd })?.stack)?.split('/').at(-1);
    const project = projectName(cwd);
    const { checkpoint } = JSON.parse(readFileSync(join(stacks, project, `${stack}.json`), 'utf8'));
    const { resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
    return { project, stack, resources, pending, folder: programFolder(cwd) };
  } catch {
    return undefined; // there is no such project, stack or state, and the CLI says so
  }
}
