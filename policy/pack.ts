// The rules as a policy pack: `pulumi preview --policy-pack policy`.
import {
  PolicyPack,
  type PolicyConfigSchema,
  type PolicyPackConfig,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from '@pulumi/policy';
import { CONFIG } from './config';
import { configOf, judgeResource, judgeStack, type RuleConfig, type Violation } from './judge';
import { fromPulumi } from './pulumi-resource';
import type { Resource, Rule } from './rule';
import { RULES } from './rules';
import { exemptionLines, EXEMPTIONS_SCHEMA } from './exemptions';

// Pulumi starts a process for each preview and for each update, so what is kept here is of one of them.
/** What was allowed all the same, for one report at the end. */
const exempted: Violation[] = [];
/** Resources as the program asks for them, by URN: at the end, Pulumi only says what has become of them. */
const asked = new Map<string, Resource>();

function report(violations: readonly Violation[], tell: (message: string, urn?: string) => void): void {
  for (const violation of violations) {
    if (violation.exemption !== undefined) exempted.push(violation);
    else tell(violation.message, violation.urn === '' ? undefined : violation.urn);
  }
}

function schemaOf(rule: Rule): PolicyConfigSchema {
  const settings = Object.entries(rule.settings).map(([name, { about, schema, default: initial }]) => [
    name,
    { ...schema, description: about, default: initial },
  ]);
  return { properties: { ...(Object.fromEntries(settings) as object), exemptions: EXEMPTIONS_SCHEMA } };
}

function policyOf(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const { name, description, level } = rule;
  const words = {
    name,
    description,
    enforcementLevel: level,
    configSchema: schemaOf(rule),
    remediationSteps: rule.remedy,
  };
  if (rule.check !== undefined) {
    return {
      ...words,
      validateResource: (args, tell) => {
        const resource = fromPulumi(args);
        asked.set(resource.urn, resource);
        report(judgeResource(rule, resource, configOf(rule, { [name]: args.getConfig<RuleConfig>() })), tell);
      },
    };
  }
  return {
    ...words,
    validateStack: (args, tell) => {
      const resources = args.resources.map((one) => asked.get(one.urn) ?? fromPulumi(one));
      report(judgeStack(rule, resources, configOf(rule, { [name]: args.getConfig<RuleConfig>() })), tell);
    },
  };
}

/** Last, so that every other rule has judged. */
const exemptions: StackValidationPolicy = {
  name: 'exemptions',
  description: 'Lists the exemptions that were used, with their reasons.',
  enforcementLevel: 'advisory',
  validateStack: (_args, tell) => {
    const lines = exemptionLines(exempted);
    if (lines.length > 0) tell(lines.join('\n'));
  },
};

/** Pulumi takes a configured rule without a level for an advisory one. */
function initialConfig(): PolicyPackConfig {
  const levels = RULES.filter(({ name }) => name in CONFIG).map((rule) => [rule.name, configOf(rule, CONFIG)]);
  return { ...CONFIG, ...Object.fromEntries(levels) } as PolicyPackConfig;
}

new PolicyPack('microservices', { policies: [...RULES.map(policyOf), exemptions] }, initialConfig());
