// `npm run logs`: the log lines of a stack's services, or of one.
import { constants } from 'node:os';
import { clusterLogs } from './lib/cluster-logs.mjs';
import { placeOfStack } from './lib/cluster-place.mjs';
import { STACK, commandLine } from './lib/command.mjs';
import { engineLogs, engineServices, stopShowing } from './lib/engine-logs.mjs';
import { followLines, printLines } from './lib/log-lines.mjs';
import { UserError, main } from './lib/report.mjs';
import { chooseStack } from './lib/stack-choice.mjs';
import { onCluster, targetOf } from './lib/stack-needs.mjs';
import { applicationOf } from './lib/stack.mjs';
import { suggest } from './lib/suggest.mjs';

const COMMAND = {
  name: 'logs',
  about: "Prints the log lines of a stack's services, or of one, each with its replica.",
  positionals: { usage: '[SERVICE]', most: 1 },
  options: {
    ...STACK,
    follow: { type: 'boolean', short: 'f', about: 'Go on with new lines, of new replicas as well, until Ctrl-C' },
    tail: { type: 'string', short: 'n', value: 'LINES', default: '100', about: 'The last lines of each replica' },
  },
  examples: ['npm run logs -- user', 'npm run logs -- user -f', 'npm run logs -- --stack staging --tail 20'],
};

await main(async () => {
  const { values, positionals } = commandLine(COMMAND);
  if (!/^\d+$/.test(values.tail)) throw new UserError(`--tail: "${values.tail}" is not allowed`, 'give a whole number');
  const stack = await chooseStack(values.stack);
  const place = onCluster(await targetOf(stack)) ? await placeOfStack(stack) : undefined;
  const find = place ? await clusterLogs(place, stack) : (name) => engineLogs(stack, name);
  const [service] = positionals;
  const sources = await find(service);
  if (sources.length === 0) await explain(stack, service, find, { place, follow: values.follow });
  const tail = Number(values.tail);
  if (!values.follow) return printLines(sources, console.log, { tail });
  endWithUs();
  return followLines(() => find(service), console.log, { tail });
});

/** Throws why there are no lines, unless they may still come. */
async function explain(stack, service, find, { place, follow }) {
  const application = applicationOf(stack);
  const services = place ? [] : await engineServices(stack);
  if (services.includes(service) || (!service && services.length > 0)) {
    if (follow) return;
    throw new UserError(
      `${service ?? application} has no replica that has started`,
      `\`npm run status -- --stack ${stack}\` says why`,
    );
  }
  const known = [...new Set([...services, ...(await find()).map(({ name }) => name)])].sort();
  if (known.length === 0) {
    throw new UserError(`nothing runs of ${application}`, `\`npm run up -- --stack ${stack}\` brings it up`);
  }
  const meant = suggest(service, known);
  throw new UserError(
    `${application} has no service "${service}"`,
    meant ? `did you mean ${meant}?` : `choose one of: ${known.join(', ')}`,
  );
}

function endWithUs() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      stopShowing();
      process.exit(128 + constants.signals[signal]);
    });
  }
  // Whoever reads our lines has enough, as `head` does.
  process.stdout.on('error', () => {
    stopShowing();
    process.exit(0);
  });
}
