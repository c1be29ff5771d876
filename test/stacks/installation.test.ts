import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstallationError, readInstallation } from '../../stacks/installation';

const key = Buffer.alloc(32, 7);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'installation-'));
  mkdirSync(join(folder, '.local'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (file: 'id' | 'key', text: string) => writeFileSync(join(folder, '.local', `installation-${file}`), text);

it('is read from the files that set-up makes', () => {
  write('id', '3f2a\n');
  write('key', `${key.toString('base64url')}\n`);
  expect(readInstallation(folder, false)).toEqual({ id: '3f2a', key });
});

it('has no key in a preview, not even one that is there', () => {
  write('id', '3f2a');
  expect(readInstallation(folder, true)).toEqual({ id: '3f2a' });
  write('key', 'damaged');
  expect(readInstallation(folder, true)).toEqual({ id: '3f2a' });
});

it('that is missing is an error that says how to get one', () => {
  expect(() => readInstallation(folder, true)).toThrow(InstallationError);
  expect(() => readInstallation(folder, true)).toThrow(/installation-id does not exist\. Run `npm run setup`/);
  write('id', '3f2a');
  expect(() => readInstallation(folder, false)).toThrow(
    /^secrets are missing: \.local\/installation-key does not exist\. Previews do without/,
  );
});

it.each(['', '3f2', '3F2A', 'id of 3f2a'])('with a damaged id is an error: %j', (text) => {
  write('id', text);
  expect(() => readInstallation(folder, true)).toThrow('.local/installation-id is damaged');
});

it.each([
  ['', 0],
  [Buffer.alloc(31).toString('base64url'), 31],
  [Buffer.alloc(33).toString('base64url'), 33],
])('with a damaged key is an error that does not show it: %j', (text, bytes) => {
  write('id', '3f2a');
  write('key', text);
  expect(() => readInstallation(folder, false)).toThrow(
    `.local/installation-key is damaged: it has ${bytes} bytes instead of 32. Put the right one back from a backup.`,
  );
});
