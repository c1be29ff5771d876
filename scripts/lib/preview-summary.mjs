// What `npm run preview` says: by service, what changes, what restarts and how. Pure: from Pulumi's JSON to text.
import { changesOf, differences } from './preview-changes.mjs';
import { DOCKER } from './preview-docker.mjs';
import { IAM_POLICIES, statementLines } from './preview-iam.mjs';
import { KUBERNETES } from './preview-kubernetes.mjs';
import { linesOf, plural, textLines } from './preview-words.mjs';

const DESCRIBE = { ...DOCKER, ...KUBERNETES };
const ORDER = ['microservice', 'job', 'gateway', 'application', 'image', 'other'];
/** Files and policies that are another resource when their content is another: the name ends in a hash of it. */
const BY_CONTENT = {
  'docker:index/serviceConfig:ServiceConfig': /-[0-9a-f]{10}$/,
  'kubernetes:core/v1:ConfigMap': /-[0-9a-f]{10}$/,
  'kubernetes:networking.k8s.io/v1:NetworkPolicy': /-[0-9a-f]{10}$/,
};
const VERSION = /-\d+$/;
const SECRETS = ['docker:index/secret:Secret', 'kubernetes:core/v1:Secret'];
/** Whether a resource is another one for each content, whose versions come and go. */
export const followsContent = (type) => type in BY_CONTENT || SECRETS.includes(type);
/** Ways in which a member comes or goes as a whole. */
const WHOLE = ['create', 'delete'];
const DONE = { create: 'is created', update: 'changes', delete: 'is deleted', replace: 'is deleted and created' };

/** The preview in what Pulumi printed, or `undefined` if it came to none. */
export function readPreview(stdout) {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{')));
  } catch {
    return undefined;
  }
}

/**
 * The groups of a summary: each with the `title` of a member, `lines` of what changes, and `effects` on what runs.
 *
 * @param preview what `pulumi preview --json --show-sames` prints, parsed.
 */
export function groupsOf(preview) {
  return membersOf(preview).map(group);
}

/** The members of which something changes: `kind`, `name` and `changes` of each. */
export function membersOf(preview) {
  const changes = paired(changesOf(preview));
  const members = new Map();
  for (const change of changes) {
    const { kind, name } = change.member;
    const key = `${kind} ${name}`;
    members.set(key, { kind, name, changes: [...(members.get(key)?.changes ?? []), change] });
  }
  return [...members.values()].sort(
    (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.name.localeCompare(b.name),
  );
}

/** What is said of a member. */
export function group({ kind, name, changes }) {
  const component = changes.find(({ type }) => type.startsWith('shop:components:'));
  const whole = component !== undefined && WHOLE.includes(component.op);
  // What comes or goes with its member needs no line of its own.
  const along = changes.filter(
    (change) =>
      whole &&
      change !== component &&
      isGeneric(change) &&
      !IAM_POLICIES.includes(change.type) &&
      change.op === component.op,
  );
  const described = changes
    .filter((change) => !along.includes(change) && (change !== component || !whole))
    .map((change) => describe(change, { kind }));
  const listed = along.map(({ type, name: one }) => `${type.split(':').at(-1)} ${one}`);
  const lines = [
    ...withoutFormerSecrets(eachOnce(described.flatMap((one) => one.lines))),
    ...(listed.length > 0 ? [`with ${listed.join(', ')}`] : []),
  ];
  // Rules and volumes of proxies go with these, but for those of before an update that failed.
  const silent = !whole && lines.length === 0 && described.every(({ effect }) => !effect);
  if (silent) lines.push('objects left over from an earlier update are deleted');
  const effects = [
    ...withoutReload([...new Set(described.flatMap((one) => one.effect ?? []))]),
    ...changes.flatMap(replacementEffects),
  ];
  const word = whole ? `: ${DONE[component.op]}` : '';
  const title = kind === 'other' ? `other resources` : `${name} (${kind})${word}`;
  return { title, lines, effects };
}

/** Lines of which none is there twice; those that are indented belong to the one before them. */
function eachOnce(lines) {
  const blocks = [];
  for (const line of lines) {
    if (line.startsWith('  ') && blocks.length > 0) blocks.at(-1).push(line);
    else blocks.push([line]);
  }
  return [...new Map(blocks.map((block) => [block.join('\n'), block])).values()].flat();
}

/** Versions of a secret before the one that a member has now go with the change; nothing is taken from it. */
function withoutFormerSecrets(lines) {
  return lines.filter((line) => {
    const [, secret] = /^(secret .+) is removed$/.exec(line) ?? [];
    return secret === undefined || !lines.includes(`${secret} changes`);
  });
}

/** A proxy that is created anew starts with its rules. */
function withoutReload(effects) {
  const anew = effects.some((effect) => / is deleted and created: its connections/.test(effect));
  return anew ? effects.filter((effect) => !/ reloads its rules/.test(effect)) : effects;
}

function isGeneric({ type }) {
  return !DESCRIBE[type] && !SECRETS.includes(type) && !BY_CONTENT[type];
}

function describe(change, member) {
  const known = DESCRIBE[change.type];
  if (known) return known(change, member);
  if (SECRETS.includes(change.type)) return { lines: [secretLine(change)] };
  if (BY_CONTENT[change.type]) return contentLine(change);
  if (change.op === 'create' && IAM_POLICIES.includes(change.type)) return newPolicy(change);
  return generic(change);
}

/** Never a value: that something is made, changes or goes is all that is said. */
function secretLine({ op, name }) {
  const file = name.split('-secret-').at(-1).replace(VERSION, '');
  const words = { create: 'is added', delete: 'is removed' };
  return `secret ${file} ${words[op] ?? 'changes'}`;
}

function contentLine({ op, type, name, before, after }) {
  const rules = /-configuration/.test(name);
  const what = rules ? 'rules of the proxy' : `file ${name}`;
  // Those of a proxy come and go with it, which its container, or Deployment, says.
  if (op !== 'update') return { lines: rules ? [] : [`${what} ${DONE[op] ?? op}`] };
  const [from, to] = [contentOf(type, before), contentOf(type, after)];
  const callers = name.includes('-lb-') ? callerLines(from, to) : [];
  const routes = [...routeLines(from, to), ...callers];
  const others = textLines(from, to).filter(
    (line) => !ROUTE.test(line.slice(2)) && !(callers.length > 0 && BIND.test(line.slice(2))),
  );
  if (routes.length > 0) return { lines: [...routes, ...(others.length > 0 ? [`${what} follow`] : [])] };
  return { lines: others.length > 0 ? [`${what}:`, ...others.map((line) => `  ${line}`)] : [`${what} change`] };
}

const ROUTE = /^\s*use_backend (\S+)(?: if (.*))?$/;

const BIND = /^\s*bind (\d+\.\d+\.\d+\.\d+:\d+)/;

/** Callers whose networks a load balancer joins or leaves: it has an address in each of them. */
export function callerLines(before, after) {
  const addresses = (text) => text.split('\n').flatMap((line) => BIND.exec(line)?.[1] ?? []);
  const [from, to] = [addresses(before), addresses(after)];
  return [
    ...to.filter((one) => !from.includes(one)).map((one) => `a caller is added, which connects to ${one}`),
    ...from.filter((one) => !to.includes(one)).map((one) => `a caller is removed, which connected to ${one}`),
  ];
}

/** Routes of a proxy's rules: where they lead to, by host and path. */
function routesOf(text) {
  const routes = new Map();
  for (const line of text.split('\n')) {
    const [, to, condition = ''] = ROUTE.exec(line) ?? [];
    if (to === undefined) continue;
    const [, match, host = ''] = /hdr\(host\)[^}]* -m (str|end) (\S+)/.exec(condition) ?? [];
    const path = /path -m str (\S+)/.exec(condition)?.[1]?.replaceAll(/['"]/g, '') ?? '/';
    routes.set(`${match === 'end' ? '*' : ''}${host}${path}`, to);
  }
  return routes;
}

/** Routes that are added, removed or lead elsewhere, between two texts of rules. */
export function routeLines(before, after) {
  const [from, to] = [routesOf(before), routesOf(after)];
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((key) => {
    if (from.get(key) === to.get(key)) return [];
    if (!from.has(key)) return [`route ${key} to ${to.get(key)} is added`];
    if (!to.has(key)) return [`route ${key} to ${from.get(key)} is removed`];
    return [`route ${key}: ${from.get(key)} → ${to.get(key)}`];
  });
}

/** The text in a file of ours, of some inputs. */
export function contentOf(type, inputs) {
  return type.startsWith('docker') ? decoded(inputs?.data) : Object.values(inputs?.data ?? {}).join('\n');
}

function decoded(data) {
  const text = typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : '';
  return text.includes('\u0000') || text.includes('\ufffd') ? '' : text;
}

/** A resource of a kind that has no words of its own: its type, its name, and what changes by its path. */
function generic({ op, type, name, fields, protect, replacedParts }) {
  const kind = type.split(':').at(-1);
  const ofParts = replacedParts.length > 0;
  const done = DONE[op] ? ` ${ofParts ? 'changes' : DONE[op]}` : `: Pulumi plans to ${op} it`;
  const lines = [`${kind} ${name}${done}`, ...linesOf(fields, []).map((line) => `  ${line}`)];
  if (op !== 'replace' || protect) return { lines };
  return { lines, effect: `${kind} ${name} ${ofParts ? `replaces ${replacedParts.join(', and ')}` : 'is replaced'}` };
}

function newPolicy(change) {
  const { lines } = generic(change);
  return { lines: [...lines, ...statementLines(change.after?.policy).map((line) => `  ${line}`)] };
}

/** What the options of a resource, and what is not known of it, mean for its replacement. */
function replacementEffects({ op, type, name, protect, kept, deletedFirst, mayReplace }) {
  const what = `${type.split(':').at(-1)} ${name}`;
  const effects = [];
  if (protect && op === 'replace') effects.push(`${what} is protected: Pulumi refuses to replace it`);
  if (protect && op === 'delete') effects.push(`${what} is protected: Pulumi refuses to delete it`);
  if (op === 'replace' && kept) effects.push(`the former ${what} is kept`);
  if (op === 'replace' && deletedFirst && isGeneric({ type }))
    effects.push(`${what} is deleted before the new one is created`);
  if (mayReplace.length > 0)
    effects.push(`${what} may be replaced: what a change of ${mayReplace.join(', ')} does is not known here`);
  return effects;
}

/** One that is created and one that is deleted, of the same member and name but for the end: one that changes. */
function paired(changes) {
  const end = ({ type }) => (SECRETS.includes(type) ? VERSION : BY_CONTENT[type]);
  const base = (change) => `${change.type} ${change.member.name} ${change.name.replace(end(change), '')}`;
  const ending = changes.filter((change) => end(change)?.test(change.name));
  const partner = (change, op) =>
    ending.find((other) => other !== change && other.op === op && base(other) === base(change));
  return changes.flatMap((change) => {
    if (!ending.includes(change)) return [change];
    if (change.op === 'delete' && partner(change, 'create')) return [];
    const old = change.op === 'create' ? partner(change, 'delete') : undefined;
    if (!old) return [change];
    return [{ ...change, op: 'update', before: old.before, fields: differences(old.before, change.after) }];
  });
}

/** Warnings and errors of a preview, each once; `info` lines are of the programs that run. */
export function diagnosticsOf({ diagnostics = [] }) {
  const shown = diagnostics
    .filter(({ severity }) => severity !== 'debug')
    .map(({ message, severity }) => ({ severity, message: plainText(message).replace(/\n+$/, '') }));
  return [...new Map(shown.map((one) => [`${one.severity} ${one.message}`, one])).values()];
}

/** Pulumi marks colours in messages. */
function plainText(text) {
  return text.replace(/<\{%[^%]*%\}>/g, '');
}

/** The summary as text. */
export function summary(preview, { stack }) {
  const groups = groupsOf(preview);
  const blocks = groups.map(({ title, lines, effects }) =>
    [title, ...lines.map((line) => `  ${line}`), ...effects.map((effect) => `  → ${effect}`)].join('\n'),
  );
  return [...blocks, ...notes(preview), closing(preview, groups, stack)].join('\n\n');
}

/** The same for a comment on a pull request. */
export function markdown(preview, { stack }) {
  const groups = groupsOf(preview);
  const blocks = groups.map(({ title, lines, effects }) =>
    [
      `**${title}**`,
      '',
      ...lines.map((line) => (line.startsWith('  ') ? `  - \`${line.trim()}\`` : `- ${line}`)),
      ...effects.map((effect) => `- → ${effect}`),
    ].join('\n'),
  );
  const said = notes(preview).map((block) => ['```', block, '```'].join('\n'));
  return `${[`### Preview of ${stack}`, ...blocks, ...said, closing(preview, groups, stack)].join('\n\n')}\n`;
}

function notes(preview) {
  const found = diagnosticsOf(preview).map(({ severity, message }) =>
    message.startsWith(`${severity}:`) || severity.startsWith('info') ? message : `${severity}: ${message}`,
  );
  return found.length > 0 ? [found.join('\n')] : [];
}

function closing({ changeSummary = {}, diagnostics = [] }, groups, stack) {
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return `The preview of ${stack} failed; nothing was changed.`;
  if (groups.length === 0) return `Nothing changes on ${stack}.`;
  const words = { create: 'created', update: 'updated', replace: 'replaced', delete: 'deleted' };
  const parts = Object.entries(words).flatMap(([op, word]) =>
    changeSummary[op] ? `${changeSummary[op]} ${word}` : [],
  );
  const same = changeSummary.same ? `; ${plural(changeSummary.same, 'resource')} unchanged` : '';
  return `${stack}, by resource: ${parts.join(', ')}${same}. \`npm run preview -- --diff\` shows every property.`;
}
