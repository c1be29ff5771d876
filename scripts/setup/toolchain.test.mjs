import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

const home = mkdtempSync(join(tmpdir(), 'pulumi-home-'));
process.env.PULUMI_HOME = home;
const { toolchainPlaces } = await import('../lib/pulumi.mjs');
const { toolchain } = await import('./toolchain.mjs');
after(() => rmSync(home, { recursive: true }));

const places = toolchainPlaces();
for (const name of ['cli', 'languageHost', 'dockerProvider']) {
  mkdirSync(dirname(places[name]), { recursive: true });
  writeFileSync(places[name], '', { mode: 0o755 });
}

test('a provider that nobody has asked for is neither fetched nor built', async () => {
  const told = [];
  const result = await toolchain((text) => told.push(text));
  assert.match(result, /^Pulumi [\d.]+, Docker provider [\d.]+, present$/);
  assert.deepEqual(told, []);
});

test('providers lie where the official downloads would put them', () => {
  assert.match(places.kubernetesProvider, /plugins\/resource-kubernetes-v[\d.]+\/pulumi-resource-kubernetes$/);
  assert.match(places.dockerProvider, /plugins\/resource-docker-v[\d.]+\/pulumi-resource-docker$/);
});
