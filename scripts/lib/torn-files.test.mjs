import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { removeTornFiles } from './torn-files.mjs';

const top = mkdtempSync(join(tmpdir(), 'torn-'));
after(() => rmSync(top, { recursive: true, force: true }));

test('attributes that are not whole go, and nothing else', () => {
  const folder = join(top, 'stacks', 'shop');
  mkdirSync(folder, { recursive: true });
  const contents = { 'a.json.attrs': '', 'b.json.attrs': '{"user.', 'c.json.attrs': '{"md5":null}', 'd.json': '' };
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
  removeTornFiles(top);
  assert.deepEqual(
    Object.keys(contents).filter((name) => existsSync(join(folder, name))),
    ['c.json.attrs', 'd.json'],
  );
});

test('where there is no stack yet there is nothing to do', () => removeTornFiles(join(top, 'none')));
