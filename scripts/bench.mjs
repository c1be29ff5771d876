// `npm run bench`: the benchmarks in bench/; their figures go to bench/results.md.
import { commandLine } from './lib/command.mjs';
import { main } from './lib/report.mjs';
import { tsx } from './lib/tsx.mjs';
import { setup } from './setup.mjs';

const COMMAND = {
  name: 'bench',
  about: 'Runs the benchmarks, and writes their figures into bench/results.md.',
  positionals: { usage: '[NAME …]', most: Infinity },
  more: ['NAME is that of a benchmark in bench/run.ts, by default all; a name that does not exist lists them.'],
  examples: ['npm run bench -- rendering preview'],
};

await main(async () => {
  const { positionals } = commandLine(COMMAND);
  await setup();
  return tsx('bench/run.ts', positionals);
});
