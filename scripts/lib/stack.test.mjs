import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectName, root } from './project.mjs';
import { applicationOf, readInstallationId, renamedFrom } from './stack.mjs';

test('the name of an application is the one that the program gives it', () => {
  const stacks = ['dev', 'pr-42', 'A_b.C', 'a-name-that-is-much-longer-than-a-label'];
  const program = `
    const { namePrefix } = require('./components/identity');
    const installation = '3f2a';
    const [project, ...stacks] = process.argv.slice(1);
    console.log(JSON.stringify(stacks.map((stack) => namePrefix({ project, stack, installation }, project))));`;
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const printed = execFileSync(process.execPath, [tsx, '-e', program, projectName(), ...stacks], { cwd: root });
  assert.deepEqual(
    stacks.map((stack) => applicationOf(stack, '3f2a')),
    JSON.parse(printed.toString()),
  );
});

test('without the id of an installation nothing can be found, which is an error that says what to do', () => {
  assert.throws(() => readInstallationId(join(root, 'no-such-file')), {
    message: 'this machine is not set up for the project yet',
    mend: '`npm run setup` does that',
  });
});

test('a stack that was renamed is called by the name of before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  try {
    for (const line of ['  shop:renamedFrom: dev', '  "shop:renamedFrom": "dev"', "  'shop:renamedFrom': 'dev'"]) {
      writeFileSync(join(folder, 'Pulumi.dev2.yaml'), `config:\n  shop:target: docker\n${line}\n`);
      assert.equal(renamedFrom('shop', 'dev2', folder), 'dev');
    }
    assert.equal(renamedFrom('other', 'dev2', folder), undefined);
    assert.equal(renamedFrom('shop', 'dev', folder), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
