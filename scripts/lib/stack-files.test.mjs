import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readStackFiles, removeSalts, withoutSalt } from './stack-files.mjs';

const SALT = 'encryptionsalt: v1:abc=:v1:def\n';

test('a salt is taken out and nothing else', () => {
  assert.equal(withoutSalt(`config:\n  a:b: c\n${SALT}`), 'config:\n  a:b: c\n');
  assert.equal(withoutSalt('config: {}\n'), 'config: {}\n');
});

test('a salt stays with the encrypted values that need it', () => {
  for (const secure of [
    'config:\n  a:b:\n    secure: v1:x\n',
    'config:\n  a:b:\n    - secure: v1:x\n',
    'config:\n  a:b:\n    c: {secure: v1:x}\n',
  ]) {
    const text = `${secure}${SALT}`;
    assert.equal(withoutSalt(text), text);
  }
});

test("a person's formatting survives when only the salt was added", () => {
  const before = '# comment\nconfig:\n\n    a:b: c\n';
  assert.equal(withoutSalt(`# comment\nconfig:\n  a:b: c\n${SALT}`, before), before);
  assert.equal(withoutSalt(`# comment\nconfig:\n  a:b: d\n${SALT}`, before), '# comment\nconfig:\n  a:b: d\n');
});

test('a salt left behind by an interrupted command is taken out by the next one', () => {
  const before = `config:\n  a:b: c\n${SALT}`;
  assert.equal(withoutSalt(before, before), 'config:\n  a:b: c\n');
});

test('stack files are cleaned, the project file is left alone, a file made only for its salt goes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stack-files-'));
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write('Pulumi.yaml', SALT);
  write('Pulumi.dev.yaml', 'config:\n  a:b: c\n');
  const before = readStackFiles(folder);
  write('Pulumi.dev.yaml', `config:\n  a:b: c\n${SALT}`);
  write('Pulumi.new.yaml', SALT);
  removeSalts(folder, before);
  assert.equal(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8'), SALT);
  assert.equal(readFileSync(join(folder, 'Pulumi.dev.yaml'), 'utf8'), 'config:\n  a:b: c\n');
  assert.equal(existsSync(join(folder, 'Pulumi.new.yaml')), false);
});
