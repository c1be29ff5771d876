import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseLostKeys, writeOnce } from './state.mjs';

test('a key is written once, readable by its owner only, and never again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  const file = join(folder, 'key');
  assert.equal(writeOnce(file, 'first'), true);
  assert.equal(writeOnce(file, 'second'), false);
  assert.equal(readFileSync(file, 'utf8'), 'first');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['key']);
});

test('keys are made where nothing is deployed, and no new ones in place of lost ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  const places = {
    state: join(folder, 'state'),
    passphrase: join(folder, 'passphrase'),
    installationKey: join(folder, 'installation-key'),
  };
  refuseLostKeys(places);
  const stacks = join(places.state, '.pulumi', 'stacks', 'shop');
  mkdirSync(stacks, { recursive: true });
  refuseLostKeys(places);
  for (const file of ['dev.json', 'dev.json.bak', 'mine.json']) writeFileSync(join(stacks, file), '{}');
  assert.throws(
    () => refuseLostKeys(places),
    /^UserError: .local\/passphrase and .local\/installation-key are missing.*: dev, mine$/,
  );
  writeFileSync(places.passphrase, 'x');
  assert.throws(() => refuseLostKeys(places), /^UserError: .local\/installation-key is missing.*: dev, mine$/);
  writeFileSync(places.installationKey, 'x');
  refuseLostKeys(places);
});
