// Text of others inside Markdown: nothing in it is markup. Pure.

export const bold = (word) => `**${word}**`;
/** Names of users' choice. */
export const code = (name) => `\`${String(name).replaceAll(/[`\r\n|]/g, ' ')}\``;

/** A text in which nothing is markup, a mention or a link. */
export function text(words) {
  return String(words)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\\`*_[\]<>#|~&$]/g, '\\$&')
    .replaceAll(/(^|[^\w])@(?=\w)/g, '$1@\u200b')
    .replaceAll(/\b(https?):\/\//gi, '$1:\u200b//');
}

/** A block that no line of the text ends. */
export function fence(body) {
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return [ticks, body, ticks].join('\n');
}
