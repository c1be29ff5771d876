// Whose log lines there are on an engine: the Swarm services, and the containers that belong to none (load balancers, the
// gateway, jobs).
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { list } from './docker.mjs';
import { must } from './run.mjs';
import { NAME, labelOf } from './stack.mjs';

/** Each with the service's name, its own, and how its lines are followed; `show` resolves to an exit code. */
export async function engineLogs(stack, service) {
  const labels = [labelOf(stack), ...(service ? [`${NAME}=${service}`] : [])];
  const services = await list('service', labels);
  const containers = (await list('container', labels, ['--all'])).filter(
    ({ Labels }) => !Labels.includes('com.docker.swarm.service.name='),
  );
  return [
    ...(await sources(services, 'service', ['service', 'logs', '--raw', '--no-trunc'])),
    ...(await sources(containers, 'container', ['container', 'logs'])),
  ];
}

async function sources(objects, kind, command) {
  if (objects.length === 0) return [];
  const inspected = JSON.parse(await must('docker', [kind, 'inspect', ...objects.map(({ ID }) => ID)]));
  return inspected.map((object) => ({
    name: (object.Spec?.Labels ?? object.Config?.Labels)?.[NAME] ?? object.Spec?.Name ?? object.Name,
    own: object.Spec?.Name ?? object.Name.replace(/^\//, ''),
    show: (onLine, options) => show([...command, ...flags(options), object.ID ?? object.Id], onLine),
  }));
}

function flags({ follow, tail }) {
  return ['--timestamps', '--tail', `${tail}`, ...(follow ? ['--follow'] : [])];
}

function show(args, onLine) {
  return new Promise((resolve) => {
    const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 0));
  });
}
