/**
 * Kubernetes replaces `$(NAME)` in commands and values, and `$$` by `$`. Doubled, every dollar sign arrives as it is, as on
 * every other target.
 */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
