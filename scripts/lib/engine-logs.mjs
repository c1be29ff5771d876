// Whose log lines there are on an engine: containers, of tasks and others, one by one. Not `docker service logs`: it waits for
// ever for a task whose container is gone (moby/moby#38640), which is so after any rollout.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inspectAll, jsonLines, list } from './docker.mjs';
import { idleTimer } from './log-lines.mjs';
import { capture } from './run.mjs';
import { NAME, applicationOf, labelOf } from './stack.mjs';

const TASK_NAME = 'com.docker.swarm.task.name';
/** Enough of a task's id to tell the replicas apart that have had one place. */
const TASK_ID_LENGTH = 5;
/** Not begun, or on its way out: the engine has no log lines of it. */
const SILENT = ['created', 'removing', 'dead'];

/** What is read of a container: the whole is some 10 kB, every two seconds. */
const FORMAT =
  '{"Id":{{json .Id}},"Name":{{json .Name}},"Config":{"Labels":{{json .Config.Labels}}},' +
  '"State":{"Status":{{json .State.Status}},"StartedAt":{{json .State.StartedAt}}}}';

const showing = new Set();

/** The containers of a stack, or of one of its services, that have log lines; see log-lines.mjs. */
export async function engineLogs(stack, service) {
  const labels = [labelOf(stack), ...(service ? [`${NAME}=${service}`] : [])];
  const ids = (await list('container', labels, ['--all', '--no-trunc'])).map(({ ID }) => ID);
  if (ids.length === 0) return [];
  // Prints those that it finds; one that was just removed makes it fail, and has no lines.
  const { stdout } = await capture('docker', ['container', 'inspect', '--format', FORMAT, ...ids]);
  return engineSources(jsonLines(stdout), applicationOf(stack)).map(({ id, ...source }) => ({
    ...source,
    show: (onLine, options) => show(id, onLine, options),
  }));
}

/** From what `docker container inspect` prints. A container that starts again has another key. Pure. */
export function engineSources(inspected, application) {
  return inspected
    .filter(({ State }) => !SILENT.includes(State.Status))
    .map(({ Id, Name, Config, State }) => ({
      id: Id,
      container: Id,
      key: `${Id} ${State.StartedAt}`,
      startedAt: State.StartedAt,
      name: Config.Labels?.[NAME] ?? Name.replace(/^\//, ''),
      own: ownName(Config.Labels?.[TASK_NAME] ?? Name.replace(/^\//, ''), application),
    }));
}

/** `shop-dev-1a2b3c-order.2.x7k2vq…` is order.2.x7k2v within its application. */
function ownName(name, application) {
  const short = name.startsWith(`${application}-`) ? name.slice(application.length + 1) : name;
  return short.replace(/^(.+\.\d+\.)([a-z0-9]{25})$/, (_, place, id) => `${place}${id.slice(0, TASK_ID_LENGTH)}`);
}

/** Names of all services of the stack, with those that have no container now. */
export async function engineServices(stack) {
  const services = await list('service', [labelOf(stack)]);
  if (services.length === 0) return [];
  const inspected = await inspectAll(
    'service',
    services.map(({ ID }) => ID),
  );
  return inspected.map(({ Spec }) => Spec.Labels?.[NAME] ?? Spec.Name);
}

/** Ends what is still shown: a follower would outlive us. */
export function stopShowing() {
  for (const child of showing) child.kill('SIGTERM');
}

export function logArguments(id, { follow, tail, since }) {
  return [
    ...['container', 'logs', '--timestamps'],
    ...(tail === undefined ? [] : ['--tail', `${tail}`]),
    ...(since === undefined ? [] : ['--since', since]),
    ...(follow ? ['--follow'] : []),
    id,
  ];
}

function show(id, onLine, options) {
  return new Promise((resolve) => {
    const child = spawn('docker', logArguments(id, options), { stdio: ['ignore', 'pipe', 'pipe'] });
    showing.add(child);
    const idle = idleTimer(options, (why) => {
      onLine(why);
      child.kill('SIGKILL');
    });
    let gone = false;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        idle.touch();
        if (/^Error.*No such container/.test(line)) gone = true;
        else onLine(line);
      });
    }
    const end = (code) => {
      idle.stop();
      showing.delete(child);
      resolve(gone ? 0 : code);
    };
    child.on('error', () => end(127));
    child.on('close', (code) => end(code ?? 1));
  });
}
