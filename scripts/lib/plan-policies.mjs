// What a plan says of the policy pack: first what a change breaks, folded what was broken before and what is exempted. Pure.
import { bold, code, text } from './markdown.mjs';
import { plural } from './preview-words.mjs';

/** More are counted only: whoever has so many reads the JSON. */
const MOST_SHOWN = 20;

const isMandatory = ({ level }) => level === 'mandatory';

/** Whether a change introduces a violation of a mandatory rule. */
export const breaksPolicies = ({ policies }) => policies?.introduced.some(isMandatory) ?? false;

/** What the change breaks, in all environments; empty where no environment is judged. */
export function policySection(environments) {
  const judged = environments.filter(({ policies }) => policies !== undefined);
  if (judged.length === 0) return '';
  const unknown = environments.filter(({ policies, problem }) => policies === undefined && problem !== undefined);
  const rest = unknown.length > 0 ? [`\nNot checked: ${unknown.map(({ name }) => code(name)).join(', ')}.`] : [];
  const found = judged.flatMap(({ name, policies }) =>
    policies.introduced.map((one) => ({ ...one, environment: name })),
  );
  if (found.length === 0) return ['#### Policies\n\nNo new findings.', ...rest].join('\n');
  const sorted = [...found.filter(isMandatory), ...found.filter((one) => !isMandatory(one))];
  const more = sorted.length - MOST_SHOWN;
  return [
    '#### Policies',
    '',
    ...sorted.slice(0, MOST_SHOWN).map(findingLine),
    ...(more > 0 ? [`- … and ${more} more: \`npm run plan -- --json\``] : []),
    ...rest,
  ].join('\n');
}

function findingLine({ environment, level, rule, name, message }) {
  const where = name === '' ? code(environment) : `${code(environment)}, ${code(name)}`;
  return `- ${level === 'mandatory' ? bold(level) : level} ${code(rule)} (${where}): ${text(message)}`;
}

/** What the base breaks as well, and what is exempted, folded. */
export function policyDetails(environments) {
  const lines = (kind) =>
    environments.flatMap(({ name, policies }) => [...new Set((policies?.[kind] ?? []).map((one) => line(name, one)))]);
  return [folded(lines('existing'), 'existing finding'), folded(lines('exempted'), 'policy exemption')]
    .filter(Boolean)
    .join('\n\n');
}

const line = (environment, { rule, name, message, exemption }) =>
  `- ${code(rule)} (${[environment, name].filter(Boolean).map(code).join(', ')}): ${text(exemption ?? message)}`;

const folded = (lines, noun) =>
  lines.length === 0
    ? ''
    : `<details><summary>${plural(lines.length, noun)}</summary>\n\n${lines.join('\n')}\n\n</details>`;
