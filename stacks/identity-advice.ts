import * as pulumi from '@pulumi/pulumi';
import type { IdentityFacts } from '../components';

/** What to do where a stack would lose its objects and data. */
export function identityAdvice(before: IdentityFacts, now: IdentityFacts): string {
  const stack = `--stack ${pulumi.getStack()}`;
  const down = `\`npm run down -- ${stack}\``;
  if (before['target'] !== now['target'])
    return (
      `A stack cannot change its target. Set it back: npx pulumi config set ${stack} target ${before['target']}. ` +
      `To deploy to ${now['target']}, create another stack; data does not move.`
    );
  if (before['stack'] !== now['stack'])
    return (
      `If the stack was renamed, \`npx pulumi config set ${stack} renamedFrom ${before['stack']}\` goes on with what the stack ${before['stack']} ` +
      'has, under its names; or rename it back.'
    );
  if (before['project'] !== now['project'])
    return `Set the project's name back to ${before['project']}: a project that is deployed cannot be renamed.`;
  if (before['names'] !== now['names'])
    return (
      'Names are also derived from .local/installation-id: restore that of the checkout that deployed this stack. To start over ' +
      `without its data, ${down} in that checkout first.`
    );
  return (
    `Set the namespace back to ${before['namespace']}: its data cannot move to another one. To begin anew there, without the data, ` +
    `${down} first.`
  );
}
