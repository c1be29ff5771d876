// Which environments of pull requests are to go. Pure.
import { numberOf } from './environment-file.mjs';

const HOUR_MS = 3_600_000;
/** Hours after its last update at which an environment expires, unless the sweep is told otherwise. */
export const EXPIRY_HOURS = 72;

/**
 * By the number of the pull request, the `stack` that there is, if any, with the time of its last update, and whether a `namespace` is
 * there.
 *
 * @param stacks as `pulumi stack ls --json` lists them.
 * @param namespaces names of namespaces with the label of an application.
 * @param applicationOf the name of a stack's application, and so of its namespace.
 */
export function environmentsOf(stacks, namespaces, applicationOf) {
  const found = new Map();
  for (const { name, lastUpdate } of stacks) {
    const number = numberOf(name);
    if (number !== undefined) found.set(number, { number, updated: lastUpdate && Date.parse(lastUpdate) });
  }
  for (const namespace of namespaces) {
    const number = Number(/-pr-([1-9]\d{0,8})-[0-9a-f]{6}$/.exec(namespace)?.[1]);
    // Of another installation, whose names have another hash, nothing is known here.
    if (!(number > 0) || namespace !== applicationOf(`pr-${number}`)) continue;
    if (!found.has(number)) found.set(number, { number, leftover: true });
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** Names have at most 16 characters before their hash, so the number in one of that length may not be whole. */
const CUT = /^[a-z][a-z0-9-]{14,15}-[0-9a-f]{6}$/;
/** Pull requests before the newest one that are tried. */
const TRIED = 20_000;

/** Namespaces whose names may be cut, and so do not say which pull request they belong to. */
export const cutNames = (namespaces) => namespaces.filter((name) => CUT.test(name));

/** Environments of which there is only such a namespace: every number is tried, since a hash tells nothing about its text. */
export function environmentsOfCut(namespaces, applicationOf, newest) {
  const wanted = new Set(namespaces);
  const found = [];
  for (let number = newest; number > Math.max(0, newest - TRIED) && wanted.size > 0; number -= 1) {
    if (wanted.delete(applicationOf(`pr-${number}`))) found.push({ number, leftover: true });
  }
  return found;
}

/**
 * Why an environment is to go, or undefined.
 *
 * @param pullRequest as GitHub's API describes it; undefined if there is none.
 * @param hours after its last update.
 */
export function reasonToRemove({ updated, leftover }, pullRequest, { label, hours, now = Date.now() }) {
  if (pullRequest === undefined) return { reason: 'there is no such pull request' };
  if (pullRequest.state !== 'open') return { reason: 'the pull request is closed' };
  if (!pullRequest.labels.some(({ name }) => name === label)) return { reason: `the label "${label}" was removed` };
  // It may be being made at this moment.
  if (leftover || updated === undefined || Number.isNaN(updated)) return undefined;
  if (now - updated <= hours * HOUR_MS) return undefined;
  return { reason: `it has had no update for ${hours} hours`, expired: true };
}
