// `npm run kubectl -- ARGUMENTS`: kubectl for the cluster of `npm run cluster`, and for no other.
import { existsSync, readFileSync } from 'node:fs';
import { helpText } from './lib/command.mjs';
import { main, UserError } from './lib/report.mjs';
import { foreground } from './lib/run.mjs';
import { clone } from './setup/cluster/layout.mjs';

const COMMAND = {
  name: 'kubectl',
  about: 'Runs kubectl on the cluster of `npm run cluster`, and on no other.',
  positionals: { usage: 'ARGUMENTS' },
  passesTo: 'kubectl',
  more: ['`npm run kubectl -- help` shows what kubectl knows.'],
  examples: ['npm run kubectl -- get pods --all-namespaces'],
};

await main(async () => {
  const args = process.argv.slice(2);
  // Only alone it asks us: `get --help` asks kubectl.
  if (args.length === 0 || (args.length === 1 && ['--help', '-h'].includes(args[0]))) {
    console.log(helpText(COMMAND));
    return args.length === 0 ? 1 : 0;
  }
  if (!existsSync(clone.facts)) throw new UserError('this clone knows of no cluster', 'start it: `npm run cluster`');
  const { kubectl, context } = JSON.parse(readFileSync(clone.facts, 'utf8'));
  return foreground(kubectl, ['--kubeconfig', clone.kubeconfig, '--context', context, ...args]);
});
