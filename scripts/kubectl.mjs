// `npm run kubectl -- ARGUMENTS`: kubectl for the cluster of `npm run cluster`, and for no other.
import { existsSync, readFileSync } from 'node:fs';
import { main, UserError } from './lib/report.mjs';
import { foreground } from './lib/run.mjs';
import { clone } from './setup/cluster/layout.mjs';

await main(async () => {
  if (!existsSync(clone.facts)) throw new UserError('this clone knows of no cluster', 'start it: `npm run cluster`');
  const { kubectl, context } = JSON.parse(readFileSync(clone.facts, 'utf8'));
  return foreground(kubectl, ['--kubeconfig', clone.kubeconfig, '--context', context, ...process.argv.slice(2)]);
});
