import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  changedFiles,
  describeRevision,
  inWorktree,
  renderRevision,
  resolveRevision,
  whyNot,
} from './plan-revisions.mjs';

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

test('a rendering that fails as a whole is told by its error and the place in the checkout', () => {
  const why = (stderr, code = 1) => whyNot({ code, stderr }, '/checkout', 300_000);
  const syntax = [
    '/checkout/stacks/shop.ts:12',
    '  definition = = 1;',
    '               ^',
    '',
    "SyntaxError: Unexpected token '='",
    '    at wrapSafe (node:internal/modules/cjs/loader:1:1)',
  ];
  assert.equal(why(syntax.join('\n')), "SyntaxError: Unexpected token '='\n  stacks/shop.ts:12");
  const thrown = [
    'TypeError: no',
    '    at a (/checkout/node_modules/x/y.ts:1:1)',
    '    at b (/checkout/stacks/shop.ts:3:4)',
  ];
  assert.equal(why(thrown.join('\n')), 'TypeError: no\n  at b (stacks/shop.ts:3:4)');
  assert.equal(why('', 1), 'exit code 1, without a word');
  assert.match(why('', 124), /not done after 300 s/);
});
