import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedFiles, describeRevision, inWorktree, renderRevision, resolveRevision } from './plan-revisions.mjs';

test('a revision is a commit, and nothing else that git would take', async () => {
  const head = await resolveRevision('HEAD');
  assert.match(head, /^[0-9a-f]{40}$/);
  assert.equal(await resolveRevision(head.slice(0, 12)), head);
  for (const name of ['no-such-branch', '--output=x', 'HEAD:README.md', '$(touch x)', '']) {
    await assert.rejects(resolveRevision(name), /is not a revision of this repository/);
  }
});

test('nothing differs between a commit and itself', async () => {
  const head = await resolveRevision('HEAD');
  assert.deepEqual(await changedFiles(head, head), []);
  assert.equal(await describeRevision('HEAD', head), `HEAD (${head.slice(0, 7)})`);
});

test('a worktree has the files of the commit and the installed packages, and goes also after a failure', async () => {
  const head = await resolveRevision('HEAD');
  let folder;
  await assert.rejects(
    inWorktree(head, (tree) => {
      folder = tree;
      assert.ok(existsSync(join(tree, 'package.json')));
      assert.ok(readdirSync(join(tree, 'node_modules')).includes('sucrase'));
      throw new Error('on purpose');
    }),
    /on purpose/,
  );
  assert.ok(!existsSync(folder));
});

test('a revision from before plans is told apart', () =>
  assert.rejects(renderRevision('/nowhere', {}), /it is from before `npm run plan`/));
