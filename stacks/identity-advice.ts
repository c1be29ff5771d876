import type { IdentityFacts } from '../components';

/** What to do where a stack would lose its objects and data. */
export function identityAdvice(before: IdentityFacts, now: IdentityFacts): string {
  if (before['target'] !== now['target'])
    return (
      `Set the target back to ${before['target']}; another target is for another stack. To move this one there without its data, ` +
      '`npm run down` with the old target first.'
    );
  if (before['stack'] !== now['stack'])
    return (
      `If the stack was renamed, \`npx pulumi config set renamedFrom ${before['stack']}\` goes on with what the stack ${before['stack']} ` +
      'has, under its names; or rename it back.'
    );
  if (before['project'] !== now['project'])
    return `Set the project's name back to ${before['project']}: a project that is deployed cannot be renamed.`;
  if (before['names'] !== now['names'])
    return (
      'Names are also derived from .local/installation-key: restore the key of the checkout that deployed this stack. To start over ' +
      'without its data, `npm run down` in that checkout first.'
    );
  return (
    `Set the namespace back to ${before['namespace']}: its data cannot move to another one. To begin anew there, without the data, ` +
    '`npm run down` first.'
  );
}
