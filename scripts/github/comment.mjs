// The one comment on a pull request. Several workflows each have a section in it, which they replace.
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/report.mjs';
import { isOurs } from './api.mjs';

const FIRST_LINE = '<!-- shop: the state of this pull request -->';
/** Sections as they are shown. What a fork may have written comes last: nothing of ours can be hidden behind it. */
export const SECTIONS = ['environment', 'plan'];
/** GitHub takes 65,536 characters. */
export const MOST_CHARACTERS = 65_000;
const TRIES = 3;

const begin = (section) => `<!-- shop: section ${section} -->`;

/** The sections of a comment by name. Pure. */
export function sectionsOf(body) {
  const found = {};
  // In the order in which they are written: nothing after the beginning of the last section begins another.
  let rest = body.replaceAll('\r\n', '\n').slice(FIRST_LINE.length);
  for (const [index, section] of SECTIONS.entries()) {
    const at = rest.indexOf(`\n${begin(section)}\n`);
    if (at < 0) continue;
    const from = at + begin(section).length + 2;
    const ends = SECTIONS.slice(index + 1)
      .map((next) => rest.indexOf(`\n${begin(next)}\n`, from - 1))
      .filter((end) => end >= 0);
    const end = Math.min(rest.length, ...ends);
    found[section] = rest.slice(from, end).trim();
    rest = rest.slice(end);
  }
  return found;
}

/** A comment of these sections. Pure. */
export function bodyOf(sections) {
  const present = SECTIONS.filter((section) => sections[section]);
  return [FIRST_LINE, ...present.map((section) => `${begin(section)}\n${sections[section]}`)].join('\n');
}

/**
 * Sets one section of the comment on a pull request; the others stay. Without text, the section goes.
 *
 * @returns the comment, or undefined if there is none and nothing to say.
 */
export async function setSection(github, number, section, content, { wait = 1_000 } = {}) {
  if (!SECTIONS.includes(section)) throw new Error(`there is no section ${section}`);
  const text = content.trim();
  for (let tries = 1; ; tries += 1) {
    const before = await ownComment(github, number);
    if (!before && text === '') return undefined;
    const body = bodyOf({ ...sectionsOf(before?.body ?? ''), [section]: text });
    if (body.length > MOST_CHARACTERS) throw new UserError(`the comment would have ${body.length} characters`);
    if (body === before?.body) return before;
    const written = before
      ? await github.patch(`issues/comments/${before.id}`, { body })
      : await github.post(`issues/${number}/comments`, { body });
    // Two workflows at once: whoever finds their section gone, or a comment before theirs, writes once more.
    const after = await ownComment(github, number);
    if (after?.id !== written.id) await github.delete(`issues/comments/${written.id}`);
    else if ((sectionsOf(after.body)[section] ?? '') === text) return after;
    if (tries === TRIES)
      throw new UserError(`the comment on #${number} kept changing while it was being updated (${TRIES} attempts)`);
    await sleep(wait * tries);
  }
}

/** The first comment that is ours, and not of another purpose. */
async function ownComment(github, number) {
  const comments = await github.list(`issues/${number}/comments`);
  return comments.find((one) => isOurs(one) && one.body.startsWith(FIRST_LINE));
}
