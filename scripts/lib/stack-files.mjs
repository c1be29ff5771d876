// The committed stack files (Pulumi.<stack>.yaml) and the salt that Pulumi writes into them.
//
// With the passphrase provider every Pulumi command writes `encryptionsalt: …` into the stack's file. The salt belongs to
// one installation's passphrase, so it must not reach the repository; Pulumi keeps the same salt in the state and falls
// back to it (PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER). So the line is taken out again after each command, also one that
// an earlier, interrupted command left behind. It stays where the file holds encrypted values: they need each other.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The stack files of a project: name → text. */
export function readStackFiles(folder) {
  const names = readdirSync(folder).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Takes the salts out. Where nothing else changed since `before`, the file is byte for byte as it was. */
export function removeSalts(folder, before) {
  for (const [name, text] of Object.entries(readStackFiles(folder))) {
    const clean = withoutSalt(text, before[name]);
    if (clean === text) continue;
    // A new stack without configuration got its file only for the salt.
    if (before[name] === undefined && clean.trim() === '') rmSync(join(folder, name));
    else writeFileSync(join(folder, name), clean);
  }
}

export function withoutSalt(text, before) {
  if (/(^|[\s{,-])secure:\s/m.test(text)) return text;
  const stripped = text.replace(/^encryptionsalt:.*\r?\n?/m, '');
  if (stripped === text) return text;
  // Pulumi writes the file anew, in its own indentation; a person's formatting comes back if it says the same.
  return before !== undefined && sameWords(stripped, before)
    ? before.replace(/^encryptionsalt:.*\r?\n?/m, '')
    : stripped;
}

/** Whether two YAML texts differ only in indentation, blank lines and an empty mapping `{}`. */
function sameWords(one, other) {
  const words = (text) =>
    text
      .replace(/^encryptionsalt:.*$/m, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && line !== '{}')
      .join('\n');
  return words(one) === words(other);
}
