// Patterns in which "*" matches any characters.

/** Pure. */
export function matches(pattern: string, text: string): boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join('.*')}$`, 's').test(text);
}

export const matchesAny = (patterns: readonly string[], text: string) =>
  patterns.some((pattern) => matches(pattern, text));
