import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivePassword, InstallationKeyError, installationId, readInstallationKey } from '../../stacks/passwords';
import { isSecret, valueOf } from '../support/deployment';

const key = Buffer.alloc(32, 7);
const identity = { project: 'shop', stack: 'dev' };
const password = (
  change: { key?: Buffer; project?: string; stack?: string; name?: string; generation?: number } = {},
) => derivePassword(change.key ?? key, { ...identity, ...change }, change.name ?? 'db', change.generation ?? 1);

describe('a password', () => {
  it('is the same for ever, since data is kept under it', async () => {
    // Changing this value locks every installation out of its database.
    expect(await valueOf(password())).toBe('EGzSEmycwJP-rP8ujfo58FT9htxgbXJn');
  });

  it('is another for another key, project, stack, name or generation', async () => {
    const all = [
      password(),
      password({ key: Buffer.alloc(32, 8) }),
      password({ project: 'x' }),
      password({ stack: 'pr-1' }),
      password({ name: 'token' }),
      password({ generation: 2 }),
    ];
    expect(new Set(await Promise.all(all.map((one) => valueOf(one)))).size).toBe(all.length);
  });

  it('does not confuse where one part ends and the next begins', async () =>
    expect(await valueOf(password({ project: 'a', stack: 'bc' }))).not.toBe(
      await valueOf(password({ project: 'ab', stack: 'c' })),
    ));

  it('is a secret of 192 bits that needs no quoting anywhere', async () => {
    expect(await isSecret(password())).toBe(true);
    expect(await valueOf(password())).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });
});

describe('the key of the installation', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'key-'));
    mkdirSync(join(folder, '.local'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => writeFileSync(join(folder, '.local', 'installation-key'), text);

  it('is read from the file that set-up makes', () => {
    write(`${key.toString('base64url')}\n`);
    expect(readInstallationKey(folder)).toEqual(key);
  });

  it('that is missing is an error that says how to get one', () => {
    expect(() => readInstallationKey(folder)).toThrow(InstallationKeyError);
    expect(() => readInstallationKey(folder)).toThrow(
      /secrets are missing: \.local\/installation-key does not exist\. Run `npm run setup`/,
    );
  });

  it.each([
    ['', 0],
    [Buffer.alloc(31).toString('base64url'), 31],
    [Buffer.alloc(33).toString('base64url'), 33],
  ])('that is damaged is an error that does not show it: %j', (text, bytes) => {
    write(text);
    expect(() => readInstallationKey(folder)).toThrow(
      `.local/installation-key is damaged: it has ${bytes} bytes instead of 32. Put the right one back from a backup.`,
    );
  });
});

it('an installation has a short name that says nothing of its key', () => {
  expect(installationId(key)).toMatch(/^[0-9a-f]{4}$/);
  expect(installationId(key)).toBe(installationId(Buffer.alloc(32, 7)));
  expect(key.toString('hex')).not.toContain(installationId(key));
  expect(
    new Set(Array.from({ length: 50 }, (_, index) => installationId(Buffer.alloc(32, index)))).size,
  ).toBeGreaterThan(45);
});
