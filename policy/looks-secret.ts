// Whether something looks like a secret: by its name, by a format that is known, or because it looks random. Pure.

const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|SECRETS|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|MASTER_?KEY|AUTH_?KEY|CREDENTIAL|CREDENTIALS)$/;
/** After what is secret comes its value; after these, something about it: `TOKEN_TTL`, `PASSWORD_FILE`. */
const VALUE_SUFFIX = /_(VALUE|PLAIN|TEXT|BASE64|B64|HASH|\d+)$/;

/** `dbPassword`, `db-password` and `DB_PASSWORD` are one name. */
const upperSnake = (name: string) =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toUpperCase();

/** Whether a variable of this name holds a secret. The shell's own `PWD` does not. */
export function isSecretName(name: string): boolean {
  const upper = upperSnake(name).replace(VALUE_SUFFIX, '');
  return upper !== 'PWD' && upper !== 'OLD_PWD' && SECRET_NAME.test(upper);
}

/** What stands for a secret, or is none: a path, a reference, a switch, a small number. */
export function isHarmless(value: string): boolean {
  return /^(|true|false|null|none|\d{1,5}|\$[({][^)}]*[)}]|\/[\w./-]+|arn:aws[\w-]*:.*)$/i.test(value.trim());
}

const FORMATS: [what: string, pattern: RegExp][] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})/],
  ['a GitLab token', /\bglpat-[\w-]{20}/],
  ['a Slack token', /\bxox[abeoprs]-[\w-]{10}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a Pulumi access token', /\bpul-[0-9a-f]{40}\b/],
  ['a Stripe key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}/],
  ['a Google API key', /\bAIza[\w-]{35}/],
  ['a JSON Web Token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a password in a URL', /\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]*:(?![${(<*])[^\s/@]+@/i],
];

/** Which kind of secret a text has in it; undefined if none that is known. */
export function knownSecret(text: string): string | undefined {
  return FORMATS.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Bits of Shannon entropy for each character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const CONTENT_NAME =
  /(^|_)(SHA|SHA\d+|DIGEST|HASH|CHECKSUM|COMMIT|REVISION|REV|VERSION|ETAG|INTEGRITY|FINGERPRINT)(_|$)/;

/** Neighbours of two kinds (upper case, lower case, digits), among all in the same part: words have few, what is random many. */
function mixing(parts: readonly string[]): number {
  const neighbours = parts.flatMap((part) => {
    const kinds = Array.from(part, (character) => (/\d/.test(character) ? 0 : /[a-z]/.test(character) ? 1 : 2));
    return kinds.slice(1).map((kind, index) => kind !== kinds[index]);
  });
  return neighbours.filter(Boolean).length / neighbours.length;
}

/**
 * Whether a value looks random, as keys and generated passwords do. Digests, identifiers and addresses, which look so as well, are known
 * by their form, or by the name of what holds them.
 */
export function looksRandom(name: string, value: string): boolean {
  if (CONTENT_NAME.test(upperSnake(name)) || UUID.test(value) || /^arn:|sha(256|384|512)[:-]/.test(value)) return false;
  // Keys in URL-safe base 64 have some of these in them.
  const tokens = /^[\w+/=-]+$/.test(value) ? [value.split(/[-_/]/)] : value.split(/[^A-Za-z\d+=]+/).map((one) => [one]);
  return tokens.some((parts) => {
    const token = parts.join('');
    if (/^[\da-f]+$/i.test(token)) return token.length >= 32 && /[a-f]/i.test(token) && entropy(token) >= 3;
    return token.length >= 20 && entropy(token) >= 3.6 && /\d/.test(token) && mixing(parts) >= 0.35;
  });
}
