import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../components';
import { ConfigurationError, type ShopConfig } from './config';

const PROJECT_FOLDER = join(__dirname, '..');

/**
 * What names and data of a stack follow from: its name, or the one that it had before it was renamed.
 *
 * @throws ConfigurationError when another stack's file claims the same.
 */
export function stackIdentity(
  { project, stack }: Identity,
  config: ShopConfig,
  files: ReadonlyMap<string, string> = stackFiles(),
): Identity {
  const renamedFrom = 'renamedFrom' in config ? config.renamedFrom : undefined;
  const own = renamedFrom ?? stack;
  const rival = [...files].find(([name, text]) => name !== stack && (renamedFromOf(project, text) ?? name) === own);
  if (rival) {
    throw new ConfigurationError(
      `the stacks ${stack} and ${rival[0]} would share the objects and data of ${own}; nothing was created or changed.\n` +
        `  ${project}:renamedFrom is in Pulumi.${renamedFrom === undefined ? rival[0] : stack}.yaml. ` +
        `If the stack ${rival[0]} no longer exists, delete Pulumi.${rival[0]}.yaml. ` +
        (renamedFrom === undefined
          ? 'Otherwise rename this stack: npx pulumi stack rename NEW'
          : `If ${stack} was copied from ${rival[0]}: npx pulumi config rm --stack ${stack} renamedFrom`),
    );
  }
  return { project, stack: own };
}

/** The same as in scripts/lib/stack.mjs; a test holds them together. */
function renamedFromOf(project: string, text: string): string | undefined {
  return new RegExp(`^\\s+["']?${project}:renamedFrom["']?:\\s*["']?([\\w.-]+)`, 'm').exec(text)?.[1];
}

function stackFiles(): Map<string, string> {
  const names = readdirSync(PROJECT_FOLDER).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return new Map(names.map((name) => [name, readFileSync(join(PROJECT_FOLDER, `Pulumi.${name}.yaml`), 'utf8')]));
}
