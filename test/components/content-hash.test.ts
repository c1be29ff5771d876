import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildFiles, contentHash } from '../../components/content-hash';

let folder: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'content-'));
  write('Dockerfile', 'FROM scratch\n');
  write('src/main.py', 'print()\n');
});
afterEach(() => rmSync(folder, { recursive: true }));
const hash = (inputs = {}) => contentHash(folder, inputs);
/** Whether something changes the hash. */
const changes = (change: () => void) => {
  const before = hash();
  change();
  return hash() !== before;
};

describe('the hash of what an image is built from', () => {
  it('is the same for the same, whenever it was written', () => {
    expect(changes(() => utimesSync(join(folder, 'Dockerfile'), 1, 1))).toBe(false);
    expect(changes(() => write('Dockerfile', 'FROM scratch\n'))).toBe(false);
    expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, () => void]>([
    ['content', () => write('src/main.py', 'print(1)\n')],
    ['a new file', () => write('src/new.py', '')],
    ['a removed file', () => rmSync(join(folder, 'src/main.py'))],
    ['a name', () => renameSync(join(folder, 'src/main.py'), join(folder, 'src/start.py'))],
    ['a folder', () => renameSync(join(folder, 'src'), join(folder, 'lib'))],
    ['the executable bit', () => chmodSync(join(folder, 'src/main.py'), 0o755)],
    ['the executable bit of the owner alone', () => chmodSync(join(folder, 'src/main.py'), 0o744)],
    ['the target of a link', () => symlinkSync('main.py', join(folder, 'src/link'))],
  ])('changes with %s', (_, change) => expect(changes(change)).toBe(true));

  it('tells a link from a file with the same text, and follows none', () => {
    const before = hash();
    symlinkSync('/nowhere', join(folder, 'link'));
    const asLink = hash();
    rmSync(join(folder, 'link'));
    write('link', '/nowhere');
    expect(new Set([before, asLink, hash()]).size).toBe(3);
  });

  it('tells where one file ends and the next begins', () => {
    write('a', 'x');
    write('b', '');
    const before = hash();
    write('a', '');
    write('b', 'x');
    expect(hash()).not.toBe(before);
    write('a', 'x\0b\0file\0');
    rmSync(join(folder, 'b'));
    const joined = hash();
    write('a', 'x');
    write('b', '');
    expect(joined).not.toBe(hash());
  });

  it('does not change with permissions that a checkout does not keep', () =>
    expect(changes(() => chmodSync(join(folder, 'src/main.py'), 0o600))).toBe(false));

  it("changes with the build's other inputs, not with their order", () => {
    expect(hash({ target: 'a' })).not.toBe(hash({ target: 'b' }));
    expect(hash({ buildArgs: { A: '1', B: '2' }, target: 'x' })).toBe(
      hash({ target: 'x', buildArgs: { B: '2', A: '1' } }),
    );
    expect(hash({ buildArgs: { A: '1', B: '2' } })).not.toBe(hash({ buildArgs: { A: '2', B: '1' } }));
  });
});

describe('files that reach the builder', () => {
  it('are all, sorted, with forward slashes', () => {
    write('b', '');
    write('a/z/y', '');
    expect(buildFiles(folder)).toEqual(['Dockerfile', 'a/z/y', 'b', 'src/main.py']);
  });

  it('are not those that .dockerignore names', () => {
    write('.dockerignore', '# comment\n**/*.log\nsecret\n!keep.log\n');
    for (const path of ['keep.log', 'drop.log', 'src/deep/x.log', 'secret/key', 'Secret']) write(path, '');
    expect(buildFiles(folder)).toEqual(['.dockerignore', 'Dockerfile', 'Secret', 'keep.log', 'src/main.py']);
    expect(changes(() => write('src/other.log', 'x'))).toBe(false);
    expect(changes(() => write('keep.log', 'x'))).toBe(true);
  });

  it('are those that an ignore file of everything names as exceptions', () => {
    write('.dockerignore', '*\n!src\n**/__pycache__\n');
    write('src/__pycache__/x.pyc', '');
    expect(buildFiles(folder)).toEqual(['src/main.py']);
  });

  it('are no installed packages and no history of git', () => {
    for (const path of ['node_modules/a/x.js', 'src/node_modules/y.js', '.git/HEAD']) write(path, '');
    expect(buildFiles(folder)).toEqual(['Dockerfile', 'src/main.py']);
  });
});
