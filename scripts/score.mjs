// `npm run score`: what `prod` asks of a cluster, judged by kube-score.
import { join } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { root } from './lib/project.mjs';
import { main, step } from './lib/report.mjs';
import { countedProgram } from './lib/suites.mjs';
import { setup } from './setup.mjs';
import { ensureBuilt, program } from './setup/cluster/programs.mjs';

const COMMAND = {
  name: 'score',
  about: 'Judges by kube-score what the stack prod puts into its cluster; builds kube-score the first time.',
};

await main(async () => {
  commandLine(COMMAND);
  await setup({ nodeOnly: true });
  await step('kube-score', async (tell) => ((await ensureBuilt('kube-score', tell)) ? 'built' : 'present'));
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const passed = await countedProgram(process.execPath, [
    tsx,
    join(root, 'scripts', 'score.ts'),
    program('kube-score'),
  ]);
  return passed ? 0 : 1;
});
