// What a rule is: a pure function from resources to findings, with its level, its words and its settings.
import type { Value } from './value';

export type Level = 'mandatory' | 'advisory';

/** A resource as a program asks for it, wherever that was learnt from. */
export interface Resource {
  type: string;
  name: string;
  urn: string;
  props: Value;
  /** Whether Pulumi refuses to delete it. */
  protect: boolean;
  /** Whether what it stands for outlives it; undefined where nobody says, as Pulumi does not say it to policies. */
  retainOnDelete?: boolean | undefined;
  /** What its provider is given; undefined where it is not known. */
  provider?: Value | undefined;
  /** Paths of values that the program marks as secrets, where that is known. */
  secrets?: readonly string[] | undefined;
}

/** Where a resource breaks a rule, and how. */
export interface Finding {
  path: string;
  /** What is wrong, with the value and what is allowed; never with a secret. */
  problem: string;
  /** How to fix it where that is not the rule's remedy. */
  remedy?: string;
}

/** A JSON schema, as far as Pulumi's policy configuration knows it. */
export interface SettingSchema {
  type: 'array' | 'string' | 'object';
  items?: SettingSchema;
  properties?: Record<string, SettingSchema>;
  required?: string[];
  minLength?: number;
}

export interface Setting<T> {
  about: string;
  schema: SettingSchema;
  default: T;
}

type Settings<C> = { [K in keyof C]: Setting<C[K]> };

interface Words {
  /** In kebab-case; configuration and exemptions name it. */
  name: string;
  level: Level;
  /** What it wants, in one sentence. */
  description: string;
  /** How to satisfy it, in one sentence. */
  remedy: string;
}

export interface Rule extends Words {
  settings: Record<string, Setting<unknown>>;
  /** Judges one resource by itself. */
  check?: (resource: Resource, config: Readonly<Record<string, unknown>>) => Finding[];
  /** Judges the resources of a stack together. */
  checkStack?: (resources: readonly Resource[], config: Readonly<Record<string, unknown>>) => StackFinding[];
}

/** What is found in a stack: at one of its resources, or at none in particular. */
export interface StackFinding extends Finding {
  resource?: Resource;
}

/** A rule that judges each resource by itself. */
export function resourceRule<C extends object = object>({
  check,
  settings,
  ...words
}: Words & { settings?: Settings<C>; check: (resource: Resource, config: C) => Finding[] }): Rule {
  return {
    ...words,
    settings: settings ?? {},
    check: (resource, config) => check(resource, config as C),
  };
}

/** A rule that judges the resources of a stack together. */
export function stackRule<C extends object = object>({
  checkStack,
  settings,
  ...words
}: Words & {
  settings?: Settings<C>;
  checkStack: (resources: readonly Resource[], config: C) => StackFinding[];
}): Rule {
  return {
    ...words,
    settings: settings ?? {},
    checkStack: (resources, config) => checkStack(resources, config as C),
  };
}

/** A setting that is a list of strings. */
export const strings = (about: string, initial: readonly string[]): Setting<readonly string[]> => ({
  about,
  schema: { type: 'array', items: { type: 'string' } },
  default: initial,
});

/** A value as a message shows it, shortened. */
export function shown(value: Value): string {
  const text = JSON.stringify(value.raw) as string | undefined;
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
