// Markdown that a fork may have written, made harmless. It keeps its tables, lists, code and folded sections; it mentions nobody,
// links to nothing, loads nothing, and hides nothing. Pure.

/** Breaks up what has a meaning, and is not seen. */
const BREAK = '\u200b';
/** The only tags that a plan has. */
const TAGS = ['<details>', '</details>', '<summary>', '</summary>', '<sub>', '</sub>'];
// C0 and C1 but tab and line feed; marks that reorder or hide text; line separators of Unicode.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** @param limit characters; what is longer is cut off at a line. */
export function harmless(markdown, { limit = Number.POSITIVE_INFINITY } = {}) {
  const plain = markdown.replaceAll('\r\n', '\n').replaceAll(INVISIBLE, '');
  const broken = balanced(withoutTags(plain))
    // The rules follow GitHub's Markdown; they hold in code as well, so that nothing depends on where code ends.
    .replaceAll(/@(?=[A-Za-z0-9_])/g, `@${BREAK}`)
    .replaceAll(/#(?=\d)/g, `#${BREAK}`)
    .replaceAll(/\b(GH)-(?=\d)/gi, `$1-${BREAK}`)
    .replaceAll(/:(?=\/\/)/g, `:${BREAK}`)
    .replaceAll(/\b(www)\.(?=\S)/gi, `$1${BREAK}.`)
    .replaceAll(/\b(mailto|xmpp|javascript|data):(?=\S)/gi, `$1${BREAK}:`)
    .replaceAll(/!(?=\[)/g, `!${BREAK}`)
    .replaceAll(/\](?=[([:])/g, `]${BREAK}`)
    .replaceAll(/&(?=[#A-Za-z])/g, `&${BREAK}`)
    // Fences keep their ticks and lose their language: some are drawn instead of shown.
    .replaceAll(/^([ \t>]*(?:`{3,}|~{3,}))[^`\n]*$/gm, '$1')
    // Commands of bots that read comments.
    .replaceAll(/^([ \t>*+-]*)\/(?=\w)/gm, `$1${BREAK}/`);
  return cut(broken, limit);
}

/** No tag, comment or link in angle brackets but those of a plan, written as a plan writes them. */
function withoutTags(text) {
  return text.replaceAll(/<(?=[A-Za-z/!?])/g, (open, at) =>
    TAGS.some((tag) => text.startsWith(tag, at)) ? open : `${open}${BREAK}`,
  );
}

/** Each tag that is opened is closed, in order, so that nothing after the text is folded into it. */
function balanced(text) {
  const open = [];
  const body = text.replaceAll(/<(\/?)(details|summary|sub)>/g, (tag, closes, name) => {
    if (!closes) {
      open.push(name);
      return tag;
    }
    if (open.at(-1) !== name) return `<${BREAK}${tag.slice(1)}`;
    open.pop();
    return tag;
  });
  return [body, ...open.reverse().map((name) => `</${name}>`)].join('');
}

function cut(text, limit) {
  if (text.length <= limit) return text;
  const shorter = text.slice(0, limit);
  const line = shorter.lastIndexOf('\n');
  // Whatever was open at this place is closed, and nothing is said of where the rest is: that is for whoever knows.
  return `${balanced(shorter.slice(0, line > 0 ? line : limit))}\n\n…`;
}
