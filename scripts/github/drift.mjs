// Whether what is deployed is what the deployed commit says. Written to a file, which drift-issue.mjs turns into an issue: the job
// that may look at the cloud may not write to the repository, and the other way round.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { commandLine } from '../lib/command.mjs';
import { markdown } from '../lib/preview-summary.mjs';
import { UserError, main, say } from '../lib/report.mjs';
import { changes } from './approval.mjs';
import { previewOf } from './commands.mjs';
import { summarize } from './run.mjs';

const COMMAND = {
  name: 'drift',
  program: 'node scripts/github/drift.mjs',
  about:
    'Compares what is deployed with what the program of a folder says, by `pulumi preview --refresh --expect-no-changes`, and writes\n' +
    'the result. Changes nothing. Exit code 0 whether or not there is drift; 1 if the comparison failed.',
  options: {
    stack: { type: 'string', short: 's', value: 'NAME', about: 'The stack' },
    folder: { type: 'string', value: 'FOLDER', default: '.', about: 'A checkout of the deployed commit' },
    absent: { type: 'boolean', about: 'Write that it was never deployed, and compare nothing' },
    output: { type: 'string', value: 'FILE', default: 'drift.json', about: 'Where the result goes' },
  },
};

await main(async () => {
  const { stack, folder, output, absent } = commandLine(COMMAND).values;
  if (stack === undefined) throw new UserError('a stack must be named', '--stack NAME');
  const found = absent
    ? { stack, state: 'absent', text: `${stack} was never deployed.` }
    : await look(stack, resolve(folder));
  mkdirSync(dirname(resolve(output)), { recursive: true });
  writeFileSync(output, JSON.stringify(found));
  summarize(found.text);
  say(`${stack}: ${found.state}`);
  return found.state === 'unknown' ? 1 : 0;
});

async function look(stack, cwd) {
  try {
    const preview = await previewOf(stack, ['--refresh', '--expect-no-changes'], { cwd });
    return { stack, state: changes(preview) ? 'drift' : 'none', text: markdown(preview, { stack }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { stack, state: 'unknown', text: `### ${stack}\n\n${error.message}\n` };
  }
}
