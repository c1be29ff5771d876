import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { PROVIDERS } from '../setup/toolchain.mjs';
import { root } from './project.mjs';
import { needsOf, onCluster, targetOf } from './stack-needs.mjs';

const TARGETS = ['docker', 'kubernetes', 'eks', 'aws-bootstrap', 'aws-cluster'];

test('each target of infra/config.ts has its needs, of providers that set-up knows', () => {
  const text = readFileSync(join(root, 'infra', 'index.ts'), 'utf8');
  assert.deepEqual([...text.matchAll(/case '([\w-]+)':/g)].map(([, target]) => target).sort(), [...TARGETS].sort());
  for (const target of TARGETS) for (const name of needsOf(target).providers) assert.ok(name in PROVIDERS, name);
});

test('a stack on Kubernetes needs both providers, one on AWS no engine', () => {
  assert.deepEqual(needsOf('kubernetes'), { providers: ['docker', 'kubernetes'], engine: true });
  assert.equal(needsOf('aws-cluster').engine, false);
  assert.deepEqual(needsOf(undefined), needsOf('docker'));
});

test('both targets for Kubernetes run in a cluster, and no other does', () => {
  assert.deepEqual(TARGETS.filter(onCluster), ['kubernetes', 'eks']);
  assert.equal(onCluster(undefined), false);
});

test('the target stands in the stack file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stack-needs-'));
  try {
    writeFileSync(join(folder, 'Pulumi.one.yaml'), "config:\n  shop:target: 'kubernetes' # a comment\n");
    writeFileSync(join(folder, 'Pulumi.empty.yaml'), '');
    assert.equal(await targetOf('one', folder), 'kubernetes');
    assert.equal(await targetOf('organization/shop/one', folder), 'kubernetes');
    assert.equal(await targetOf('empty', folder), undefined);
    assert.equal(await targetOf('none', folder), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
