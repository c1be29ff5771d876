// Exemptions, as configuration and as a report. Pure.
import type { Violation } from './judge';
import type { SettingSchema } from './rule';

/** What each rule takes beside its own settings. */
export const EXEMPTIONS_SCHEMA: SettingSchema & { description: string; default: [] } = {
  type: 'array',
  description: 'Resources exempt from the rule: URNs, in which "*" matches any characters, each with a reason',
  items: {
    type: 'object',
    properties: { urn: { type: 'string', minLength: 1 }, reason: { type: 'string', minLength: 1 } },
    required: ['urn', 'reason'],
  },
  default: [],
};

const MOST_NAMES = 4;

/** Exempted resources by rule and reason, one line each. */
export function exemptionLines(violations: readonly Violation[]): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { rule, exemption, name } of violations) {
    if (exemption === undefined) continue;
    const key = `${rule}: ${exemption}`;
    groups.set(key, (groups.get(key) ?? new Set()).add(name));
  }
  return [...groups].map(([key, set]) => {
    const names = [...set];
    const more = names.length > MOST_NAMES ? `, and ${String(names.length - MOST_NAMES)} more` : '';
    return `${key} (${names.slice(0, MOST_NAMES).join(', ')}${more})`;
  });
}
