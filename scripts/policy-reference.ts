// The rules of the policy pack as Markdown, for docs/policies.md.
import type { Rule } from '../policy/rule';
import { SUBJECTS } from '../policy/rules';

const BEGIN = '<!-- Written by `npm run reference` from policy/rules.ts; do not edit. -->';
const END = '<!-- End of the rules. -->';

/** The page with its rules as they are now. */
export function withRules(page: string): string {
  const [before, rest] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END))];
  if (!page.includes(BEGIN) || !page.includes(END)) throw new Error(`docs/policies.md has no line ${BEGIN} or ${END}`);
  return [`${before}${BEGIN}`, '', ...Object.entries(SUBJECTS).flatMap(chapter), rest].join('\n');
}

function chapter([subject, rules]: [string, readonly Rule[]]): string[] {
  return [`### ${subject}`, '', ...rules.flatMap(described)];
}

function described({ name, level, description, remedy, settings }: Rule): string[] {
  return [
    `**\`${name}\`** (${level}): ${description}`,
    `_Fix:_ ${remedy}.`,
    ...Object.entries(settings).map(
      ([setting, { about, default: initial }]) =>
        `_Setting_ \`${setting}\`: ${about}. Default: \`${JSON.stringify(initial)}\`.`,
    ),
    '',
  ];
}
