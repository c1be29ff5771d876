// What the scripts share about a stack: which one is meant, and the labels of everything that belongs to it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { local, projectName } from './project.mjs';

export const PART_OF = 'app.kubernetes.io/part-of';
export const NAME = 'app.kubernetes.io/name';
export const COMPONENT = 'app.kubernetes.io/component';

const DEFAULT_STACK = 'dev';

/** Splits `--stack X` (or -s X, --stack=X) from the arguments that go on to another program as they are. */
export function takeStack(argv) {
  let stack = DEFAULT_STACK;
  const rest = [];
  for (let at = 0; at < argv.length; at += 1) {
    const [, inline] = /^--stack=(.+)$/.exec(argv[at]) ?? [];
    if (inline) stack = inline;
    else if ((argv[at] === '--stack' || argv[at] === '-s') && argv[at + 1] !== undefined) stack = argv[(at += 1)];
    else rest.push(argv[at]);
  }
  return { stack, rest };
}

/**
 * The value of the label part-of, as components/identity.ts (namePrefix) and stacks/passwords.ts
 * (installationId) work it out; a test holds them together.
 */
export function applicationOf(stack, key = readKey()) {
  const installation = createHash('sha256').update('installation').update(key).digest('hex').slice(0, 4);
  const project = projectName();
  const name = stack.split('/').at(-1); // a backend of one's own may want organization/project/stack
  const readable = `${project}-${name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 16)
    .replace(/-+$/, '');
  const hash = createHash('sha256')
    .update(JSON.stringify([project, name, project, installation]))
    .digest('hex');
  return `${readable || 'app'}-${hash.slice(0, 6)}`;
}

export function labelOf(stack) {
  return `${PART_OF}=${applicationOf(stack)}`;
}

function readKey() {
  return Buffer.from(readFileSync(local.installationKey, 'utf8').trim(), 'base64url');
}
