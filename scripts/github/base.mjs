// What a pull request is merged into: the first parent of the merge commit that GitHub makes for it. The event has a base as well, which
// may be older.
import { commandLine } from '../lib/command.mjs';
import { main, say } from '../lib/report.mjs';
import { must } from '../lib/run.mjs';
import { setOutput } from './run.mjs';

const COMMAND = {
  name: 'base',
  program: 'node scripts/github/base.mjs',
  about:
    'Outputs `base`: the first parent of the commit that is checked out in the working directory. Needs two commits of its history.',
};

await main(async () => {
  commandLine(COMMAND);
  const base = (await must('git', ['rev-parse', '--verify', 'HEAD^1'])).trim();
  say(`The base is ${base}.`);
  setOutput('base', base);
});
