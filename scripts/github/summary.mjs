// Adds a file of Markdown to the summary of the job, as far as it is there.
import { existsSync, readFileSync } from 'node:fs';
import { commandLine } from '../lib/command.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { summarize } from './run.mjs';

/** GitHub takes a mebibyte of each step, and fails the step over more. */
const MOST_BYTES = 1_000_000;

const COMMAND = {
  name: 'summary',
  program: 'node scripts/github/summary.mjs',
  about: 'Adds a file of Markdown to the summary of the job; prints it where there is no job.',
  positionals: { usage: 'FILE', most: 1 },
};

await main(async () => {
  const [file] = commandLine(COMMAND).positionals;
  if (file === undefined) throw new UserError('a file must be named', 'FILE');
  if (!existsSync(file)) return say(`There is no ${file}.`);
  const text = readFileSync(file);
  if (text.length <= MOST_BYTES) return summarize(text.toString('utf8'));
  const whole = text.subarray(0, MOST_BYTES).toString('utf8');
  return summarize(`${whole.slice(0, whole.lastIndexOf('\n'))}\n\n…`);
});
