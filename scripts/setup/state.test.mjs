import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseLostKeys } from '../lib/keys.mjs';
import { idOf, makeKeys, writeOnce } from './state.mjs';

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
    installationId: join(folder, 'installation-id'),
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
  rmSync(places.installationKey);
  writeFileSync(places.installationId, '3f2a');
  refuseLostKeys(places);
});

const placesIn = (folder) => ({
  passphrase: join(folder, 'passphrase'),
  installationId: join(folder, 'installation-id'),
  installationKey: join(folder, 'installation-key'),
});
const textOf = (file) => readFileSync(file, 'utf8');

test('an installation gets its keys and its id once', () => {
  const places = placesIn(mkdtempSync(join(tmpdir(), 'state-')));
  assert.equal(makeKeys(places), true);
  const first = Object.values(places).map(textOf);
  assert.equal(makeKeys(places), false);
  assert.deepEqual(Object.values(places).map(textOf), first);
  assert.match(textOf(places.installationId), /^[0-9a-f]{4}$/);
});

test('an installation from before ids gets the one that its names have', () => {
  const places = placesIn(mkdtempSync(join(tmpdir(), 'state-')));
  writeFileSync(places.installationKey, `${Buffer.alloc(32, 7).toString('base64url')}\n`);
  makeKeys(places);
  // Another one would rename everything that is deployed.
  assert.equal(textOf(places.installationId), 'e7b0');
  assert.equal(idOf(textOf(places.installationKey)), 'e7b0');
});

test('the id of another installation gets no key: it is for previews', () => {
  const places = placesIn(mkdtempSync(join(tmpdir(), 'state-')));
  writeFileSync(places.installationId, '3f2a');
  assert.equal(makeKeys(places), true);
  assert.ok(!existsSync(places.installationKey));
  assert.equal(textOf(places.installationId), '3f2a');
});
