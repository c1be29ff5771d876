import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fits, localBackend, ownBackend, pulumiEnvironment } from './pulumi.mjs';

test('a CLI fits if it is not older than the SDK and of the same major version', () => {
  for (const version of ['v3.259.0', '3.259.1', 'v3.300.0']) assert.equal(fits(version, '3.259.0'), true, version);
  for (const version of ['v3.258.9', 'v4.0.0', 'v2.999.0', '', 'v3.260.0-dev'])
    assert.equal(fits(version, '3.259.0'), false, version);
});

test('without a login the state is in the project', () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  assert.equal(ownBackend({}, home, ''), undefined);
  assert.equal(ownBackend({ PULUMI_BACKEND_URL: localBackend() }, home, ''), undefined);
});

test("a user's own backend is found wherever Pulumi looks for it", () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  assert.equal(ownBackend({ PULUMI_BACKEND_URL: 's3://mine' }, home, ''), 's3://mine');
  assert.ok(ownBackend({ PULUMI_ACCESS_TOKEN: 'x' }, home, ''));
  assert.ok(ownBackend({}, home, 'name: shop\nbackend:\n  url: s3://mine\n'));
  writeFileSync(join(home, 'credentials.json'), JSON.stringify({ current: 'https://api.pulumi.com' }));
  assert.equal(ownBackend({}, home, ''), 'https://api.pulumi.com');
});

test('plugins are fetched when a resource first uses them: not before, but then without a question', async () => {
  const env = await pulumiEnvironment('/bin/pulumi', { DOCKER_HOST: 'unix:///engine' });
  assert.equal(env.PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL, 'true');
  assert.equal(env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, undefined);
});

test('whoever wants them all at once has them', async () => {
  const asked = { DOCKER_HOST: 'unix:///engine', PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL: 'false' };
  assert.equal((await pulumiEnvironment('/bin/pulumi', asked)).PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL, 'false');
});
