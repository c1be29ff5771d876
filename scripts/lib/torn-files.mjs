// Files of Pulumi's file backend that a kill has torn. A state itself is put in place whole; the file with its attributes
// beside it is written in place. While that is empty the CLI says `EOF` to every command on any stack.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './backend-files.mjs';
import { local } from './project.mjs';

/** What is beside each file; the CLI does without. */
const ATTRIBUTES = '.attrs';

/** Removes attributes that are not whole. */
export function removeTornFiles(folder = join(local.state, '.pulumi')) {
  // Not those of the history, of which there are many and which no command needs.
  for (const part of ['stacks', 'locks']) {
    for (const file of filesBelow(join(folder, part), ATTRIBUTES)) if (isTorn(file)) rmSync(file, { force: true });
  }
}

function isTorn(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return false; // it was just removed
  }
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}
