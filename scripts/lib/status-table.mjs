// From what the engine says about services and containers to the rows of `npm run status`. Pure, for its tests.
import { COMPONENT, NAME } from './stack.mjs';

const SERVICE_OF = 'com.docker.swarm.service.name';
const SHORT_ID = 12;

/**
 * One row per service, and per container that belongs to none. `services` are those of `docker service inspect`,
 * `containers` those of `docker container inspect`.
 */
export function statusRows(services, containers) {
  const ofService = (name) => containers.filter(({ Config }) => Config.Labels?.[SERVICE_OF] === name);
  const nameOf = ({ Spec }) => Spec.Labels?.[NAME] ?? Spec.Name;
  const kindOf = ({ Spec }) => `${Spec.Labels?.[COMPONENT]} ${Spec.Labels?.[NAME]}`;
  const rows = services.map((service) => {
    const { Spec, UpdateStatus } = service;
    const own = ofService(Spec.Name);
    const running = own.filter(({ State }) => State.Running);
    const component = Spec.Labels?.[COMPONENT] ?? '';
    const done = running.length === 0 && own.some((container) => isFinished(container, component));
    return {
      // While one takes over from another there are two.
      service: services.filter((other) => kindOf(other) === kindOf(service)).length > 1 ? Spec.Name : nameOf(service),
      component,
      replicas: done ? 'done' : `${running.length}/${Spec.Mode?.Replicated?.Replicas ?? running.length}`,
      health: done ? '' : healthOf(running),
      update: UpdateStatus?.State === 'completed' ? '' : (UpdateStatus?.State ?? ''),
      image: shortImage(Spec.TaskTemplate?.ContainerSpec?.Image),
    };
  });
  const plain = containers.filter(({ Config }) => !Config.Labels?.[SERVICE_OF]);
  const more = plain.map((container) => ({
    service: container.Config.Labels?.[NAME] ?? container.Name.replace(/^\//, ''),
    component: container.Config.Labels?.[COMPONENT] ?? '',
    replicas: isFinished(container) ? 'done' : `${container.State.Running ? 1 : 0}/1`,
    health: isFinished(container) ? '' : healthOf(container.State.Running ? [container] : []),
    update: '',
    image: shortImage(container.Config.Image),
  }));
  return inOrder([...rows, ...more]);
}

/** A job ran to its end and is meant to be over. */
function isFinished({ Config, State }, component = Config.Labels?.[COMPONENT]) {
  return component === 'job' && !State.Running && State.ExitCode === 0;
}

function healthOf(running) {
  if (running.length === 0) return 'down';
  const counts = new Map();
  for (const { State } of running) {
    const health = State.Health?.Status ?? 'no check';
    counts.set(health, (counts.get(health) ?? 0) + 1);
  }
  if (counts.size === 1) return [...counts.keys()][0];
  return [...counts].map(([health, count]) => `${count} ${health}`).join(', ');
}

/** Without its digest, an id in full at the length that Docker shows. */
export function shortImage(image = '') {
  return image
    .replace(/@sha256:.*$/, '')
    .replace(/^sha256:/, '')
    .replace(/:([0-9a-f]{13,})$/, (_, id) => `:${id.slice(0, SHORT_ID)}`);
}

/** Rows by service, and of one service by component. */
export function inOrder(rows) {
  const key = ({ service, component }) => `${service}\u0000${component}`;
  return rows.sort((a, b) => key(a).localeCompare(key(b)));
}

/**
 * Why services are not at full strength: the newest error of each that has a replica which does not run, from the lines of
 * `docker service ps` (newest first for each replica).
 */
export function taskErrors(tasks) {
  const errors = [...new Set(tasks.map(({ Name }) => Name))].flatMap((replica) => {
    const own = tasks.filter(({ Name }) => Name === replica);
    if (/^(Running|Complete)/.test(own[0].CurrentState)) return [];
    const { Error: error } = own.find(({ Error }) => Error) ?? {};
    return error ? [[replica.replace(/\.\d+$/, ''), error.replace(/^"|"$/g, '')]] : [];
  });
  return [...new Map(errors)];
}

/** Lines of a table with columns as wide as their widest cell. */
export function table(headings, rows) {
  const keys = Object.keys(headings);
  const all = [headings, ...rows];
  const widths = keys.map((key) => Math.max(...all.map((row) => String(row[key]).length)));
  return all.map((row) =>
    keys
      .map((key, at) => String(row[key]).padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
}
