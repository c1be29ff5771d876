// Words for single values and fields of a preview. Pure.
import { isSecret, isUnknown } from './preview-changes.mjs';

/** Of a service, or Deployment, that gets another attempt number. */
export const TRIED_AGAIN = 'is deployed again: its last update was rolled back, or no replica runs';

const MOST = 60;
/** Of what is alike before two values differ. */
const LEAD = 15;
const MOST_LINES = 8;
const DIGEST = 12;
const UNITS = ['KiB', 'MiB', 'GiB'];

/** A value as a person reads it; never a secret one. */
export function shown(value) {
  if (isSecret(value)) return '(secret)';
  if (isUnknown(value)) return '(known after up)';
  if (value === undefined || value === null) return 'none';
  const text = textOf(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

const textOf = (value) =>
  typeof value === 'string' ? value : JSON.stringify(value, (key, one) => (key === '__defaults' ? undefined : one));

/** An item of a list, whose end tells it from others: of a long one both ends. */
function item(value) {
  const text = textOf(value);
  if (isSecret(value) || isUnknown(value) || text.length <= MOST) return shown(value);
  return `${text.slice(0, MOST / 2)}…${text.slice(-MOST / 2)}`;
}

/** Two values that begin alike, and are cut before they differ: from a little before that. */
function fromWhereTheyDiffer(before, after) {
  const hidden = [before, after].some((one) => one === undefined || one === null || isSecret(one) || isUnknown(one));
  if (hidden) return undefined;
  const [from, to] = [textOf(before), textOf(after)];
  if (from === to) return undefined;
  let at = 0;
  while (from[at] === to[at]) at += 1;
  const start = Math.max(0, at - LEAD);
  return [from, to].map((text) => `${start > 0 ? '…' : ''}${shown(text.slice(start))}`);
}

export function bytes(value) {
  if (typeof value !== 'number') return shown(value);
  let amount = value;
  let unit = 'B';
  for (const next of UNITS) {
    if (amount < 1024 || amount % 1024 !== 0) break;
    amount /= 1024;
    unit = next;
  }
  return `${amount} ${unit}`;
}

export function cpus(value) {
  return typeof value === 'number' ? `${value / 1e6}m` : shown(value);
}

/** A reference as short as it can be told from another one. */
export function image(value) {
  // Longer than other values: the end is what tells two apart.
  const text = typeof value === 'string' && !isSecret(value) && !isUnknown(value) ? value : shown(value);
  return text.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]*/, '$1').slice(0, 200 + DIGEST);
}

/**
 * What two values are: "old → new", or for lists of plain values what is added to one and what goes. A value alone is a list of one
 * in many places, such as the actions of a policy.
 */
export function turned(before, after, words = shown) {
  const [from, to] = [before, after].map((value) => (isPlain(value) ? [value] : value));
  const lists = [before, after].some(Array.isArray) && [from, to].every(isPlainList);
  if (!lists) return arrow(before, after, words);
  const lines = [
    ...to.filter((one) => !from.includes(one)).map((one) => `+ ${item(one)}`),
    ...from.filter((one) => !to.includes(one)).map((one) => `- ${item(one)}`),
  ];
  if (lines.length === 0)
    return [before, after].every(Array.isArray) ? 'another order' : `${words(before)} → ${words(after)}`;
  return lines.length > MOST_LINES
    ? `${lines.slice(0, MOST_LINES).join(', ')} and ${lines.length - MOST_LINES} more`
    : lines.join(', ');
}

function arrow(before, after, words) {
  const [from, to] = [words(before), words(after)];
  const [start, end] = (from === to && fromWhereTheyDiffer(before, after)) || [from, to];
  return `${start} → ${end}`;
}

const isPlain = (value) => ['string', 'number'].includes(typeof value);
const isPlainList = (value) => Array.isArray(value) && value.every(isPlain);

/** "image: repository 1 → 2" where only the tag, or the digest, is another. */
export function changedImage(name, field) {
  const [before, after] = [field.before, field.after].map((value) =>
    /^(.+?)(@sha256:|@tag:|:)([\w.-]+)$/.exec(image(value)),
  );
  return before && after && before[1] === after[1] && before[2] === after[2]
    ? `${name}: ${before[1]} ${before[3]} → ${after[3]}`
    : changed(name, field, image);
}

/** "name: old → new". */
export function changed(name, { before, after, hidden }, words = shown) {
  if (hidden) return `${name} differs from the last deployment, or one of its secret values changes`;
  if (before === undefined) return `${name}: ${words(after)} is added`;
  if (after === undefined) return `${name}: ${words(before)} is removed`;
  const alike = words(before) === words(after) && !isPlainList(before) && !fromWhereTheyDiffer(before, after);
  return alike ? `${name} changes` : `${name}: ${turned(before, after, words)}`;
}

/** "name changes", "name is added" or "name is removed", without a value. */
export function nameOnly(name, { before, after, kind = '' }) {
  if (kind.startsWith('add') || (before === undefined && after !== undefined)) return `${name} is added`;
  if (kind.startsWith('delete') || (after === undefined && before !== undefined)) return `${name} is removed`;
  return `${name} changes`;
}

/**
 * Lines for fields: each field by the first rule whose pattern fits its path, joined by dots. A rule gives a line, several, or nothing
 * where another line says it; a field that no rule knows is shown by its path.
 */
export function linesOf(fields, rules) {
  const lines = fields.flatMap((field) => {
    const path = field.path.join('.');
    for (const [pattern, rule] of rules) {
      const match = pattern.exec(path);
      if (match) return rule(field, ...match.slice(1));
    }
    return changed(path, field);
  });
  return [...new Set(lines.filter((line) => line !== undefined))];
}

/** What differs between two texts: lines that only one of them has, in order, as "- line" and "+ line". */
export function textLines(before = '', after = '') {
  const count = (text) => {
    const counts = new Map();
    for (const line of text.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  };
  const only = (text, other) => {
    const left = count(other);
    return text.split('\n').filter((line) => {
      const times = left.get(line) ?? 0;
      if (times > 0) left.set(line, times - 1);
      return times === 0 && line.trim() !== '' && !line.trim().startsWith('#');
    });
  };
  const all = [
    ...only(before, after).map((line) => `- ${line.trim()}`),
    ...only(after, before).map((line) => `+ ${line.trim()}`),
  ].map((line) => (line.length > 110 ? `${line.slice(0, 110)}…` : line));
  return all.length > MOST_LINES ? [...all.slice(0, MOST_LINES), `and ${all.length - MOST_LINES} more lines`] : all;
}

export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What happens to replicas, or pods, when nothing but their number changes. */
export function scaled(was, is, noun) {
  const verb = (count, singular, many) => `${plural(count, noun)} ${count === 1 ? singular : many}`;
  if (was === 0) return `${verb(is, 'starts', 'start')}`;
  if (is > was)
    return `the ${was} running ${noun}${was === 1 ? ' is' : 's are'} kept, ${verb(is - was, 'is', 'are')} added`;
  const end = `${verb(was - is, 'terminates', 'terminate')} after ${was - is === 1 ? 'its' : 'their'} running requests`;
  const last = `${end}, at the latest after \`stopGrace\``;
  return is === 0 ? last : `${last}; ${verb(is, 'keeps', 'keep')} running`;
}

/** Of storage that another member has taken over, or `undefined`. */
export function takenOver({ goesTo, comesFrom }) {
  if (goesTo !== undefined) return `storage goes to ${goesTo} with its data`;
  return comesFrom === undefined ? undefined : `storage of ${comesFrom} is taken over with its data`;
}
