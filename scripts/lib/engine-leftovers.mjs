// What an interrupted update has left on a Docker engine: objects of an application that no state knows.
import { jsonLines, saysGone } from './docker.mjs';
import { UserError, say } from './report.mjs';
import { capture, must } from './run.mjs';
import { COMPONENT, PART_OF } from './stack.mjs';

const POLL_MS = 500;
const RELEASED_MS = 60_000;
/** Nothing of it holds what somebody wants to keep. */
const KINDS = ['service', 'container', 'network', 'config', 'secret', 'volume'];
/** Removed elsewhere, or never. */
const NOT_LEFT = ['data', 'writable-folder'];

/**
 * Removes an application's objects from the engine, except data.
 *
 * @param known ids of those that stay: what the state knows.
 * @returns what was removed, as `service NAME`.
 */
export async function removeLeftovers(application, known = new Set()) {
  const removed = [];
  for (const kind of KINDS) {
    const found = (await objects(kind, application)).filter(({ id }) => !knows(known, id));
    for (const { id, name } of found) await remove(kind, id, name);
    removed.push(...found.map(({ name }) => `${kind} ${name}`));
    if (kind === 'service') for (const { name } of found) await tasksGone(name);
  }
  if (removed.length > 0) say(`Removed objects that are not in Pulumi's state: ${removed.join(', ')}`);
  return removed;
}

/** An id as the engine lists it may be the beginning of the whole one. */
function knows(known, id) {
  return known.has(id) || [...known].some((one) => one.startsWith(id));
}

async function objects(kind, application) {
  const label = `label=${PART_OF}=${application}`;
  const prefix = `${application}-`;
  // Configs have no labels; their names begin with what no other application's begin with.
  const filter = kind === 'config' ? `name=${prefix}` : label;
  const more = kind === 'container' ? ['--all', '--no-trunc'] : kind === 'network' ? ['--no-trunc'] : [];
  const rows = jsonLines(await must('docker', [kind, 'ls', ...more, '--format', '{{json .}}', '--filter', filter]));
  const all = rows.map((row) => ({ id: row.ID ?? row.Name, name: row.Name ?? row.Names, labels: row.Labels ?? '' }));
  switch (kind) {
    case 'config':
      return all.filter(({ name }) => name.startsWith(prefix));
    case 'volume':
      return all.filter(({ labels }) => !NOT_LEFT.some((component) => labels.includes(`${COMPONENT}=${component}`)));
    case 'container':
      return all.filter(({ labels }) => !labels.includes('com.docker.swarm.task.id='));
    default:
      return all;
  }
}

/** The engine lets go of what a container had a moment after that is gone. */
async function remove(kind, id, name) {
  const force = kind === 'container' ? ['--force'] : [];
  for (const end = Date.now() + RELEASED_MS; ; await pause()) {
    const { code, stderr } = await capture('docker', [kind, 'rm', ...force, id]);
    if (code === 0 || saysGone(stderr)) return;
    if (Date.now() > end) {
      throw new UserError(
        `${kind} ${name} is not in Pulumi's state, and cannot be removed: ${stderr.trim()}`,
        `see what uses it: docker ${kind} inspect ${name}`,
      );
    }
  }
}

async function tasksGone(service) {
  const filter = `label=com.docker.swarm.service.name=${service}`;
  for (const end = Date.now() + RELEASED_MS; Date.now() < end; await pause()) {
    if ((await must('docker', ['ps', '--quiet', '--filter', filter])).trim() === '') return;
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));
