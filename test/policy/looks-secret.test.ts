import fc from 'fast-check';
import { isHarmless, isSecretName, knownSecret, looksRandom } from '../../policy/looks-secret';

it.each([
  ...[
    'PASSWORD',
    'DB_PASSWORD',
    'dbPassword',
    'db-password',
    'API_KEY',
    'apikey',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'CLIENT_SECRET',
    'PASSWORD_1',
  ],
])('%s is the name of a secret', (name) => expect(isSecretName(name)).toBe(true));

it.each([
  ...[
    'PWD',
    'OLDPWD',
    'DB_PASSWORD_FILE',
    'TOKEN_TTL',
    'SECRET_NAME',
    'MAX_TOKENS',
    'KEYBOARD',
    'TOKENIZER',
    'API_KEY_ID',
    'PUBLIC_KEY',
    'PASSWORD_MIN_LENGTH',
  ],
])('%s is not', (name) => expect(isSecretName(name)).toBe(false));

it.each([
  '',
  'true',
  '3600',
  '/run/secrets/db',
  '$(DB_PASSWORD)',
  '${DB_PASSWORD}',
  'arn:aws:secretsmanager:eu-central-1:1:secret:x',
])('%j is harmless', (value) => expect(isHarmless(value)).toBe(true));

it.each(['hunter2', '123456', 'correct horse'])('%j may be a secret', (value) => expect(isHarmless(value)).toBe(false));

// Made up, and in parts, so that scanners of sources let them be.
it.each([
  ['a GitHub token', `ghp_${'a1B2'.repeat(9)}`],
  ['a JSON Web Token', ['eyJhbGciOiJI', 'eyJzdWIiOiIx', 'c2lnbmF0dXJl'].join('.')],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
  ['a password in a URL', 'amqp://shop:hunter2@queue:5672'],
])('%s is known', (kind, text) => expect(knownSecret(`x ${text}`)).toBe(kind));

it.each([
  'http://product:8080/a@b',
  'postgres://shop@db/shop',
  'postgres://shop:$(DB_PASSWORD)@db/shop',
  'mail@example.com:x',
])('%s has no password in it', (text) => expect(knownSecret(text)).toBeUndefined());

const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 }).filter((list) => new Set(list).size > list.length * 0.8);
const random = fc.tuple(bytes, fc.constantFrom<BufferEncoding>('base64', 'base64url', 'hex'));

it('a key looks random', () =>
  fc.assert(
    fc.property(random, ([key, encoding]) =>
      expect(looksRandom('KEY', Buffer.from(key).toString(encoding))).toBe(true),
    ),
    // By chance, a key may have as few changes between digits and letters as words have.
    { numRuns: 500, seed: 1 },
  ));

const WORDS = [
  'shop',
  'Order',
  'service',
  'Product',
  'database',
  'eu',
  'central',
  'internal',
  'Kubernetes',
  'replicas',
  'v2',
  '8080',
  'example',
  'com',
];
const SEPARATORS = ['-', '_', '.', '/', ':', ' ', ','];

it('words, names, addresses and paths do not', () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }),
      fc.constantFrom(...SEPARATORS),
      (words, separator) => expect(looksRandom('VALUE', words.join(separator))).toBe(false),
    ),
    { numRuns: 2_000 },
  ));

it.each([
  ['IMAGE', `a/b@sha256:${'0123456789abcdef'.repeat(4)}`],
  ['GIT_COMMIT', '0b3c8e7ad6f04e3c9a1bb5cdd0e4f7a2c1d2e3f4'],
  ['ID', '7e3f9a52-9c1d-4b7e-8f60-0d2a4c6e8b1f'],
  ['ROLE', 'arn:aws:iam::123456789012:role/aB3dE5fG7hI9jK1lM3nO5'],
])('%s=%s does not, though it is hard to remember', (name, value) => expect(looksRandom(name, value)).toBe(false));
