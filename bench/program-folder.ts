import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../test/behaviour/support/environment';

/**
 * A Pulumi project with the shop's runtime options, inside the repository so that it finds the same packages.
 *
 * @param files by name; the first is the program.
 */
export function programFolder(project: string, files: Record<string, string>): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(root, '.local', `${project}-`));
  const main = Object.keys(files)[0]!;
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    `name: ${project}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --require sucrase/register/ts\nmain: ${main}\n`,
  );
  // There may be secrets among them.
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
