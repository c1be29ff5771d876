// Judging resources by rules, with the configuration and the exemptions of a pack. Pure.
import { matches } from './globs';
import { markersOf } from './metadata';
import type { Finding, Level, Resource, Rule } from './rule';
import { RULES } from './rules';

/** One resource that need not satisfy a rule, and why. */
export interface Exemption {
  /** URN, in which "*" matches any characters. */
  urn: string;
  reason: string;
}

export type EnforcementLevel = Level | 'disabled';

export interface RuleConfig {
  enforcementLevel?: EnforcementLevel;
  exemptions?: readonly Exemption[];
  [setting: string]: unknown;
}

/** In Pulumi's own form, `--policy-pack-config`: by rule, and "all" for the level of all. */
export type PackConfig = Readonly<Record<string, RuleConfig | EnforcementLevel>>;

export interface Violation {
  rule: string;
  level: Level;
  /** Empty for a finding that is at no resource in particular. */
  urn: string;
  type: string;
  name: string;
  path: string;
  message: string;
  /** Why it is allowed all the same. */
  exemption?: string;
}

/** A label, an annotation or a tag of this name exempts what has it; its value is the reason. */
export const exemptionMarker = (rule: string) => `policy.exempt/${rule}`;

/** What is configured for a rule, with defaults. */
export function configOf(rule: Rule, pack: PackConfig = {}): RuleConfig {
  const defaults = Object.fromEntries(Object.entries(rule.settings).map(([name, setting]) => [name, setting.default]));
  const [all, own] = [pack['all'], pack[rule.name]].map((one) =>
    typeof one === 'string' ? { enforcementLevel: one } : one,
  );
  return { ...defaults, enforcementLevel: rule.level, ...all, ...own };
}

/** Findings of a rule that judges one resource. */
export function judgeResource(rule: Rule, resource: Resource, config: RuleConfig): Violation[] {
  return (rule.check?.(resource, config) ?? []).map((finding) => violation(rule, finding, resource, config));
}

/** Findings of a rule that judges a stack. */
export function judgeStack(rule: Rule, resources: readonly Resource[], config: RuleConfig): Violation[] {
  return (rule.checkStack?.(resources, config) ?? []).map((finding) =>
    violation(rule, finding, finding.resource, config),
  );
}

/** Everything that is found in the resources of a stack. */
export function judge(resources: readonly Resource[], pack: PackConfig = {}): Violation[] {
  return RULES.flatMap((rule) => {
    const config = configOf(rule, pack);
    if (config.enforcementLevel === 'disabled') return [];
    return [
      ...resources.flatMap((resource) => judgeResource(rule, resource, config)),
      ...judgeStack(rule, resources, config),
    ];
  });
}

function violation(rule: Rule, finding: Finding, resource: Resource | undefined, config: RuleConfig): Violation {
  const { path, problem, remedy = rule.remedy } = finding;
  const exemption = resource === undefined ? undefined : exemptionOf(rule, resource, config);
  return {
    rule: rule.name,
    level: config.enforcementLevel === 'disabled' ? rule.level : (config.enforcementLevel ?? rule.level),
    urn: resource?.urn ?? '',
    type: resource?.type ?? '',
    name: resource?.name ?? '',
    path,
    message: `${path === '' ? '' : `${path}: `}${problem}. ${remedy}.`,
    ...(exemption === undefined ? {} : { exemption }),
  };
}

/** Why a resource need not satisfy a rule. An exemption without a reason is none. */
function exemptionOf(rule: Rule, resource: Resource, { exemptions = [] }: RuleConfig): string | undefined {
  const marker = markersOf(resource).get(exemptionMarker(rule.name))?.string;
  const configured = exemptions.find(({ urn }) => matches(urn, resource.urn))?.reason;
  return [marker, configured].find((reason) => reason !== undefined && reason.trim() !== '');
}
