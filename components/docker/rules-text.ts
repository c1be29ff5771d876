import { PROXY_FOLDER, TRANSITION_RULES_NAME } from './proxy-scripts';

/**
 * Rules of a proxy during the rollout of a microservice: those that were in force, with a further section for each new
 * definition of the microservice's replicas. All of this works on text, since what is in force may be older than the
 * program, and may have been changed by `transform`.
 */

/** Definitions of one microservice that came after the one of the rules in force, oldest first. */
export type Later = Readonly<Record<string, readonly string[]>>;

const HEAD = /^[a-z]/;
const PREVIOUS = '.previous';
/** A machine that is busy runs a check later than planned. */
const SETTLE_MARGIN = 500;

/** Sections of a configuration, each from its head to the line before the next head. Joined they are the text again. */
export function sections(text: string): string[] {
  const result: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    if (HEAD.test(line) || result.length === 0) result.push(line);
    else result.push(`${result.pop()!}${line}`);
  }
  return result;
}

export function backendSection(text: string, name: string): string | undefined {
  return sections(text).find((section) => headOf(section) === `backend ${name}`);
}

/** Addresses that a proxy listens on, by frontend. */
export function binds(text: string): Map<string, string[]> {
  return new Map(
    sections(text)
      .filter((section) => headOf(section).startsWith('frontend '))
      .map((section) => [
        headOf(section).slice('frontend '.length),
        [...section.matchAll(/^\s+bind (\S+)/gm)].map(([, address]) => address!),
      ]),
  );
}

/** What decides how a replica is reached, checked and waited for. Limits of the proxy are left out: they follow from all. */
function essence(section: string): string {
  return section
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('http-request return '))
    .join('\n');
}

export function sameDefinition(one: string, other: string): boolean {
  return essence(one) === essence(other);
}

/** Whether one frontend can pass on to both: HAProxy has no frontend for HTTP and bare TCP at once. */
export function sameMode(one: string, other: string): boolean {
  const mode = (section: string) => /^\s+mode (\S+)/m.exec(section)?.[1];
  return mode(one) === mode(other);
}

/** Definitions of a microservice, oldest first, each once and where it came last. */
export function definitions(base: string, name: string, later: Later): string[] {
  const first = backendSection(base, name);
  const all = [...(first === undefined ? [] : [first]), ...(later[name] ?? [])];
  return all.filter((one, index) => !all.slice(index + 1).some((other) => sameDefinition(one, other)));
}

/** Name of the section of the definition that is `age` older than the newest. */
function nameAt(service: string, age: number): string {
  return service + PREVIOUS.repeat(age);
}

/** The rules with a section for each definition. Without later ones, the rules themselves. */
export function transitionalRules(base: string, later: Later): string {
  const several = new Map(
    Object.keys(later)
      .map((name) => [name, definitions(base, name, later)] as const)
      .filter(([, list]) => list.length > 1),
  );
  if (several.size === 0) return base;
  return sections(base)
    .map((section) => {
      const head = headOf(section);
      if (head === 'global') return withLua(section);
      if (head.startsWith('frontend ')) return choosing(section, several);
      const name = head.startsWith('backend ') ? head.slice('backend '.length) : '';
      const list = several.get(name);
      if (list === undefined) return section;
      return [...list]
        .reverse()
        .map((one, age) => `${`backend ${nameAt(name, age)}\n${bodyOf(one)}`.trimEnd()}\n\n`)
        .join('');
    })
    .join('');
}

/** From which section the servers of each section are the same ones, when `before` is followed by `after`. */
export function renames(
  service: string,
  before: readonly string[],
  after: readonly string[],
): { from: string; to: string }[] {
  return after.flatMap((definition, index) => {
    const at = before.findIndex((one) => sameDefinition(one, definition));
    if (at < 0) return [];
    const from = nameAt(service, before.length - 1 - at);
    const to = nameAt(service, after.length - 1 - index);
    return [{ from, to }];
  });
}

function headOf(section: string): string {
  return section.split('\n', 1)[0]!.trim();
}

function bodyOf(section: string): string {
  return section.slice(section.indexOf('\n') + 1);
}

function withLua(section: string): string {
  const [head, body] = [headOf(section), bodyOf(section)];
  return `${head}\n  lua-load ${PROXY_FOLDER}/${TRANSITION_RULES_NAME}\n${body}`;
}

/** Time after which a server at a new address has been checked, whatever it is defined by. */
function settled(list: readonly string[]): number {
  const most = (pattern: RegExp) => Math.max(...list.map((section) => Number(pattern.exec(section)?.[1] ?? 0)));
  return most(/ check .*\binter (\d+)ms/) + most(/^\s+timeout check (\d+)ms/m) + SETTLE_MARGIN;
}

function choosing(section: string, services: ReadonlyMap<string, readonly string[]>): string {
  return section
    .split('\n')
    .map((line) => {
      const [, indent, keyword, name, condition = ''] =
        /^(\s+)(use_backend|default_backend) (\S+)( .*)?$/.exec(line) ?? [];
      const list = services.get(name ?? '');
      if (list === undefined) return line;
      const chosen = `${indent}use_backend %[lua.definition(${name},${settled(list)})]${condition}`;
      return keyword === 'use_backend' ? chosen : `${chosen}\n${line}`;
    })
    .join('\n');
}
