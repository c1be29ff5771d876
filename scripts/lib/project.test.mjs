import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFolder, root } from './project.mjs';

test('a program runs in the folder that `main` of its project names, or that it lies in', () => {
  assert.equal(programFolder(), join(root, 'infra'));
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  try {
    for (const [line, wanted] of [
      ['', folder],
      ['main: program', join(folder, 'program')],
      ["main: './program/index.ts'", join(folder, 'program')],
      ['main: index.ts # here', folder],
    ]) {
      writeFileSync(join(folder, 'Pulumi.yaml'), `name: x\n${line}\n`);
      assert.equal(programFolder(folder), wanted);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
