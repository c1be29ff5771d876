/** Configuration by key, with its namespace; `undefined` removes a key. */
export type StackConfig = Record<string, unknown>;

/**
 * The text of a stack's configuration file with some keys changed. JSON is YAML, so values need no other quoting; all
 * other lines, comments included, stay as they are.
 */
export function mergeConfig(text: string, changes: StackConfig): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const kept: string[] = [];
  let skipping = false;
  for (const line of lines) {
    const key = /^ {2}(["']?)([^\s"'#][^"'#]*?)\1:(?:\s|$)/.exec(line)?.[2];
    if (key !== undefined) skipping = key in changes;
    else if (!/^ {3,}|^\s*$/.test(line)) skipping = false;
    if (!skipping) kept.push(/^config:\s*\{\}\s*$/.test(line) ? 'config:' : line);
  }
  const added = Object.entries(changes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const at = kept.findIndex((line) => /^config:\s*$/.test(line));
  if (at >= 0) kept.splice(at + 1, 0, ...added);
  else if (added.length > 0) kept.push('config:', ...added);
  return `${kept.join('\n')}\n`;
}
