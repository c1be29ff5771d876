// `npm run bench [-- NAME …]`: the benchmarks in bench/; their figures go to bench/results.md.
import { join } from 'node:path';
import { root } from './lib/project.mjs';
import { main } from './lib/report.mjs';
import { foreground } from './lib/run.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  return foreground('node', [tsx, join(root, 'bench', 'run.ts'), ...process.argv.slice(2)], { cwd: root });
});
