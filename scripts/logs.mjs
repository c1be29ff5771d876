// `npm run logs [-- SERVICE] [-- -f] [-- --tail N] [-- --stack NAME]`: the log lines of a stack's services, or of one.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { list } from './lib/docker.mjs';
import { UserError, main } from './lib/report.mjs';
import { must } from './lib/run.mjs';
import { NAME, applicationOf, labelOf } from './lib/stack.mjs';

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
  const [service] = positionals;
  const sources = await logSources(values.stack, service);
  if (sources.length === 0) {
    const known = [...new Set((await logSources(values.stack)).map(({ name }) => name))].sort();
    throw new UserError(
      service
        ? `${applicationOf(values.stack)} has no service "${service}"`
        : `nothing runs of ${applicationOf(values.stack)}`,
      known.length ? `choose one of: ${known.join(', ')}` : `\`npm run up -- --stack ${values.stack}\` brings it up`,
    );
  }
  const options = ['--timestamps', '--tail', values.tail, ...(values.follow ? ['--follow'] : [])];
  const codes = await Promise.all(sources.map((source) => show(source, options)));
  return Math.max(...codes);
});

/** The Swarm services, and the containers that belong to none (load balancers, the gateway, jobs). */
async function logSources(stack, service) {
  const labels = [labelOf(stack), ...(service ? [`${NAME}=${service}`] : [])];
  const services = await list('service', labels);
  const containers = (await list('container', labels, ['--all'])).filter(
    ({ Labels }) => !Labels.includes('com.docker.swarm.service.name='),
  );
  return [
    ...(await named(services, 'service')).map((source) => ({
      ...source,
      command: ['service', 'logs', '--raw', '--no-trunc'],
    })),
    ...(await named(containers, 'container')).map((source) => ({ ...source, command: ['container', 'logs'] })),
  ];
}

async function named(objects, kind) {
  if (objects.length === 0) return [];
  const inspected = JSON.parse(await must('docker', [kind, 'inspect', ...objects.map(({ ID }) => ID)]));
  return inspected.map((object) => ({
    id: object.ID ?? object.Id,
    name: (object.Spec?.Labels ?? object.Config?.Labels)?.[NAME] ?? object.Spec?.Name ?? object.Name,
    own: object.Spec?.Name ?? object.Name.replace(/^\//, ''),
  }));
}

function show({ id, own, command }, options) {
  return new Promise((resolve) => {
    const child = spawn('docker', [...command, ...options, id], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => console.log(`${own} | ${line}`));
    }
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 0));
  });
}
