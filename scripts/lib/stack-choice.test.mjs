import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findCli } from './pulumi.mjs';
import { must } from './run.mjs';
import { isAmong, selectedInWorkspace, unknownStack } from './stack-choice.mjs';

const top = mkdtempSync(join(tmpdir(), 'stack-choice-'));
after(() => rmSync(top, { recursive: true, force: true }));

test('a stack that does not exist is an error that says which one was meant, or which there are', () => {
  const known = ['dev', 'staging', 'prod', 'organization/shop/pr-42', 'dev'];
  assert.deepEqual({ ...unknownStack('stagign', known) }.mend, 'did you mean staging?');
  assert.equal(unknownStack('me/shop/pr-24', known).mend, 'did you mean pr-42?');
  const other = unknownStack('elsewhere', known);
  assert.equal(other.message, 'there is no stack "elsewhere"');
  assert.match(
    other.mend,
    /^there are: dev, pr-42, prod, staging; a new one is a new file Pulumi\.NAME\.yaml, or `npx/,
  );
});

test('a stack may be named with organization and project, or without', () => {
  assert.ok(isAmong('dev', ['dev']));
  assert.ok(isAmong('organization/shop/dev', ['dev']));
  assert.ok(isAmong('dev', ['organization/shop/dev']));
  assert.ok(!isAmong('dev', ['my-dev', 'dev-2']));
});

/** A project with a home and a backend of its own. */
async function project() {
  const folder = mkdtempSync(join(top, 'project-'));
  const home = join(folder, 'home');
  const state = join(folder, 'state');
  mkdirSync(state);
  writeFileSync(join(folder, 'Pulumi.yaml'), 'name: shop\nruntime: nodejs\n');
  const backend = pathToFileURL(state).href;
  const env = {
    ...process.env,
    PWD: folder,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: backend,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
  delete env.PULUMI_STACK;
  return { folder, home, backend, env };
}

const cli = await findCli();

test('the selected stack is the one that the CLI has selected', { skip: !cli && 'no Pulumi CLI' }, async () => {
  const { folder, home, backend, env } = await project();
  const selected = (options) => selectedInWorkspace(backend, { folder, home, env, ...options });
  const pulumi = (args, more) => must(cli, [...args, '--non-interactive'], { cwd: folder, env, ...more });
  assert.deepEqual(selected(), {});
  await pulumi(['stack', 'init', 'one']);
  assert.deepEqual(selected(), { stack: 'one' });
  await pulumi(['stack', 'init', 'two', '--no-select']);
  assert.deepEqual(selected(), { stack: 'one' });
  assert.equal((await pulumi(['stack', '--show-name'])).trim(), 'one');
  // Of another backend it says nothing, and the CLI is asked.
  assert.equal(selectedInWorkspace('file:///elsewhere', { folder, home, env }), undefined);

  // The shell's name of the folder counts, as it does for the CLI.
  const link = join(top, 'link');
  symlinkSync(folder, link);
  const there = { env: { ...env, PWD: link } };
  assert.deepEqual(selected(there), {});
  await pulumi(['stack', 'select', 'two'], there);
  assert.deepEqual(selected(there), { stack: 'two' });
  assert.deepEqual(selected(), { stack: 'one' });
});

test('an older workspace file, with one stack for all backends, is read as well', async () => {
  const { createHash } = await import('node:crypto');
  const { folder, home, backend, env } = await project();
  const hash = createHash('sha1').update(join(folder, 'Pulumi.yaml')).digest('hex');
  mkdirSync(join(home, 'workspaces'), { recursive: true });
  writeFileSync(join(home, 'workspaces', `shop-${hash}-workspace.json`), '{"stack": "organization/shop/three"}');
  assert.deepEqual(selectedInWorkspace(backend, { folder, home, env }), { stack: 'three' });
});
