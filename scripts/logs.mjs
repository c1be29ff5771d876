// `npm run logs [-- SERVICE] [-- -f] [-- --tail N] [-- --stack NAME]`: the log lines of a stack's services, or of one.
import { parseArgs } from 'node:util';
import { clusterLogs } from './lib/cluster-logs.mjs';
import { placeOfStack } from './lib/cluster-place.mjs';
import { engineLogs } from './lib/engine-logs.mjs';
import { UserError, main } from './lib/report.mjs';
import { onCluster, targetOf } from './lib/stack-needs.mjs';
import { applicationOf } from './lib/stack.mjs';

const DEFAULT_TAIL = '100';

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      follow: { type: 'boolean', short: 'f', default: false },
      stack: { type: 'string', short: 's', default: 'dev' },
      tail: { type: 'string', short: 'n', default: DEFAULT_TAIL },
    },
  });
  const { follow, stack } = values;
  if (!/^\d+$/.test(values.tail)) throw new UserError(`--tail: "${values.tail}" is not allowed`, 'give a whole number');
  const [service] = positionals;
  const place = onCluster(await targetOf(stack)) ? await placeOfStack(stack) : undefined;
  const find = (name) => (place ? clusterLogs(place, stack, name) : engineLogs(stack, name));
  const sources = await find(service);
  if (sources.length === 0) {
    const known = [...new Set((await find()).map(({ name }) => name))].sort();
    throw new UserError(
      service ? `${applicationOf(stack)} has no service "${service}"` : `nothing runs of ${applicationOf(stack)}`,
      known.length ? `choose one of: ${known.join(', ')}` : `\`npm run up -- --stack ${stack}\` brings it up`,
    );
  }
  const options = { follow, tail: Number(values.tail) };
  const codes = await Promise.all(
    sources.map(({ own, show }) => show((line) => console.log(`${own} | ${line}`), options)),
  );
  return Math.max(...codes);
});
