// Printing the log lines of several containers, wherever they run. A source is one container from one start on:
//   key         no other container has it, and this one has another after its next start
//   container   what stays the same when it starts again; `startedAt`, when it did
//   name, own   of the service, and of the replica
//   show        gives each line to a function, and resolves to an exit code once there are no more
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 2_000;
const IDLE_MS = 30_000;

/** Prints what there is, of all together in the order of time. Resolves to an exit code. */
export async function printLines(sources, print, { tail }) {
  const all = sources.map((source) => ({ ...source, lines: [] }));
  const codes = await Promise.all(all.map(({ show, lines }) => show((line) => lines.push(line), { tail })));
  for (const { own, line } of inOrderOfTime(all)) print(`${own} | ${line}`);
  return Math.max(0, ...codes);
}

/** Lines begin with their time, at the same length; one without belongs to the line before it. Pure. */
export function inOrderOfTime(sources) {
  const stamped = sources.flatMap(({ own, lines }) => {
    let time = '';
    return lines.map((line) => {
      time = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)(?= |$)/.exec(line)?.[0] ?? time;
      return { own, line, time };
    });
  });
  return stamped.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
}

/**
 * Prints lines as they come, of containers that start later as well, until looking for these fails.
 *
 * @param look finds the sources that there are now.
 */
export async function followLines(look, print, { tail, every = LOOK_AGAIN_MS }) {
  const next = newOnes();
  for (let first = true; ; first = false) {
    for (const { source, again } of next(await look())) {
      // What was printed before it started again is not printed twice.
      const from = first ? { tail } : again ? { since: source.startedAt } : {};
      void source.show((line) => print(`${source.own} | ${line}`), { follow: true, ...from });
    }
    await sleep(every);
  }
}

/** Of the sources that are there now, those that were not before; `again` if the container is known. Pure. */
export function newOnes() {
  const keys = new Set();
  const containers = new Set();
  return (sources) =>
    sources.flatMap((source) => {
      if (keys.has(source.key)) return [];
      const again = containers.has(source.container);
      keys.add(source.key);
      containers.add(source.container);
      return [{ source, again }];
    });
}

/** Bounds the wait for lines that are there already; a follower may wait for ever. */
export function idleTimer({ follow }, give, { after = IDLE_MS } = {}) {
  if (follow) return { touch() {}, stop() {} };
  const timer = setTimeout(() => give(`no more lines came within ${after / 1000} s`), after);
  return { touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}
