// Running the project's own TypeScript programs.
import { join } from 'node:path';
import { root } from './project.mjs';
import { foreground } from './run.mjs';

/** Resolves to the program's exit code. */
export function tsx(file, args = []) {
  const cli = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  return foreground(process.execPath, [cli, join(root, file), ...args], { cwd: root });
}
