// What Pulumi's file backend has of a stack, read from its file: to ask the CLI for it takes a second.
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { local, projectName } from './project.mjs';
import { localBackend } from './pulumi.mjs';
import { valueOf } from './pulumi-args.mjs';
import { selectedInWorkspace } from './stack-choice.mjs';

/**
 * The stack that arguments of the CLI mean, its resources, and what was under way when they were written.
 *
 * @returns undefined where that cannot be told, and for a stack that has not been deployed.
 */
export function stateOf(args, folder = join(local.state, '.pulumi', 'stacks')) {
  try {
    const cwd = realpathSync(valueOf(args, '--cwd', '-C') ?? process.cwd());
    const named = valueOf(args, '--stack', '-s') ?? process.env.PULUMI_STACK;
    const stack = (named ?? selectedInWorkspace(localBackend(), { folder: cwd })?.stack)?.split('/').at(-1);
    const { checkpoint } = JSON.parse(readFileSync(join(folder, projectName(cwd), `${stack}.json`), 'utf8'));
    const { resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
    return { stack, resources, pending };
  } catch {
    return undefined; // there is no such project, stack or state, and the CLI says so
  }
}
