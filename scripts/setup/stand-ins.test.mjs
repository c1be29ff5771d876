import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/project.mjs';
import { planOf, standInList } from './stand-ins.mjs';

const clients = { ca: {}, files: {}, environment: {} };
const hashes = (list, files, given = clients) =>
  Object.fromEntries(planOf(list, files, given).map(({ image, hash }) => [image, hash]));
const changed = (one, other) => Object.keys(one).filter((image) => one[image] !== other[image]);

test('a changed recipe rebuilds its image and what is made from it, nothing else', () => {
  const list = standInList();
  const before = hashes(list, (folder) => folder);
  assert.deepEqual(
    changed(
      before,
      hashes(list, (folder) => (folder === 'haproxy' ? 'new' : folder)),
    ),
    ['haproxy:3.0'],
  );
  const python = changed(
    before,
    hashes(list, (folder) => (folder === 'python' ? 'new' : folder)),
  );
  assert.deepEqual(python, ['python:3.13-slim-trixie', 'eclipse-temurin:11-jre']);
  assert.equal(
    changed(
      before,
      hashes(list, (folder) => (folder === 'debian' ? 'new' : folder)),
    ).length,
    list.length,
  );
});

test("a changed setting of this machine's clients rebuilds only images that build", () => {
  const list = standInList();
  const other = hashes(list, (folder) => folder, { ...clients, environment: { NO_PROXY: 'x' } });
  const builders = list.filter(({ builder, needs }) => builder || needs).map(({ image }) => image);
  assert.deepEqual(
    changed(
      hashes(list, (folder) => folder),
      other,
    ),
    builders,
  );
});

test('every base image of the shop has a stand-in of the same name', () => {
  const known = standInList().map(({ image }) => image);
  const app = join(root, 'app');
  const files = existsSync(app)
    ? readdirSync(app)
        .map((name) => join(app, name, 'Dockerfile'))
        .filter(existsSync)
    : [];
  for (const file of files) {
    const bases = readFileSync(file, 'utf8').matchAll(/^ARG \w+_IMAGE=(\S+)/gm);
    for (const [, base] of bases) assert.ok(known.includes(base.replace(/@sha256:\w+$/, '')), `${base} in ${file}`);
  }
});
