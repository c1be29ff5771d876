import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortHash } from '../identity';

/** The rules in Lua that every configuration loads; the same text on each target. */
export const RULES = readFileSync(join(__dirname, 'rules.lua'), 'utf8');

/** Carries the content's hash: a configuration that is rolled back still finds the rules that it was written for. */
export const RULES_NAME = `rules-${shortHash(RULES, 10)}.lua`;
