// A plan as Markdown for a comment on a pull request, and as text. Pure.
import { bold, code, fence, text } from './markdown.mjs';
import { breaksPolicies, policyDetails, policySection } from './plan-policies.mjs';
import { changesOf } from './preview-changes.mjs';
import { group, membersOf } from './preview-summary.mjs';
import { plural, turned } from './preview-words.mjs';
import { aMonth, costsOf } from './plan-costs.mjs';
import { MARKS, marksOf } from './plan-marks.mjs';

/** GitHub takes 65,536 characters. */
export const MOST_CHARACTERS = 64_000;
const OPS = ['create', 'update', 'replace', 'delete'];
const PRICED = 'at the list prices in docs/aws.md for us-east-1; other costs are not included';
const RESTARTS = /replaced|stops? first|is deleted and created|runs? again/;

/**
 * What a plan says of one environment.
 *
 * @param stack `steps`, or `problem`, and whether what is deployed is why it is `refused`; `assumed`; `reencrypted`, keys whose ciphertext is another, and `decrypted`, keys in plain text now.
 *   `sources`, by the tag of an image that is new what of its folder has changed. `policies`, what the policy pack finds.
 * @returns `counts` by operation, `mayReplace`, of how many updates it is not known whether they replace, `restarts`, `marks`, `costs`
 *   with `lines` and `monthly`, `members` with `title`, `lines`, `effects` and `marks`, `changes` by resource, and `properties` as text.
 */
export function environment(
  name,
  {
    target,
    steps = [],
    problem,
    assumed = {},
    reencrypted = [],
    decrypted = [],
    state,
    refused,
    sources = {},
    policies,
  },
) {
  const preview = { steps };
  const members = membersOf(preview).map((member) => ({
    ...withSources(group(member), sources),
    name: member.name,
    marks: inOrder(member.changes.flatMap(marksOf)),
  }));
  const changes = changesOf(preview);
  const counts = Object.fromEntries(OPS.map((op) => [op, changes.filter((one) => one.op === op).length]));
  const restarts = members
    .filter(({ name, effects }) => name !== '' && effects.some((effect) => RESTARTS.test(effect)))
    .map((member) => member.name);
  const costs = costsOf(target, steps);
  const properties = changes.flatMap((change) => propertyLines(change));
  return {
    name,
    target,
    state,
    problem,
    refused,
    assumed,
    reencrypted,
    decrypted,
    counts,
    mayReplace: changes.filter(({ op, mayReplace }) => op === 'update' && mayReplace.length > 0).length,
    restarts,
    marks: inOrder([
      ...(breaksPolicies({ policies }) ? ['policies'] : []),
      ...members.flatMap((member) => member.marks),
      ...(costs.lines.length > 0 ? ['cost'] : []),
    ]),
    costs,
    members,
    changes: changes.map((change) => ({ op: change.op, type: change.type, name: change.name, marks: marksOf(change) })),
    properties,
    policies,
  };
}

/** Each mark once, as they are shown. */
const inOrder = (marks) => Object.keys(MARKS).filter((mark) => marks.includes(mark));

/** Beside the name of an image, the files that make it another one. */
function withSources({ lines, ...rest }, sources) {
  const told = (line) => {
    const of = /^image: .* → | is built$/.test(line) && Object.keys(sources).find((tag) => line.includes(tag));
    return of ? `${line} (${sources[of]})` : line;
  };
  return { ...rest, lines: lines.map(told) };
}

/** Whether anything would happen, or nobody knows. */
export const isQuiet = ({ counts, problem, reencrypted, decrypted = [] }) =>
  problem === undefined && reencrypted.length === 0 && decrypted.length === 0 && OPS.every((op) => counts[op] === 0);

function propertyLines({ op, type, name, fields }) {
  const head = `${op} ${type} ${name}`;
  if (op !== 'update' && op !== 'replace') return [head];
  return [
    head,
    ...fields.map(({ path, before, after, hidden }) =>
      hidden ? `    ${path.join('.')}: a secret value changes` : `    ${path.join('.')}: ${turned(before, after)}`,
    ),
  ];
}

/**
 * The whole plan.
 *
 * @param plan `base` and `head` as people name them, `environments`, and `notes` on what holds for all of them.
 * @param limit characters that it may have; what is left out is said.
 */
export function planMarkdown({ base, head, environments, notes = [] }, limit = MOST_CHARACTERS) {
  const loud = environments.filter((one) => !isQuiet(one));
  const top = [
    `### Plan: ${code(head)} against ${code(base)}`,
    table(environments),
    ...notes.map((note) => `> ${note}`),
    policySection(environments),
  ]
    .filter(Boolean)
    .join('\n\n');
  const sections = loud.map((one) => ({ text: section(one), details: details(one) }));
  const legend = legendOf(loud);
  const everything = [...sections.flatMap(({ text, details }) => [text, details]), policyDetails(environments)];
  let text = [top, ...everything, legend].filter(Boolean).join('\n\n');
  if (text.length <= limit) return `${text}\n`;
  const whole = '`npm run plan -- --markdown FILE --whole` has all of it.';
  const left = `Properties are left out: this would be longer than a comment may be. ${whole}`;
  text = [top, `> ${left}`, ...sections.map((one) => one.text), legend].filter(Boolean).join('\n\n');
  if (text.length <= limit) return `${text}\n`;
  const cut = `This is cut off: it would be longer than a comment may be. ${whole}`;
  const opening = `${top}\n\n> ${cut}\n\n`;
  const room = limit - opening.length - 10;
  const body = sections.map((one) => one.text).join('\n\n');
  return `${opening}${body.slice(0, body.lastIndexOf('\n', room))}\n\n…\n`;
}

function table(environments) {
  const rows = environments.map((one) => {
    if (one.problem !== undefined)
      return `| ${code(one.name)} | **${one.refused ? 'refused' : 'cannot be rendered'}** | | | | | |`;
    // Nothing happens to it before somebody asks for that.
    if (one.state === 'removed') return `| ${code(one.name)} | stack file deleted | | | | | |`;
    if (isQuiet(one)) return `| ${code(one.name)} | no change | | | | | |`;
    const counts = OPS.map((op) => count(one, op));
    return `| ${[code(one.name), ...counts, one.restarts.map(code).join(', '), lookAt(one)].join(' | ')} |`;
  });
  return [
    '| environment | created | updated | replaced | deleted | restarts | look at |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function count({ counts, mayReplace }, op) {
  const known = counts[op] === 0 ? [] : [String(counts[op])];
  // They are among the updates.
  const unknown = op === 'replace' && mayReplace > 0 ? [`perhaps ${mayReplace}`] : [];
  return [...known, ...unknown].join(' and ');
}

/** The marks, that of costs with their sum. */
function lookAt({ marks, costs: { monthly } }) {
  return marks
    .map((mark) => (mark === 'cost' && monthly !== undefined ? `${bold(mark)} (${text(aMonth(monthly))})` : bold(mark)))
    .join(', ');
}

function section({ name, target, state, problem, members, costs, assumed, reencrypted, decrypted = [] }) {
  const words = {
    added: ', new',
    removed: '; stack file deleted, its resources stay deployed until `npm run down`',
  };
  const title = `#### ${code(name)} (${target || 'target not known'}${words[state] ?? ''})`;
  if (problem !== undefined) return [title, '', fence(problem)].join('\n');
  const open = Object.keys(assumed);
  return [
    title,
    '',
    ...members.flatMap(memberLines),
    ...costLines(costs),
    ...reencrypted.map((key) => `- ${code(key)}: encrypted again, or changed; its value is not part of a plan`),
    ...decrypted.map((key) => `- ${code(key)}: was encrypted, and is in plain text in the stack file now`),
    ...(open.length > 0 ? ['', `Not set in the stack file, assumed for this plan: ${open.map(code).join(', ')}.`] : []),
  ].join('\n');
}

const costLines = ({ lines }) => (lines.length === 0 ? [] : [`- ${bold('cost')}: ${lines.map(text).join('; ')}`]);

function memberLines({ title, lines, effects, marks }) {
  const marked = marks.length > 0 ? ` — ${marks.map(bold).join(', ')}` : '';
  return [
    `- **${text(title)}**${marked}`,
    ...lines.map((line) => (line.startsWith('  ') ? `    - ${code(line.trim())}` : `  - ${text(line)}`)),
    ...effects.map((effect) => `  - → ${text(effect)}`),
  ];
}

function details({ properties }) {
  if (properties.length === 0) return '';
  const lines = properties.filter((line) => !line.startsWith(' ')).length;
  return `<details><summary>${plural(lines, 'resource')}, by property</summary>\n\n${fence(properties.join('\n'))}\n\n</details>`;
}

function legendOf(environments) {
  const used = inOrder(environments.flatMap(({ marks }) => marks));
  const priced = environments.some(({ costs }) => costs.monthly !== undefined) ? ` (${PRICED})` : '';
  const told = used.map((mark) => `${bold(mark)}: ${MARKS[mark]}${mark === 'cost' ? priced : ''}`);
  return used.length === 0 ? '' : `<sub>${told.join(' · ')}</sub>`;
}
